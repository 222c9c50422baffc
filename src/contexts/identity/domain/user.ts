/** A sign-up never creates an ADMIN. The role SERVICE is for API keys, not for users. */
export type Role = 'CUSTOMER' | 'OWNER' | 'ADMIN';

export interface UserRecord {
  readonly id: bigint;
  /** A result of `normaliseEmail`. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly marketingConsent: boolean;
  readonly profileImageUrl: string | null;
  readonly createdAt: Date;
}

/** Undefined = unchanged. */
export interface ProfileChange {
  readonly name?: string;
  readonly marketingConsent?: boolean;
  /** Null removes the image. */
  readonly profileImageUrl?: string | null;
}

export const isSignUpRole = (role: string): role is 'CUSTOMER' | 'OWNER' => role === 'CUSTOMER' || role === 'OWNER';
