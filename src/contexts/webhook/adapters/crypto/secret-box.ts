import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { SecretBox } from '../../application/ports.ts';

const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/**
 * Secrets of endpoints are stored as nonce, tag and AES-256-GCM, bound to the id of their endpoint. The first of `secrets` encrypts, each of them decrypts.
 * @param secrets of the configuration, at least one
 */
export function secretBox(secrets: readonly string[]): SecretBox {
  const [first, ...others] = secrets.map(keyOf);
  if (first === undefined) throw new RangeError('secretBox: no secret');
  return {
    create: () => randomBytes(SECRET_BYTES),
    seal(key, endpointId) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, first, nonce).setAAD(Buffer.from(String(endpointId)));
      const text = Buffer.concat([cipher.update(key), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, endpointId) {
      for (const key of [first, ...others]) {
        const opened = openWith(key, sealed, endpointId);
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
    isCurrent: (sealed, endpointId) => openWith(first, sealed, endpointId) !== undefined,
  };
}

const keyOf = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'stampede secrets of webhooks', SECRET_BYTES));

/** Undefined: another key sealed it, for another endpoint, or it is no sealed secret. */
function openWith(key: Buffer, sealed: Buffer, endpointId: bigint): Buffer | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(String(endpointId)))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
