import { DAY_MS } from '../../../platform/kernel/durations.ts';

/** By what a user gave or withdrew the consent to marketing. UNKNOWN: it was given before its time and source were stored. */
export const CONSENT_SOURCES = ['SIGN_UP', 'PROFILE', 'MAIL_LINK', 'COMPLAINT', 'DELETION', 'UNKNOWN'] as const;
export type ConsentSource = (typeof CONSENT_SOURCES)[number];
/** What ends a consent without the user being logged in. */
export const WITHDRAWAL_SOURCES = ['MAIL_LINK', 'COMPLAINT'] as const satisfies readonly ConsentSource[];
export type WithdrawalSource = (typeof WITHDRAWAL_SOURCES)[number];

/** What a user stated about marketing. */
export interface Consent {
  readonly given: boolean;
  readonly at: Date;
  readonly source: ConsentSource;
}

/**
 * Korea, Network Act, article 50 (8), and its Enforcement Decree, article 62-3: whoever sends marketing has to confirm the consent every two years, by a
 * notice that states the sender, the fact and the date of the consent, and how to keep or withdraw it. Silence keeps it.
 */
const CONFIRMED_FOR_DAYS = 2 * 365;
/** So that a notice leaves in time although the mail server is away, or the task does not run, for weeks. */
const NOTICE_AHEAD_DAYS = 30;

/** The notice of a consent is due when it was given, or confirmed last, before this time. */
export const noticeDueBefore = (now: Date): Date =>
  new Date(now.getTime() - (CONFIRMED_FOR_DAYS - NOTICE_AHEAD_DAYS) * DAY_MS);

/** A consent that was given, or confirmed last, before this time does not count until its notice has left. */
export const consentCountsFrom = (now: Date): Date => new Date(now.getTime() - CONFIRMED_FOR_DAYS * DAY_MS);
