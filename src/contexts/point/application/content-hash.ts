import { createHash } from 'node:crypto';

/** 128 bits of what was asked, so that the same key with other content is told apart. */
export const contentHash = (kind: string, ...content: readonly (bigint | string | number | null)[]): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, ...content.map((value) => (typeof value === 'bigint' ? String(value) : value))]))
    .digest('base64url')
    .slice(0, 22);
