import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import type { Failure } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { KeyInUse } from '../kernel/command-key.ts';
import { NotSupported, Unavailable } from '../kernel/refusal.ts';
import { classifyFailure } from '../postgres/failures.ts';
import type { CallOutcome } from './client-metrics.ts';

/** The trailer that distinguishes a failure of the context from one of the connection: OVERLOADED, DEPENDENCY_UNAVAILABLE or KEY_IN_USE. */
const FAILURE = 'stampede-failure';
const RETRY_AFTER = 'retry-after';
const KEY_IN_USE = 'KEY_IN_USE';

export interface Status extends Pick<StatusObject, 'code' | 'details'> {
  readonly metadata?: Metadata;
}

/** A request for a principal whom the gateway has not named. */
export class UnknownPrincipal extends Error {}

/** The status of what an operation threw. An unexpected error shows nothing of itself: its message may contain data. */
export function toStatus(error: unknown): Status {
  if (error instanceof Unavailable) {
    const metadata = toTrailers(error.code, error.retryAfterSeconds);
    return { code: status.UNAVAILABLE, details: error.message, metadata };
  }
  if (error instanceof KeyInUse) {
    return { code: status.ABORTED, details: error.message, metadata: toTrailers(KEY_IN_USE) };
  }
  if (error instanceof UnknownPrincipal) return { code: status.PERMISSION_DENIED, details: error.message };
  // A read gets what its driver threw, while a command gets what its batcher made of it.
  if (classifyFailure(error) !== 'poison') {
    return {
      code: status.UNAVAILABLE,
      details: 'PostgreSQL is not available',
      metadata: toTrailers('DEPENDENCY_UNAVAILABLE', 1),
    };
  }
  return { code: status.INTERNAL, details: 'unforeseen' };
}

/** The trailers of a failure that the context foresaw. */
export function toTrailers(reason: string, retryAfterSeconds?: number): Metadata {
  const metadata = new Metadata();
  metadata.set(FAILURE, reason);
  if (retryAfterSeconds !== undefined) metadata.set(RETRY_AFTER, String(retryAfterSeconds));
  return metadata;
}

/** The status of a call that is a part of a message. */
export function toFailure({ code, details, metadata }: Status): Failure {
  const [reason, retryAfter] = [FAILURE, RETRY_AFTER].map((name) => metadata?.get(name)[0]?.toString());
  return { code, details, reason, retryAfter: retryAfter === undefined ? undefined : Number(retryAfter) };
}

/** The error with which grpc-js rejects a call that ended with this status. */
export const serviceError = (code: number, details: string, metadata = new Metadata()): ServiceError =>
  Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });

/** Did the call fail on the way, so that it is not known whether it had its effect? */
export const isLost = (error: ServiceError): boolean =>
  failureIn(error) === undefined && (error.code === status.UNAVAILABLE || error.code === status.CANCELLED);

/** Did the call end without a response of its context? It may have had its effect. */
export const isUnanswered = (error: ServiceError): boolean =>
  isLost(error) || (failureIn(error) === undefined && error.code === status.DEADLINE_EXCEEDED);

/** Failures of a call that it would meet at any instance: a message above the bound, and a deadline that passed. */
const OF_THE_CALL: ReadonlySet<number> = new Set([status.RESOURCE_EXHAUSTED, status.DEADLINE_EXCEEDED]);

/**
 * Did the instance respond with a failure that another one may not have? Its queue is full, its database is away, its secret or its version
 * is another one, or is unexpected.
 */
export const mayWorkElsewhere = (error: ServiceError): boolean =>
  error.code in status && !isKeyInUse(error) && !isLost(error) && !OF_THE_CALL.has(error.code);

/** How a failed call is counted. */
export function failureOf(error: Error): CallOutcome {
  // No instance is known, or the outcome of a repeated command is not.
  if (error instanceof Unavailable) return 'lost';
  const failed = error as ServiceError;
  const failure = failureIn(failed);
  if (failure === 'OVERLOADED') return 'overloaded';
  if (failure === KEY_IN_USE) return 'key_in_use';
  if (failure !== undefined) return 'unavailable';
  if (isUnanswered(failed)) return failed.code === status.DEADLINE_EXCEEDED ? 'timeout' : 'lost';
  return 'failed';
}

/** Is another call with the same key not finished yet? */
export const isKeyInUse = (error: ServiceError): boolean => failureIn(error) === KEY_IN_USE;

/** Returns what the caller of an operation gets for a failed call: what the context threw, Unavailable, or NotSupported. */
export function toError(error: ServiceError, method: string): Error {
  const failure = failureIn(error);
  if (failure === KEY_IN_USE) return new KeyInUse(error.details);
  if (failure === 'OVERLOADED' || failure === 'DEPENDENCY_UNAVAILABLE') {
    const seconds = Number(error.metadata.get(RETRY_AFTER)[0]);
    return new Unavailable(failure, error.details, Number.isFinite(seconds) ? seconds : 1);
  }
  if (isUnanswered(error)) {
    return new Unavailable('DEPENDENCY_UNAVAILABLE', `${method} did not respond: ${error.details}`, 1, {
      cause: error,
    });
  }
  const Failed = error.code === status.UNIMPLEMENTED ? NotSupported : Error;
  return new Failed(`${method} failed with ${status[error.code]}: ${error.details}`, { cause: error });
}

/** A failure without metadata did not come from a service of this system. */
const failureIn = (error: ServiceError): string | undefined =>
  (error.metadata as Metadata | undefined)?.get(FAILURE)[0]?.toString();
