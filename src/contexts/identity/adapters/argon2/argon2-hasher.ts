import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Options } from '@node-rs/argon2';
import { Counter, Gauge, type Registry } from 'prom-client';
import { bundledModule } from '../../../../platform/bundled-file.ts';
import { type Limit, limited } from '../../../../platform/kernel/limited.ts';
import { type BackgroundThread, openBackgroundThread } from '../../../../platform/threads/background.ts';
import type { Hasher, HashPurpose } from '../../application/ports.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import type { HashTask } from './hash-thread.ts';

const THREAD = bundledModule('contexts/identity/adapters/argon2/hash-thread.ts');

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane; about 20 ms of a core. argon2id is the library's default. */
const RECOMMENDED: Cost = { memoryKib: 19_456, passes: 2 };
const LANES = 1;

/** What a hash costs. */
export interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
}

/**
 * At most half the cores hash at once, so that a burst of log-ins leaves the other half to issue coupons. 256 requests of each purpose wait; more are
 * refused, and so is one that has waited for 5 s, which 256 do on one core.
 */
export const hashLimit = (cores: number): Limit => ({
  running: Math.min(4, Math.max(1, Math.floor(cores / 2))),
  waiting: 256,
  waitMaxMs: 5_000,
  refusal: 'too many passwords wait to be hashed',
});

/** A flood of sign-ups keeps no user out, and one of log-ins no user who comes from where they have logged in before. */
const RANKS: Readonly<Record<HashPurpose, number>> = { KNOWN_LOG_IN: 0, LOG_IN: 1, SIGN_UP: 2 };

/**
 * argon2id on background threads (ADR 69).
 * @param cost less for tests that are about something else
 */
export function argon2Hasher(metrics: Registry, cores = availableParallelism(), cost = RECOMMENDED): Hasher {
  const options: Options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: LANES };
  const limit = hashLimit(cores);
  const work = limited(limit);
  const idle = Array.from({ length: limit.running }, () => openBackgroundThread<HashTask, string | boolean>(THREAD));
  gauge(metrics, 'stampede_password_hashes_running', 'Passwords being hashed now', work.running);
  gauge(metrics, 'stampede_password_hashes_waiting', 'Passwords waiting to be hashed', work.waiting);
  const started = new Counter({
    name: 'stampede_password_hashes_total',
    help: 'Passwords hashed, by purpose',
    labelNames: ['purpose'],
    registers: [metrics],
  });
  const unmatchable = unmatchableHash(cost);

  const execute = (task: HashTask, purpose: HashPurpose) =>
    work.run(async () => {
      // As many as may run at once. The one that was used last is taken, so that the others start when they are needed.
      started.inc({ purpose: purpose.toLowerCase() });
      const thread = idle.pop() as BackgroundThread<HashTask, string | boolean>;
      try {
        return await thread.run(task);
      } finally {
        idle.push(thread);
      }
    }, RANKS[purpose]);

  return {
    hash: async (password, purpose) => String(await execute({ password, options }, purpose)),
    async verify(stored, password, purpose) {
      const hash = stored === undefined || stored === NO_PASSWORD ? undefined : stored;
      return (
        (await execute({ password, options, stored: hash ?? unmatchable }, purpose)) === true && hash !== undefined
      );
    },
  };
}

/** A hash of no known password with the present parameters, so that its verification costs as much as that of a real one. */
function unmatchableHash({ memoryKib, passes }: Cost): string {
  const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${LANES}$${base64(16)}$${base64(32)}`;
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
