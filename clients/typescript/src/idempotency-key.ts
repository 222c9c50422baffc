import type { Send } from './send.ts';

export const KEY_HEADER = 'idempotency-key';
const KEY_BYTES = 16;

/**
 * Returns a new Idempotency-Key: 128 random bits. `crypto.randomUUID` would do, but browsers offer it to pages of https and localhost only.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Gives every request that may change something a key, unless it has one. Its repeats have the same, so this stands before those. */
export const withKeys =
  (send: Send): Send =>
  (request, signal) => {
    if (request.method !== 'GET' && !request.headers.has(KEY_HEADER)) {
      request.headers.set(KEY_HEADER, newIdempotencyKey());
    }
    return send(request, signal);
  };
