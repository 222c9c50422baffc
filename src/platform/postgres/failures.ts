import type pg from 'pg';
import type { Failure } from '../batching/batcher-observer.ts';
import { COMMAND_RESULTS_KEY } from '../idempotency/command-results.ts';
import { Unavailable } from '../kernel/refusal.ts';

/** The connection broke at COMMIT, and the outcome could not be read from PostgreSQL in time. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The transaction was rolled back, and its commands are not the cause. */
export class RolledBack extends Error {
  override readonly name = 'RolledBack';
}

/** This process closed the connection, or could not open one. A statement that was running on it may have been committed. */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost';
}

/** Every server responded, and none accepts writes. Each attempt ends so until one is promoted or opened for writes. */
export class NoWritableServer extends ConnectionLost {
  override readonly name = 'NoWritableServer';
}

/**
 * True when PostgreSQL itself refused a statement, on a connection that it keeps open. FATAL ends the session, and then the
 * outcome of a COMMIT under way is not known.
 */
export function isServerError(error: unknown): error is pg.DatabaseError {
  if (!(error instanceof Error) || !('severity' in error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return error.severity !== 'FATAL' && error.severity !== 'PANIC' && !ENDS_SESSION.test(code);
}

// The word FATAL is translated according to lc_messages; codes are not. 08 connection, 25P03 and 25P04 timeouts of a transaction,
// 28 and 3D000 login, 53300 too many connections, 57P01 to 57P05 shutdown, crash, not ready, database dropped, idle.
const ENDS_SESSION = /^(08|25P0[34]|28|3D000|53300|57P0[1-5])/;

const IN_FAILED_TRANSACTION = '25P02';

// 25006 read-only, 25P02 the transaction has failed already, 26000 and 42P05 a prepared
// statement is missing or exists already, 34000 and 42P03 the same of a portal.
const STALE_SESSION = new Set(['25006', IN_FAILED_TRANSACTION, '26000', '34000', '42P03', '42P05']);
const FEATURE_NOT_SUPPORTED = '0A000';

/**
 * True when the state of the session is at fault and not the statement: the same statement succeeds on a new session. After a
 * failover sessions may be read-only, after a migration a cached plan may no longer fit its table, and behind a connection
 * pooler a session may know other prepared statements than this process believes.
 */
export function isStaleSession(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  // "cached plan must not change result type" has no code of its own and its text is translated; the routine is not.
  if (error.code === FEATURE_NOT_SUPPORTED) return 'routine' in error && error.routine === 'RevalidateCachedQuery';
  return STALE_SESSION.has(String(error.code));
}

/** True when an earlier statement of the same transaction failed, also in a session that was left in such a transaction. */
export const isInFailedTransaction = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === IN_FAILED_TRANSACTION;

// serialization_failure, deadlock_detected, lock_not_available, query_canceled (statement_timeout)
const PASSING = new Set(['40001', '40P01', '55P03', '57014']);
const CAUSES_MAX = 4;

/** The error and those that it wraps, as Drizzle's errors do. */
export function* causesOf(thrown: unknown): Generator<Error> {
  let error = thrown;
  for (let depth = 0; error instanceof Error && depth < CAUSES_MAX; depth++) {
    yield error;
    error = error.cause;
  }
}

/** True when PostgreSQL refused a statement because of the constraint or unique index of this name. */
export function violates(thrown: unknown, constraint: string): boolean {
  for (const error of causesOf(thrown)) if ('constraint' in error && error.constraint === constraint) return true;
  return false;
}

/**
 * What an error of PostgreSQL or of its driver means for the commands that got it. Errors that wrap another one count as what they wrap.
 */
export function classifyFailure(thrown: unknown): Failure {
  for (const error of causesOf(thrown)) {
    const failure = classifyOne(error);
    if (failure !== 'poison') return failure;
  }
  return 'poison';
}

function classifyOne(error: Error): Failure {
  if (error instanceof OutcomeUnknown) return 'unknown';
  if (error instanceof NoWritableServer) return 'unavailable';
  if (error instanceof RolledBack || error instanceof Unavailable) return 'transient';
  if (isServerError(error)) {
    const code = error.code ?? '';
    // The next attempt reads the result that the other transaction stored under the key.
    if (violates(error, COMMAND_RESULTS_KEY)) return 'transient';
    // 53 out of resources, 57P operator intervention
    return PASSING.has(code) || /^(53|57P)/.test(code) || isStaleSession(error) ? 'transient' : 'poison';
  }
  // A FATAL, or no response before COMMIT was sent: the session has ended, and its transaction with it.
  return isConnectionLoss(error) ? 'transient' : 'poison';
}

const SOCKET_CODES = new Set(
  (
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENETRESET ENOTCONN ' +
    'ENOTFOUND EAI_AGAIN EADDRNOTAVAIL'
  ).split(' '),
);
/** A Unix socket that does not exist, no free descriptor. */
const isOfConnect = (error: Error): boolean => 'syscall' in error && error.syscall === 'connect';
/** What the driver says, in errors without a code. */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout|The server does not support SSL|There was an error establishing an SSL)/;

function isConnectionLoss(error: Error): boolean {
  if (error instanceof ConnectionLost || 'severity' in error) return true;
  return ('code' in error && SOCKET_CODES.has(String(error.code))) || isOfConnect(error) || LOST.test(error.message);
}

export const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
