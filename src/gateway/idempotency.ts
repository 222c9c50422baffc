import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type Principal, principalKey } from './principal.ts';
import { ProblemError } from './problem.ts';

/** One key of one principal on one route: the same key elsewhere is another key. */
export interface KeyedRequest {
  readonly principal: Principal;
  /** Method and template, for example `POST /api/v1/coupon-policies`. */
  readonly route: string;
  readonly key: string;
  /** The path asked for and the parsed body: what must be the same in a repeat. */
  readonly path: string;
  readonly body: unknown;
}

export interface StoredAnswer {
  readonly status: number;
  /** JSON, to be sent as it stands. */
  readonly body: string;
}

/** The right to carry the request out, until `lockedUntil` (text, exact to the microsecond, so that it also fences). */
export interface Claim {
  readonly principal: string;
  readonly route: string;
  readonly key: string;
  readonly lockedUntil: string;
}
export type Begun = { readonly answer: StoredAnswer } | { readonly claim: Claim };

/** First answers, kept 24 h in PostgreSQL, so that a repeat on any node gets the same. */
export interface IdempotencyKeys {
  /** Thrown: IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_KEY_IN_USE while the first request runs. */
  begin(request: KeyedRequest): Promise<Begun>;
  /** Stores a success, or a refusal that is final. A claim that was taken over in the meantime changes nothing. */
  finish(claim: Claim, answer: StoredAnswer): Promise<void>;
  /** Frees the key: nothing was done, or what was done answers a repeat by itself. */
  abandon(claim: Claim): Promise<void>;
  stop(): void;
}

const KEEP = '24 hours';
/** A request that runs longer than this counts as crashed, and its key may be taken over. */
const LOCK = '30 seconds';
const SWEEP_EVERY_MS = 60_000;
const SWEEP_ROWS = 1_000;
const KEY = /^[\x20-\x7e]{1,255}$/;

const CLAIM = `
  insert into platform.idempotency_keys as kept (principal, route, key, request_hash, state, locked_until, expires_at)
  values ($1, $2, $3, $4, 'RUNNING', clock_timestamp() + interval '${LOCK}', clock_timestamp() + interval '${KEEP}')
  on conflict (principal, route, key) do update
    set request_hash = excluded.request_hash, state = 'RUNNING', locked_until = excluded.locked_until,
        expires_at = excluded.expires_at, created_at = now(), status = null, body = null
    where kept.expires_at <= clock_timestamp()
       or (kept.state = 'RUNNING' and kept.locked_until <= clock_timestamp() and kept.request_hash = excluded.request_hash)
  returning locked_until::text as "lockedUntil"`;
const READ = `
  select request_hash as "requestHash", state, status, body,
         ceil(extract(epoch from locked_until - clock_timestamp()))::int as "lockedSeconds"
  from platform.idempotency_keys where principal = $1 and route = $2 and key = $3`;
const MINE = `principal = $1 and route = $2 and key = $3 and state = 'RUNNING' and locked_until = $4::timestamptz`;
const FINISH = `update platform.idempotency_keys set state = 'DONE', locked_until = null, status = $5, body = $6 where ${MINE}`;
const ABANDON = `delete from platform.idempotency_keys where ${MINE}`;
const SWEEP = `
  delete from platform.idempotency_keys where ctid = any(array(
    select ctid from platform.idempotency_keys where expires_at <= now() limit ${SWEEP_ROWS} for update skip locked))`;

/** The header's value, when there is one. Thrown: VALIDATION_FAILED unless it is 1 to 255 printable characters. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new ProblemError('VALIDATION_FAILED', {
    errors: [{ field: 'Idempotency-Key', code: 'INVALID_FORMAT', message: 'must be 1 to 255 printable characters' }],
  });
}

/** Thrown: IDEMPOTENCY_KEY_REQUIRED without one, and as above. */
export function requireIdempotencyKey(header: string | readonly string[] | undefined): string {
  const key = readIdempotencyKey(header);
  if (key === undefined) throw new ProblemError('IDEMPOTENCY_KEY_REQUIRED');
  return key;
}

/** For operations that keep keys themselves, by user: a key of a principal and a route. Thrown: as above. */
export const routeKey = (route: string, principal: Principal, header: string | readonly string[] | undefined): string =>
  `${route} ${principalKey(principal)} ${requireIdempotencyKey(header)}`;

export function idempotencyKeys(pool: pg.Pool, log: Logger): IdempotencyKeys {
  const sweeper = setInterval(() => void sweep(pool, log), SWEEP_EVERY_MS).unref();
  return {
    async begin(request) {
      const scope = [principalKey(request.principal), request.route, request.key] as const;
      const hash = hashOf(request);
      const claimed = await pool.query<{ lockedUntil: string }>(CLAIM, [...scope, hash]);
      const lockedUntil = claimed.rows[0]?.lockedUntil;
      if (lockedUntil !== undefined) {
        return { claim: { principal: scope[0], route: scope[1], key: scope[2], lockedUntil } };
      }
      const kept = (await pool.query<Kept>(READ, [...scope])).rows[0];
      return { answer: answerOf(kept, hash) };
    },
    async finish(claim, answer) {
      await pool.query(FINISH, [
        claim.principal,
        claim.route,
        claim.key,
        claim.lockedUntil,
        answer.status,
        answer.body,
      ]);
    },
    async abandon(claim) {
      await pool.query(ABANDON, [claim.principal, claim.route, claim.key, claim.lockedUntil]);
    },
    stop: () => clearInterval(sweeper),
  };
}

interface Kept {
  readonly requestHash: Buffer;
  readonly state: 'RUNNING' | 'DONE';
  readonly status: number | null;
  readonly body: string | null;
  readonly lockedSeconds: number | null;
}

function answerOf(kept: Kept | undefined, hash: Buffer): StoredAnswer {
  // Gone between the two statements: its request was just abandoned, so the next try gets the claim.
  if (kept === undefined) throw new ProblemError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: 1 });
  if (!kept.requestHash.equals(hash)) throw new ProblemError('IDEMPOTENCY_KEY_REUSED');
  if (kept.state === 'RUNNING' || kept.status === null || kept.body === null) {
    // Most requests end within a second; the lock's whole length only matters after a crash.
    throw new ProblemError('IDEMPOTENCY_KEY_IN_USE', {
      retryAfterSeconds: Math.min(Math.max(kept.lockedSeconds ?? 1, 1), 2),
    });
  }
  return { status: kept.status, body: kept.body };
}

const hashOf = (request: KeyedRequest): Buffer =>
  createHash('sha256')
    .update(`${request.path}\n${JSON.stringify(request.body ?? null)}`)
    .digest();

/** Full batches follow each other; otherwise the next minute is early enough. */
async function sweep(pool: pg.Pool, log: Logger): Promise<void> {
  try {
    for (let batch = 0; batch < 100; batch++) {
      const { rowCount } = await pool.query(SWEEP);
      if ((rowCount ?? 0) < SWEEP_ROWS) return;
    }
  } catch (error) {
    log.warn({ err: error }, 'could not sweep idempotency keys');
  }
}
