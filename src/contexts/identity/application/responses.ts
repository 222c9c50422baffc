import type { Refusal } from '../../../platform/kernel/contract.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { ApiKey, IDENTITY_REFUSALS, User } from '../api.ts';
import { type ApiKeyRecord, keyPrefix } from '../domain/api-key.ts';
import type { UserRecord } from '../domain/user.ts';

type Code = keyof typeof IDENTITY_REFUSALS;

/** The response of a refused operation. */
export const refusal = (value: Refusal): { outcome: { $case: 'refusal'; value: Refusal } } => ({
  outcome: { $case: 'refusal', value },
});

/** The same for a code of this context's table. */
export const refused = (
  code: Code,
  details?: Readonly<Record<string, string>>,
): { outcome: { $case: 'refusal'; value: Refusal } } => refusal(refuse(code, details));

export const invalid = (field: string) => refused('VALIDATION_FAILED', { [field]: 'is not valid' });

/** A user of the contract. */
export const toUser = (user: UserRecord): User => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  marketingConsent: user.marketingConsent,
  profileImageUrl: user.profileImageUrl ?? undefined,
  createdAt: user.createdAt,
});

/** An API key of the contract, without its secret. */
export const toApiKey = (key: ApiKeyRecord): ApiKey => ({
  id: key.id,
  name: key.name,
  prefix: keyPrefix(key.id),
  scopes: key.scopes,
  createdAt: key.createdAt,
  lastUsedAt: key.lastUsedAt ?? undefined,
  expiresAt: key.expiresAt ?? undefined,
});
