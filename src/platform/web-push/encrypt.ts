import { createCipheriv, createECDH, createHmac, type ECDH, randomBytes } from 'node:crypto';

/** The keys that a browser gives with its subscription. */
export interface BrowserKeys {
  /** A point of P-256, uncompressed, 65 bytes. */
  readonly publicKey: Buffer;
  /** 16 bytes. */
  readonly authSecret: Buffer;
}

const RECORD_SIZE = 4_096;
const TAG_BYTES = 16;
const HEADER_BYTES = 86;
/** What fits into one message. RFC 8291 allows one record, push services 4096 bytes. */
export const PAYLOAD_MAX = RECORD_SIZE - HEADER_BYTES - TAG_BYTES - 1;

/** Encrypts a message for one browser: RFC 8291, with the coding aes128gcm of RFC 8188. The keys of the sender are new for each message. */
export function encryptFor(
  payload: Buffer,
  { publicKey, authSecret }: BrowserKeys,
  { sender = newKeys(), salt = randomBytes(16) }: { readonly sender?: ECDH; readonly salt?: Buffer } = {},
): Buffer {
  if (payload.length > PAYLOAD_MAX) throw new RangeError(`a push message has at most ${PAYLOAD_MAX} bytes`);
  const ownKey = sender.getPublicKey();
  const shared = sender.computeSecret(publicKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, ownKey]);
  const secret = expand(hmac(authSecret, shared), info);
  const pseudoRandomKey = hmac(salt, secret);
  const key = expand(pseudoRandomKey, Buffer.from('Content-Encoding: aes128gcm\0')).subarray(0, 16);
  const nonce = expand(pseudoRandomKey, Buffer.from('Content-Encoding: nonce\0')).subarray(0, 12);

  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  // 2 marks the last record.
  const sealed = Buffer.concat([
    cipher.update(payload),
    cipher.update(Buffer.of(2)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const size = Buffer.alloc(5);
  size.writeUInt32BE(RECORD_SIZE);
  size.writeUInt8(ownKey.length, 4);
  return Buffer.concat([salt, size, ownKey, sealed]);
}

function newKeys(): ECDH {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  return keys;
}

const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('sha256', key).update(data).digest();
/** The first block of HKDF. */
const expand = (key: Buffer, info: Buffer): Buffer => hmac(key, Buffer.concat([info, Buffer.of(1)]));
