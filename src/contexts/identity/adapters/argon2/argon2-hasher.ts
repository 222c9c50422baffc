import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Gauge, type Registry } from 'prom-client';
import { type Limit, limited } from '../../../../platform/kernel/limited.ts';
import type { Hasher } from '../../application/ports.ts';
import { NO_PASSWORD } from '../../domain/password.ts';

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane; about 20 ms of a core. argon2id is the library's default. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const OPTIONS: Options = { memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES };

/**
 * At most half the cores hash at once, so that a burst of log-ins leaves the other half to issue coupons. 256 requests wait (5 s on one
 * core); more are refused.
 */
export const hashLimit = (cores: number): Limit => ({
  running: Math.min(4, Math.max(1, Math.floor(cores / 2))),
  waiting: 256,
  refusal: 'too many passwords wait to be hashed',
});

/** argon2id on the thread pool of libuv. */
export function argon2Hasher(metrics: Registry, cores = availableParallelism()): Hasher {
  const work = limited(hashLimit(cores));
  gauge(metrics, 'stampede_password_hashes_running', 'Passwords being hashed now', work.running);
  gauge(metrics, 'stampede_password_hashes_waiting', 'Passwords waiting to be hashed', work.waiting);
  const unmatchable = unmatchableHash();
  return {
    hash: (password) => work.run(() => hash(password, OPTIONS)),
    verify: (stored, password) =>
      work.run(async () => {
        const hash = stored === undefined || stored === NO_PASSWORD ? undefined : stored;
        return (await verify(hash ?? unmatchable, password)) && hash !== undefined;
      }),
  };
}

/** A hash of no known password with the present parameters, so that its verification costs as much as that of a real one. */
function unmatchableHash(): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(16)}$${base64(32)}`;
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
