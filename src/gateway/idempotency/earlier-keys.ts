import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type Principal, principalKey } from '../auth/principal.ts';
import { ProblemError } from '../problems/problem.ts';

/** One key of one principal on one route, as versions before `platform.command_results` kept it. */
export interface KeyedRequest {
  readonly principal: Principal;
  /** Method and template, for example `POST /api/v1/coupon-policies`. */
  readonly route: string;
  readonly key: string;
  /** The request path and the parsed body, which must be the same in a repeat. */
  readonly path: string;
  readonly body: unknown;
}

export interface StoredResponse {
  readonly status: number;
  /** JSON text, sent unchanged. */
  readonly body: string;
}

/**
 * Keys that an earlier version of the program claimed before their effect. They keep their scope and responses for the rest of their
 * 24 hours; none is added. After that `mayExist` is false and a request costs no look-up.
 */
export interface EarlierKeys {
  mayExist(): boolean;
  /**
   * Returns the stored response. Thrown: IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_KEY_IN_USE while it is unknown whether
   * the first request had its effect.
   */
  find(request: KeyedRequest): Promise<StoredResponse | undefined>;
  stop(): void;
}

const POLL_MS = 60_000;
const ANY = 'select 1 from platform.idempotency_keys where expires_at > clock_timestamp() limit 1';
const READ = `
  select request_hash as "requestHash", state, status, body from platform.idempotency_keys
  where principal = $1 and route = $2 and key = $3 and expires_at > clock_timestamp()`;

/** Nodes of the earlier version may still add keys while a cluster is updated, so the table is looked at every minute. */
export async function earlierKeys(pool: pg.Pool, log: Logger): Promise<EarlierKeys> {
  let exist = true;
  const look = async (): Promise<void> => {
    exist = (await pool.query(ANY)).rowCount === 1;
  };
  const timer = setInterval(() => {
    look().catch((error) => log.warn({ err: error }, 'keys of an earlier version were not looked for'));
  }, POLL_MS).unref();
  await look();
  return {
    mayExist: () => exist,
    async find(request) {
      const values = [principalKey(request.principal), request.route, request.key];
      const [kept] = (await pool.query<Kept>(READ, values)).rows;
      return kept && responseOf(kept, hashOf(request));
    },
    stop: () => clearInterval(timer),
  };
}

interface Kept {
  readonly requestHash: Buffer;
  readonly state: 'RUNNING' | 'DONE';
  readonly status: number | null;
  readonly body: string | null;
}

function responseOf({ requestHash, state, status, body }: Kept, hash: Buffer): StoredResponse {
  if (!requestHash.equals(hash)) throw new ProblemError('IDEMPOTENCY_KEY_REUSED');
  // Also long after its lock: whether it had its effect is not known, so it may have no second one.
  if (state === 'RUNNING' || status === null || body === null) {
    throw new ProblemError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: 2 });
  }
  return { status, body };
}

const hashOf = (request: KeyedRequest): Buffer =>
  createHash('sha256')
    .update(`${request.path}\n${JSON.stringify(request.body ?? null)}`)
    .digest();
