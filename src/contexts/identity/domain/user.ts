import type { Language } from '../../../platform/kernel/language.ts';
import type { Consent } from './consent.ts';
import { DELETED_DOMAIN } from './email.ts';

/** From the lowest to the highest. A sign-up never creates an ADMIN. The role SERVICE is for API keys, not for users. */
export const USER_ROLES = ['CUSTOMER', 'OWNER', 'ADMIN'] as const;
export type Role = (typeof USER_ROLES)[number];

/** DELETED: the account is anonymised. Only its id remains in use. */
export const USER_STATUSES = ['ACTIVE', 'LOCKED', 'DELETED'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];
/** What an administrator may set; only the user deletes the account. */
export type GivenStatus = Exclude<UserStatus, 'DELETED'>;

export interface UserRecord {
  readonly id: bigint;
  /** A result of `normaliseEmail`. Null: a user of another issuer, who has no password either. */
  readonly email: string | null;
  /** The name of the issuer and its subject. Null: the user signed up here. */
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly name: string;
  readonly role: Role;
  readonly marketingConsent: boolean;
  /** Of mails to the user. */
  readonly language: Language;
  /** At most one of this and the file is not null. */
  readonly profileImageUrl: string | null;
  /** The file of an uploaded image. */
  readonly profileImageFile: string | null;
  readonly createdAt: Date;
  readonly status: UserStatus;
  /** When a link in a mail showed that the address is the user's, or the sign-up where no mail is configured. Null: not yet. */
  readonly emailVerifiedAt: Date | null;
}

/** A user who signed up here. */
export interface SignedUpUser extends UserRecord {
  readonly email: string;
  readonly issuer: null;
  readonly subject: null;
}
export const SIGNED_UP_HERE = { issuer: null, subject: null } as const;

/** Undefined = unchanged. */
export interface ProfileChange {
  readonly name?: string;
  readonly language?: Language;
  /** Stated once more counts as stated now. */
  readonly consent?: Consent;
  /** Replaces the image. Both null: removes it. */
  readonly image?: Pick<UserRecord, 'profileImageUrl' | 'profileImageFile'>;
}

/** Roles for whose users no machine acts. */
export const PRIVILEGED_ROLES = ['OWNER', 'ADMIN'] as const satisfies readonly Role[];
export type PrivilegedRole = (typeof PRIVILEGED_ROLES)[number];

/** A user of another issuer keeps the highest role that a token has stated. */
export const isHigherRole = (role: Role, other: Role): boolean => USER_ROLES.indexOf(role) > USER_ROLES.indexOf(other);

/** Returns each key once, with the highest of its roles. */
export function highestRoles<Key, Given extends Role>(stated: Iterable<readonly [Key, Given]>): Map<Key, Given> {
  const highest = new Map<Key, Given>();
  for (const [key, role] of stated) {
    const known = highest.get(key);
    if (known === undefined || isHigherRole(role, known)) highest.set(key, role);
  }
  return highest;
}

export const isRole = (role: string): role is Role => USER_ROLES.some((known) => known === role);
export const isPrivilegedRole = (role: string): role is PrivilegedRole =>
  PRIVILEGED_ROLES.some((known) => known === role);
export const isGivenStatus = (status: string): status is GivenStatus => status === 'ACTIVE' || status === 'LOCKED';
export const isSignUpRole = (role: string): role is 'CUSTOMER' | 'OWNER' => role === 'CUSTOMER' || role === 'OWNER';

/** What an administrator changes of an account. Undefined = unchanged. */
export interface AccountChange {
  readonly role: Role | undefined;
  readonly status: GivenStatus | undefined;
  readonly endSessions: boolean;
}

export type AccountDecision =
  | { readonly kind: 'REFUSE'; readonly code: 'USER_NOT_FOUND' | 'FORBIDDEN' | 'LAST_ADMIN' }
  | { readonly kind: 'CHANGE'; readonly role: Role; readonly status: UserStatus; readonly endSessions: boolean };

/**
 * Decides a change of an account. A machine gives no role and does not change an ADMIN: with a stolen key nobody keeps the administrators out.
 * Another role ends all sessions, because access tokens state the role; so does a lock.
 *
 * @param otherAdmins how many other ADMINs, who signed up here, are ACTIVE
 * @param statedRole the role that tokens of another issuer have stated for the user, beside the one here
 */
export function decideAccountChange(
  user: Pick<UserRecord, 'role' | 'status' | 'issuer'> | undefined,
  { role, status, endSessions }: AccountChange,
  by: { readonly isMachine: boolean },
  otherAdmins: number,
  statedRole?: PrivilegedRole,
): AccountDecision {
  // The issuer still has the account of a deleted user. One who signed up here is anonymous for good.
  const isRestored = user?.status === 'DELETED' && user.issuer !== null && status === 'ACTIVE' && !by.isMachine;
  if (user === undefined || (user.status === 'DELETED' && !isRestored))
    return { kind: 'REFUSE', code: 'USER_NOT_FOUND' };
  const isAdmin = user.role === 'ADMIN' || statedRole === 'ADMIN';
  if (by.isMachine && (role !== undefined || isAdmin)) return { kind: 'REFUSE', code: 'FORBIDDEN' };
  const next = { role: role ?? user.role, status: status ?? user.status };
  const isActiveAdmin = ({ role, status }: Pick<UserRecord, 'role' | 'status'>) =>
    role === 'ADMIN' && status === 'ACTIVE';
  if (isActiveAdmin(user) && !isActiveAdmin(next) && otherAdmins === 0) return { kind: 'REFUSE', code: 'LAST_ADMIN' };
  return {
    kind: 'CHANGE',
    ...next,
    endSessions: endSessions || next.role !== user.role || next.status === 'LOCKED',
  };
}

export type DeletionDecision =
  | { readonly kind: 'REFUSE'; readonly code: 'USER_NOT_FOUND' | 'LAST_ADMIN' }
  | { readonly kind: 'DELETE' };

/** Decides the deletion of an account. The last active ADMIN stays. @param otherAdmins as for a change */
export function decideDeletion(
  user: Pick<UserRecord, 'role' | 'status'> | undefined,
  otherAdmins: number,
): DeletionDecision {
  if (user === undefined || user.status === 'DELETED') return { kind: 'REFUSE', code: 'USER_NOT_FOUND' };
  if (user.role === 'ADMIN' && user.status === 'ACTIVE' && otherAdmins === 0)
    return { kind: 'REFUSE', code: 'LAST_ADMIN' };
  return { kind: 'DELETE' };
}

/**
 * What is left of a deleted account. A user of another issuer keeps its name for the user, so that the same one does not come back as another user. The address is no one's: RFC 2606 keeps `.invalid` out of the DNS. Nobody can have signed up with it either, to keep
 * the user from deleting the account: addresses are unique, and ids are public.
 *
 * @param random text that cannot be guessed
 */
export const anonymised = ({ id, email }: Pick<UserRecord, 'id' | 'email'>, random: string) =>
  ({
    email: email === null ? null : `deleted-${id}-${random}@${DELETED_DOMAIN}`,
    name: '',
    marketingConsent: false,
    profileImageUrl: null,
    profileImageFile: null,
    status: 'DELETED',
  }) as const satisfies Partial<UserRecord>;
