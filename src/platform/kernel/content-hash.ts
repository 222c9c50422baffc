import { hash } from 'node:crypto';

export type Content = bigint | string | number | null | readonly Content[];

/** 128 bits of a hash of the request, which distinguish the same key with other content. */
export const contentHash = (kind: string, ...content: readonly Content[]): string =>
  hash(
    'sha256',
    JSON.stringify([kind, ...content], (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    'base64url',
  ).slice(0, 22);
