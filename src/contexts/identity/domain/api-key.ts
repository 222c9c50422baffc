import { API_KEY_PREFIX } from './secret-text.ts';

export const SCOPES_MAX = 32;
const SCOPE = /^[a-z][a-z0-9-]{0,31}(?::[a-z][a-z0-9-]{0,31})?$/;

/** A machine's key. It acts with role SERVICE, within its scopes. */
export interface ApiKeyRecord {
  readonly id: bigint;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: bigint;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Identifies a key in lists, without any character of the secret. */
export const keyPrefix = (id: bigint): string => `${API_KEY_PREFIX}_${id}`;

/** Returns the scopes sorted and without repeats; undefined when one is not like `coupon` or `coupon:issue`, or there are too many. */
export function normaliseScopes(scopes: readonly string[]): readonly string[] | undefined {
  const unique = [...new Set(scopes)].sort();
  return unique.length <= SCOPES_MAX && unique.every((scope) => SCOPE.test(scope)) ? unique : undefined;
}

/** A write at each use would make a busy key a hot row. Once a minute is enough to see that a key is in use. */
const USE_NOTED_EVERY_MS = 60_000;

export const isUseWorthNoting = (key: ApiKeyRecord, now: Date): boolean =>
  key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= USE_NOTED_EVERY_MS;
