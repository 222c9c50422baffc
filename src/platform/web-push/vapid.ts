import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** The key by which push services know the sender: RFC 8292. */
export interface VapidKey {
  /** A point of P-256, uncompressed, base64url: what a browser subscribes with. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

const KEY_BYTES = 32;
/** RFC 8292 allows 24 hours. */
const LIFE_SECONDS = 12 * 3_600;

/** Reads a private key: 32 bytes in base64url. Returns undefined for anything else. */
export function readVapidKey(text: string): VapidKey | undefined {
  const d = Buffer.from(text, 'base64url');
  if (!/^[\w-]{43}$/.test(text) || d.length !== KEY_BYTES) return undefined;
  try {
    const keys = createECDH('prime256v1');
    keys.setPrivateKey(d);
    const point = keys.getPublicKey();
    const coordinate = (from: number) => point.subarray(from, from + KEY_BYTES).toString('base64url');
    const key = { kty: 'EC', crv: 'P-256', d: text, x: coordinate(1), y: coordinate(1 + KEY_BYTES) };
    return { publicKey: point.toString('base64url'), privateKey: createPrivateKey({ key, format: 'jwk' }) };
  } catch {
    return undefined;
  }
}

/** Returns the header Authorization for a push service. `contact`: where its operator reaches the sender, a `mailto:` or `https:` URL. */
export function vapidAuthorization(
  { publicKey, privateKey }: VapidKey,
  endpoint: URL,
  contact: string,
  nowMs: number,
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: endpoint.origin, exp: Math.floor(nowMs / 1_000) + LIFE_SECONDS, sub: contact };
  const stated = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(stated), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${stated}.${signature.toString('base64url')}, k=${publicKey}`;
}
