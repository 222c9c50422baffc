/** `<prefix>_<id>_<secret>`: the id identifies the row, the secret (256 bits) authenticates. */
export interface SecretText {
  readonly id: bigint;
  readonly secret: string;
}

/** 32 random bytes in base64url. */
const SHAPE = /^([a-z]+(?:_[a-z]+)*)_([1-9][0-9]{0,18})_([A-Za-z0-9_-]{43})$/;
const TEXT_MAX = 100;
const INT64_MAX = 9_223_372_036_854_775_807n;

export const REFRESH_PREFIX = 'rt_stampede';
/** Recognisable, so that scanners of repositories and logs can find a leaked key. */
export const API_KEY_PREFIX = 'sk_stampede';

export const formatSecret = (prefix: string, { id, secret }: SecretText): string => `${prefix}_${id}_${secret}`;

/** Returns undefined when the text does not have this form. */
export function parseSecret(prefix: string, text: string): SecretText | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const [, shownPrefix, digits, secret] = SHAPE.exec(text) ?? [];
  if (shownPrefix !== prefix || digits === undefined || secret === undefined) return undefined;
  const id = BigInt(digits);
  return id <= INT64_MAX ? { id, secret } : undefined;
}
