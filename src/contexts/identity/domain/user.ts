/** ADMIN is never given by signing up; SERVICE belongs to API keys, not to users. */
export type Role = 'CUSTOMER' | 'OWNER' | 'ADMIN';

export interface UserRecord {
  readonly id: bigint;
  /** As `normaliseEmail` left it. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly marketingConsent: boolean;
  readonly profileImageUrl: string | null;
  readonly createdAt: Date;
}

/** Absent = unchanged. */
export interface ProfileChange {
  readonly name?: string;
  readonly marketingConsent?: boolean;
  /** Null takes the image away. */
  readonly profileImageUrl?: string | null;
}

export const isSignUpRole = (role: string): role is 'CUSTOMER' | 'OWNER' => role === 'CUSTOMER' || role === 'OWNER';
