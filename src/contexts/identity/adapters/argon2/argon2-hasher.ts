import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Gauge, type Registry } from 'prom-client';
import type { Hasher } from '../../application/ports.ts';
import { type Limit, limited } from './limited.ts';

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane; some 20 ms of a core. argon2id is the library's default. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const BATCH_SESSIONS = 1;
const OPTIONS: Options = { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: BATCH_SESSIONS };

/**
 * At most half the cores hash at once, so that a storm of log-ins leaves the other half to issue coupons; 256 wait (5 s on one
 * core), more are told to come again.
 */
export const HASH_LIMIT: Limit = {
  running: Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2))),
  waiting: 256,
};

/** argon2id on the thread pool of libuv. */
export function argon2Hasher(metrics: Registry, limit: Limit = HASH_LIMIT): Hasher {
  const work = limited(limit);
  gauge(metrics, 'stampede_password_hashes_running', 'Passwords being hashed now', work.running);
  gauge(metrics, 'stampede_password_hashes_waiting', 'Passwords waiting to be hashed', work.waiting);
  const nobody = unmatchableHash();
  return {
    hash: (password) => work.run(() => hash(password, OPTIONS)),
    verify: (stored, password) =>
      work.run(async () => (await verify(stored ?? nobody, password)) && stored !== undefined),
  };
}

/** The hash of no known password, with today's parameters: verifying against it costs exactly what a real one costs. */
function unmatchableHash(): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${BATCH_SESSIONS}$${base64(16)}$${base64(32)}`;
}

function gauge(metrics: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [metrics],
    collect() {
      this.set(value());
    },
  });
}
