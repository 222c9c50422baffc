import { hash } from 'node:crypto';

export type Content = bigint | string | number | null | readonly Content[];

/** Whose request it is, and its keys. They are not part of what it asks for. */
type Sender = 'userId' | 'principal' | 'key' | 'commandKey';

/** What a request asks for: every field of it but those of its sender, so that the compiler refuses content without one of them. */
export type ContentOf<Request> = Readonly<Record<Exclude<keyof Request, Sender>, Content>>;

/**
 * 128 bits of a hash of what a request asks for, which distinguish the same key with other content. Stored hashes are compared with later ones, so
 * the order of the fields must not change.
 */
export const contentHash = <Request = never>(
  kind: string,
  // A call that names no request would be allowed to leave fields out.
  content: [Request] extends [never] ? never : ContentOf<Request>,
): string => hash('sha256', contentText([kind, ...Object.values(content)]), 'base64url').slice(0, 22);

/** JSON with bigints as decimal strings. */
export const contentText = (content: unknown): string =>
  JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? String(value) : value));
