import { API_KEY_PREFIX } from './secret-text.ts';

/** What a machine may be allowed to do. `admin` is all of it but roles and API keys. */
export const API_KEY_SCOPES = [
  'policies:read',
  'policies:write',
  'coupons:read',
  'coupons:issue',
  'coupons:use',
  'points:read',
  'points:charge',
  'points:write',
  'catalog:read',
  'catalog:write',
  'orders:read',
  'orders:write',
  'payments:refund',
  'stores:read',
  'stores:write',
  'users:read',
  'users:write',
  'webhooks:write',
  'statistics:read',
  'admin',
] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** A machine's key. It acts with role SERVICE, within its scopes. */
export interface ApiKeyRecord {
  readonly id: bigint;
  readonly name: string;
  /** May hold names that are no scopes (any more). They allow nothing. */
  readonly scopes: readonly string[];
  readonly createdBy: bigint;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /** Null: never. The key is refused from this time on. */
  readonly expiresAt: Date | null;
  /** Requests a minute; null: the default of the edge. */
  readonly rateLimit: number | null;
  readonly revokedAt: Date | null;
}

/** What an administrator may change later. Absent: unchanged. */
export type ApiKeyChange = Partial<Pick<ApiKeyRecord, 'name' | 'scopes' | 'expiresAt' | 'rateLimit'>>;

export const RATE_LIMIT_MAX = 1_000_000;

/** Identifies a key in lists, without any character of the secret. */
export const keyPrefix = (id: bigint): string => `${API_KEY_PREFIX}_${id}`;

export const isScope = (name: string): name is ApiKeyScope => API_KEY_SCOPES.some((scope) => scope === name);

/** Returns the scopes sorted and without repeats; undefined when one is not a scope. */
export function normaliseScopes(names: readonly string[]): readonly ApiKeyScope[] | undefined {
  const unique = [...new Set(names)].sort();
  return unique.every(isScope) ? unique : undefined;
}

/** Returns whether a key is accepted. */
export const isLive = ({ revokedAt, expiresAt }: ApiKeyRecord, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || now < expiresAt);

/** Returns whether an expiry may be set: one in the past would revoke the key at once. */
export const isExpiryAhead = (expiresAt: Date | null | undefined, now: Date): boolean =>
  expiresAt === null || expiresAt === undefined || now < expiresAt;

/** Returns whether the number may be a key's limit. */
export const isRateLimit = (limit: number | null): boolean =>
  limit === null || (Number.isInteger(limit) && limit >= 1 && limit <= RATE_LIMIT_MAX);

/** A write at each use would make a busy key a hot row. Once a minute is enough to see that a key is in use. */
const USE_NOTED_EVERY_MS = 60_000;

export const isUseWorthNoting = (key: ApiKeyRecord, now: Date): boolean =>
  key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= USE_NOTED_EVERY_MS;
