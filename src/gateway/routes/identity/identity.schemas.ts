import { z } from 'zod';
import {
  API_KEY_SCOPES,
  type ApiKey,
  EMAIL_MAX,
  EXTERNAL_ID_MAX,
  IMAGE_URL_MAX,
  NAME_MAX,
  normaliseEmail,
  PASSWORD_MAX,
  PASSWORD_MIN,
  RATE_LIMIT_MAX,
  type Tokens,
  USER_ROLES,
  USER_STATUSES,
  type User,
} from '../../../contexts/identity/api.ts';
import { LANGUAGES } from '../../../platform/kernel/language.ts';
import {
  IdText,
  Instant,
  InstantText,
  instantOrNull,
  PageFields,
  requiredInstant,
  requiredText,
  UserIdText,
} from '../../server/schemas.ts';
import type { FileUrl } from '../files/file-url.ts';

const REFRESH_TOKEN_MAX = 256;
const isEmail = (text: string): boolean => normaliseEmail(text) !== undefined;

export const NewPassword = z
  .string()
  .min(PASSWORD_MIN)
  .max(PASSWORD_MAX)
  .meta({ format: 'password', description: 'None of the most common passwords' });

const UserRole = z.enum(USER_ROLES).meta({ id: 'UserRole' });

export const SignUpBody = z.strictObject({
  email: z
    .string()
    .max(EMAIL_MAX)
    .refine(isEmail, 'must be an e-mail address')
    .meta({ format: 'email', description: 'Unique in any case; stored in lower case' }),
  password: NewPassword,
  name: requiredText(NAME_MAX),
  role: z.enum(['CUSTOMER', 'OWNER']).default('CUSTOMER'),
  marketingConsent: z.boolean().default(false),
});

export const PasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(PASSWORD_MAX).meta({ format: 'password' }),
  newPassword: NewPassword,
});

/** Only sizes are checked: whatever else is wrong must look like a wrong password. */
export const LogInBody = z.strictObject({
  email: z.string().min(1).max(EMAIL_MAX).meta({ format: 'email' }),
  password: z.string().min(1).max(PASSWORD_MAX).meta({ format: 'password' }),
});

export const RefreshBody = z
  .strictObject({ refreshToken: z.string().min(1).max(REFRESH_TOKEN_MAX) })
  .meta({ id: 'RefreshTokenRequest' });

export const ProfileBody = z.strictObject({
  name: requiredText(NAME_MAX).optional(),
  marketingConsent: z.boolean().optional(),
  language: z.enum(LANGUAGES).optional().meta({ description: 'Of mails and notifications' }),
  profileImageUrl: z
    .url({ protocol: /^https$/ })
    .max(IMAGE_URL_MAX)
    .nullable()
    .optional()
    .meta({ description: 'https only; replaces an uploaded image; null removes the image' }),
});

const ApiKeyScope = z.enum(API_KEY_SCOPES).meta({ id: 'ApiKeyScope' });
const ApiKeyScopes = z.array(ApiKeyScope).max(API_KEY_SCOPES.length);
const ApiKeyLimit = z.int().min(1).max(RATE_LIMIT_MAX);
export const ApiKeyBody = z.strictObject({
  name: requiredText(NAME_MAX),
  scopes: ApiKeyScopes.default([]),
  rateLimit: ApiKeyLimit.optional().meta({ description: 'Requests a minute; left out: STAMPEDE_LIMIT_API_KEY' }),
  expiresAt: Instant.optional().meta({ description: 'The key is refused from this time on; left out: never' }),
});
export const ApiKeyChangeBody = z.strictObject({
  name: requiredText(NAME_MAX).optional(),
  scopes: ApiKeyScopes.optional().meta({ description: 'Replaces all of them' }),
  rateLimit: ApiKeyLimit.nullable().optional().meta({ description: 'null: STAMPEDE_LIMIT_API_KEY' }),
  expiresAt: Instant.nullable().optional().meta({ description: 'null: never' }),
});

export const UserView = z
  .strictObject({
    ...UserIdText,
    email: z.string().nullable().meta({ description: 'null: a user of another issuer' }),
    name: z.string(),
    role: UserRole,
    marketingConsent: z.boolean(),
    language: z.enum(LANGUAGES),
    profileImageUrl: z
      .string()
      .nullable()
      .meta({ description: 'Of an uploaded image: a path of this server, where it knows no public URL' }),
    emailVerified: z.boolean().meta({ description: 'true for everybody who signed up while no mail was configured' }),
    createdAt: InstantText,
  })
  .meta({ id: 'User' });
export const ManagedUserView = UserView.extend({ status: z.enum(USER_STATUSES) }).meta({ id: 'ManagedUser' });
export const UserChangeBody = z.strictObject({
  role: UserRole.optional(),
  status: z
    .enum(['ACTIVE', 'LOCKED'])
    .optional()
    .meta({ description: 'ACTIVE also restores a deleted user of another issuer, for an ADMIN' }),
  endSessions: z.literal(true).optional().meta({ description: 'Ends every session of the user' }),
});
export const UsersQuery = z.strictObject({
  ...PageFields,
  email: z.string().min(1).max(EMAIL_MAX).optional().meta({ description: 'In any case' }),
  externalId: z
    .string()
    .min(1)
    .max(EXTERNAL_ID_MAX)
    .optional()
    .meta({
      description: 'ext:<issuer name>:<subject>; the list has this user, or none',
      examples: ['ext:keycloak:3f6c1a52'],
    }),
  role: UserRole.optional(),
});
export const TokensView = z
  .strictObject({
    accessToken: z.string(),
    refreshToken: z.string().meta({ description: 'For one use; valid for 14 days' }),
    expiresIn: z.int().meta({ description: 'Lifetime of the access token in seconds' }),
  })
  .meta({ id: 'Tokens' });
export const ApiKeyView = z
  .strictObject({
    apiKeyId: IdText,
    name: z.string(),
    prefix: z.string().meta({ description: 'The first characters of the key' }),
    scopes: z
      .array(z.string())
      .meta({ description: 'A key of an earlier version may list unknown scopes, which allow nothing' }),
    createdAt: InstantText,
    expiresAt: InstantText.nullable().meta({ description: 'null = never' }),
    rateLimit: z.int().nullable().meta({ description: 'Requests a minute; null = STAMPEDE_LIMIT_API_KEY' }),
    lastUsedAt: InstantText.nullable().meta({ description: 'To the minute' }),
  })
  .meta({ id: 'ApiKey' });
export const NewApiKeyView = ApiKeyView.extend({
  secret: z.string().optional().meta({ description: 'The key. It is shown only here; absent in a replay' }),
}).meta({ id: 'NewApiKey' });

export const userJson = (user: User, fileUrl: FileUrl): Record<string, unknown> => ({
  userId: String(user.id),
  ...(user.externalId !== undefined && { externalId: user.externalId }),
  email: user.email === '' ? null : user.email,
  name: user.name,
  role: user.role,
  marketingConsent: user.marketingConsent,
  language: user.language === 'ko' ? 'ko' : 'en',
  profileImageUrl:
    user.profileImageFile === undefined ? (user.profileImageUrl ?? null) : fileUrl(user.profileImageFile),
  emailVerified: user.emailVerified,
  createdAt: requiredInstant(user.createdAt),
});

export const managedUserJson = (user: User, fileUrl: FileUrl): Record<string, unknown> => ({
  ...userJson(user, fileUrl),
  status: user.status,
});

export const tokensJson = ({ accessToken, refreshToken, expiresIn }: Tokens): z.input<typeof TokensView> => ({
  accessToken,
  refreshToken,
  expiresIn,
});

export const apiKeyJson = (key: ApiKey): z.input<typeof ApiKeyView> => ({
  apiKeyId: String(key.id),
  name: key.name,
  prefix: key.prefix,
  scopes: [...key.scopes],
  createdAt: requiredInstant(key.createdAt),
  expiresAt: instantOrNull(key.expiresAt),
  rateLimit: key.rateLimit ?? null,
  lastUsedAt: instantOrNull(key.lastUsedAt),
});

export const USER_EXAMPLE = {
  userId: '7330011234567890',
  email: 'ada@example.com',
  name: 'Ada',
  role: 'CUSTOMER',
  marketingConsent: false,
  language: 'en',
  profileImageUrl: null,
  emailVerified: true,
  createdAt: '2035-01-01T10:00:00.000Z',
};
export const MANAGED_USER_EXAMPLE = { ...USER_EXAMPLE, status: 'ACTIVE' };
export const TOKENS_EXAMPLE = {
  accessToken: 'eyJhbGciOiJIUzI1NiJ9.….…',
  refreshToken: 'rt_stampede_7330011234567891_…',
  expiresIn: 900,
};
export const API_KEY_EXAMPLE = {
  apiKeyId: '7330011234567892',
  name: 'till',
  prefix: 'sk_stampede_7330011234567892',
  scopes: ['coupons:issue'],
  createdAt: '2035-01-01T10:00:00.000Z',
  expiresAt: null,
  rateLimit: null,
  lastUsedAt: null,
};
