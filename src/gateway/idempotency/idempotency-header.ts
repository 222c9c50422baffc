import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_MAX } from '../../platform/kernel/idempotency-key.ts';
import { ProblemError } from '../problems/problem.ts';

/** The headers of a request, joined and as they were sent. */
interface SentHeaders {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Pick<IncomingMessage, 'rawHeaders'>;
}

const HEADER = 'idempotency-key';

/** The key of a request that has one. Thrown: VALIDATION_FAILED unless it is one header of 1 to 255 printable characters. */
export function readIdempotencyKey(request: SentHeaders): string | undefined {
  const key = request.headers[HEADER];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw invalidKey('INVALID_FORMAT', `must be 1 to ${IDEMPOTENCY_KEY_MAX} printable characters`);
  }
  // Node joins two headers into one value, which is a key that the client never sent.
  if (key.includes(', ') && keyHeaders(request.raw.rawHeaders) > 1) {
    throw invalidKey('REPEATED', 'is given more than once');
  }
  return key;
}

/** Thrown: IDEMPOTENCY_KEY_REQUIRED without one, and as above. */
export function requireIdempotencyKey(request: SentHeaders): string {
  const key = readIdempotencyKey(request);
  if (key === undefined) throw new ProblemError('IDEMPOTENCY_KEY_REQUIRED');
  return key;
}

/** `rawHeaders`: names and values in turn. */
const keyHeaders = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((text, place) => place % 2 === 0 && text.toLowerCase() === HEADER).length;

const invalidKey = (code: string, message: string): ProblemError =>
  new ProblemError('VALIDATION_FAILED', { errors: [{ field: 'Idempotency-Key', code, message }] });
