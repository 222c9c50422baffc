import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../application/ports.ts';

const SECRET_BYTES = 32;

const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export const cryptoSecrets: Secrets = {
  random: () => randomBytes(SECRET_BYTES).toString('base64url'),
  digest,
  // Both sides are digests, so of one length; comparing digests also hides where the secrets differ.
  matches: (stored, secret) => {
    const expected = Buffer.from(stored);
    const actual = Buffer.from(digest(secret));
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  },
};
