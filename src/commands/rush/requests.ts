import { type AccessTokens, validFor } from '../../platform/http/access-token.ts';

const TOKEN_LIFE_SECONDS = 3600;
const BYTES_PER_REQUEST = 768;

export interface Post {
  readonly path: string;
  readonly token: string;
  /** Idempotency-Key. */
  readonly key?: string;
  /** JSON; ASCII only. */
  readonly body?: string;
}

/** A POST request as it goes over the wire. */
export function postText({ host }: URL, { path, token, key, body = '' }: Post): string {
  const keyed = key === undefined ? '' : `idempotency-key: ${key}\r\n`;
  const typed = body === '' ? '' : 'content-type: application/json\r\n';
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n${keyed}${typed}content-length: ${body.length}\r\n\r\n${body}`;
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Many requests as bytes in one Buffer, because 100,000 small ones cost the collector. */
export function packRequests(count: number, textOf: (index: number) => string): (index: number) => Uint8Array {
  const bytes = Buffer.allocUnsafe(count * BYTES_PER_REQUEST);
  const ends = new Float64Array(count);
  let end = 0;
  for (let index = 0; index < count; index++) {
    const text = textOf(index);
    if (text.length > BYTES_PER_REQUEST) throw new RangeError(`a request of ${text.length} bytes`);
    end += bytes.write(text, end, 'latin1');
    ends[index] = end;
  }
  return (index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]);
}

/** Signs access tokens of customers, one of whom a user id names. */
export function customerTokens(tokens: AccessTokens, nowMs: number): (user: string) => string {
  const times = validFor(TOKEN_LIFE_SECONDS, nowMs);
  return (user) => tokens.sign({ sub: user, role: 'CUSTOMER', ...times });
}
