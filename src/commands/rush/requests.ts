import type { AccessTokens } from '../../platform/http/access-token.ts';

/** The requests of a rush as bytes, built before the clock starts. One Buffer, because 100,000 small ones cost the collector. */
export interface PreparedRequests {
  readonly count: number;
  /** Decimal user id. */
  user(index: number): string;
  request(index: number): Uint8Array;
}

const TOKEN_LIFE_SECONDS = 3600;
const BYTES_PER_REQUEST = 640;

/** One issue request per user, each with an own access token. Users are `firstUser`, `firstUser + 1`, … */
export function prepareRequests(
  spec: { readonly url: URL; readonly policyId: string; readonly users: number; readonly firstUser: bigint },
  tokens: AccessTokens,
  nowMs: number,
): PreparedRequests {
  const iat = Math.floor(nowMs / 1000);
  const before = `POST /api/v1/coupons/policies/${spec.policyId}/issue HTTP/1.1\r\nhost: ${spec.url.host}\r\nauthorization: Bearer `;
  const after = '\r\ncontent-length: 0\r\n\r\n';
  const bytes = Buffer.allocUnsafe(spec.users * BYTES_PER_REQUEST);
  const ends = new Float64Array(spec.users);
  const user = (index: number): string => (spec.firstUser + BigInt(index)).toString();
  let end = 0;
  for (let index = 0; index < spec.users; index++) {
    const token = tokens.sign({ sub: user(index), role: 'CUSTOMER', iat, exp: iat + TOKEN_LIFE_SECONDS });
    const text = before + token + after;
    if (text.length > BYTES_PER_REQUEST) throw new RangeError(`a request of ${text.length} bytes`);
    end += bytes.write(text, end, 'latin1');
    ends[index] = end;
  }
  return {
    count: spec.users,
    user,
    request: (index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]),
  };
}
