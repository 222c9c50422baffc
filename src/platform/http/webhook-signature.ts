import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Signatures of webhooks according to Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in the headers webhook-id,
 * webhook-timestamp (seconds) and webhook-signature (`v1,<base64>`, several of them separated by blanks).
 */
export interface Webhook {
  /** The same in every attempt to deliver it. */
  readonly id: string;
  /** The time of this attempt, in seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** How old a webhook may be, or how far ahead: clocks differ, and an intercepted webhook must not be usable later. */
export const TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
/** A sender that rotates its secrets signs with two. */
const SIGNATURES_MAX = 10;
const ID_CHARS_MAX = 256;

/** Returns the key of a secret: `whsec_` and base64 of 24 to 64 bytes. Undefined: the text is no such secret. */
export function webhookKey(secret: string): Buffer | undefined {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return undefined;
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return key.length >= SECRET_BYTES_MIN && key.length <= SECRET_BYTES_MAX ? key : undefined;
}

export const webhookSecret = (key: Buffer): string => SECRET_PREFIX + key.toString('base64');

/** Returns the headers of a webhook that each of `keys` signs: while one replaces another, a receiver may know either. */
export const signedHeaders = (
  keys: readonly Buffer[],
  { id, timestamp, body }: Webhook,
): Readonly<Record<string, string>> => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': keys
    .map((key) => `v1,${digestOf(key, id, String(timestamp), body).toString('base64')}`)
    .join(' '),
});

/**
 * Returns whether one of `keys` signed this body within five minutes of one of the times in `nowMs`: the same moment by several clocks, of
 * which one may be wrong.
 */
export function isSigned(
  keys: readonly Buffer[],
  headers: IncomingHttpHeaders,
  body: Buffer,
  ...nowMs: readonly number[]
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (id === '' || id.length > ID_CHARS_MAX || !/^\d{1,12}$/.test(timestamp)) return false;
  if (!nowMs.some((each) => Math.abs(each / 1_000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const given = signatures.split(' ', SIGNATURES_MAX).flatMap(digestIn);
  return keys.some((key) => {
    const digest = digestOf(key, id, timestamp, body);
    return given.some((one) => timingSafeEqual(one, digest));
  });
}

const digestOf = (key: Buffer, id: string, timestamp: string, body: string | Buffer): Buffer =>
  createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();

/** Of other versions than v1 nothing is known. */
function digestIn(signature: string): readonly Buffer[] {
  if (!/^v1,[A-Za-z0-9+/]{43}=$/.test(signature)) return [];
  return [Buffer.from(signature.slice('v1,'.length), 'base64')];
}
