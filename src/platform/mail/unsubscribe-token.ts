import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link at the end of a mail ends: consent to marketing, or mails with reminders. */
export const UNSUBSCRIBE_SCOPES = ['MARKETING', 'REMINDER'] as const;
export type UnsubscribeScope = (typeof UNSUBSCRIBE_SCOPES)[number];

export interface Unsubscription {
  readonly userId: bigint;
  readonly scope: UnsubscribeScope;
}

/** Below the public URL. A GET shows a page and changes nothing; a POST unsubscribes, also from a mail program (RFC 8058). */
export const UNSUBSCRIBE_PATH = '/unsubscribe';
const USER_BYTES = 8;
/** 128 bits cannot be guessed. */
const TAG_BYTES = 16;
const LENGTH = USER_BYTES + 1 + TAG_BYTES;

/**
 * Returns the token of a link that ends mails of a kind for a user, without a login and without a table. It contains the user's id and no address, and never
 * expires: a reader may unsubscribe by an old mail.
 */
export function unsubscribeToken(secret: string, { userId, scope }: Unsubscription): string {
  const bytes = Buffer.alloc(USER_BYTES + 1);
  bytes.writeBigInt64BE(userId);
  bytes.writeUInt8(UNSUBSCRIBE_SCOPES.indexOf(scope), USER_BYTES);
  return Buffer.concat([bytes, tagOf(secret, bytes)]).toString('base64url');
}

/** Returns what a token ends. Undefined: none of the secrets made it. */
export function readUnsubscribeToken(secrets: readonly string[], token: string): Unsubscription | undefined {
  const bytes = /^[\w-]{34}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
  if (bytes.length !== LENGTH) return undefined;
  const [stated, tag] = [bytes.subarray(0, USER_BYTES + 1), bytes.subarray(USER_BYTES + 1)];
  const scope = UNSUBSCRIBE_SCOPES[stated.readUInt8(USER_BYTES)];
  if (scope === undefined || !secrets.some((secret) => timingSafeEqual(tag, tagOf(secret, stated)))) return undefined;
  return { userId: stated.readBigInt64BE(), scope };
}

export const unsubscribeUrl = (linkBase: string, secret: string, unsubscription: Unsubscription): string =>
  `${linkBase}${UNSUBSCRIBE_PATH}?token=${unsubscribeToken(secret, unsubscription)}`;

/** The label keeps tags apart from what else the secret signs. */
const tagOf = (secret: string, bytes: Buffer): Buffer =>
  createHmac('sha256', secret).update('stampede unsubscribe\0').update(bytes).digest().subarray(0, TAG_BYTES);
