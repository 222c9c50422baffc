import { DAY_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { exponentialBackoff } from '../../../platform/kernel/exponential-backoff.ts';
import type { Language } from '../../../platform/kernel/language.ts';

/** Why a mail was asked for. CONSENT_NOTICE is asked for by a task. SIGN_UP becomes a link to verify the address, or a notice when the address has an account. */
export const MAIL_KINDS = ['SIGN_UP', 'VERIFY_EMAIL', 'RESET_PASSWORD', 'CONSENT_NOTICE'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** What a link in a mail is for. */
export const LINK_PURPOSES = ['VERIFY_EMAIL', 'RESET_PASSWORD'] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** What the links in mails are for, and how long one is valid, from when its mail is sent. */
export const LINKS: Readonly<Record<LinkContent, { readonly purpose: LinkPurpose; readonly lifeMs: number }>> = {
  VERIFY_EMAIL: { purpose: 'VERIFY_EMAIL', lifeMs: DAY_MS },
  CHOOSE_PASSWORD: { purpose: 'RESET_PASSWORD', lifeMs: DAY_MS },
  RESET_PASSWORD: { purpose: 'RESET_PASSWORD', lifeMs: 30 * MINUTE_MS },
};

export const toLanguage = (language: string): Language => (language === 'ko' ? 'ko' : 'en');

/** A mail that somebody asked for. Whether its address has an account is looked up when it is sent. */
export interface RequestedMail {
  readonly id: bigint;
  /** A result of `normaliseEmail`. */
  readonly email: string;
  readonly kind: MailKind;
  readonly language: Language;
  readonly requestedAt: Date;
}

/** What a mail with a link says. CHOOSE_PASSWORD: several sign-ups with the address came before it was verified, and none of their passwords counts. */
export type LinkContent = LinkPurpose | 'CHOOSE_PASSWORD';
/** What a mail says: a link, that somebody tried to sign up with the address of an account, or since when there is a consent to marketing. */
export type MailContent = LinkContent | 'ALREADY_SIGNED_UP' | 'CONSENT_NOTICE';

/** What is known of the account with the address of a mail. */
export interface MailAccount {
  readonly userId: bigint;
  readonly name: string;
  readonly isActive: boolean;
  readonly isVerified: boolean;
  readonly hasPassword: boolean;
  /** Null: no consent to marketing. */
  readonly consentAt: Date | null;
}

/** Returns what a mail says; undefined when none is sent: the response is the same. */
export function contentOf(kind: MailKind, account: MailAccount | undefined): MailContent | undefined {
  if (account === undefined || !account.isActive) return undefined;
  if (kind === 'CONSENT_NOTICE') return account.isVerified && account.consentAt !== null ? 'CONSENT_NOTICE' : undefined;
  if (!account.hasPassword) return 'CHOOSE_PASSWORD';
  if (kind === 'RESET_PASSWORD') return 'RESET_PASSWORD';
  if (!account.isVerified) return 'VERIFY_EMAIL';
  return kind === 'SIGN_UP' ? 'ALREADY_SIGNED_UP' : undefined;
}

/** Requests that are older are given up: the user has asked again by then. */
export const MAIL_LIFE_MS = DAY_MS;
const RETRY = { firstMs: 5_000, maxMs: 10 * MINUTE_MS, factor: 4 } as const;

/** How long to wait after the attempt with this number, from 1: 5 s, 20 s, 80 s, 5 min 20 s, then 10 minutes. */
export const retryAfterMs = (attempt: number): number => exponentialBackoff(attempt, RETRY);

/** Returns whether a mail is not tried again at this time. */
export const isGivenUp = (requestedAt: Date, now: Date): boolean =>
  now.getTime() - requestedAt.getTime() > MAIL_LIFE_MS;
