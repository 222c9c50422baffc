import type { Outward } from './delivery.ts';
import type { NoticeClass } from './kinds.ts';
import { leaveAtMs, MARKETING_QUIET, type QuietHours } from './quiet-hours.ts';

/** Marketing messages to a user by one channel at most; several notices of a day are one mail. */
export const MARKETING_A_DAY = 2;
export const MARKETING_A_WEEK = 5;
const DAY_MS = 86_400_000;

/** Whom a message would reach. */
export interface Recipient {
  readonly userId: bigint;
  readonly timezone: string;
  /** What the user chose. It holds for everything but what the user did. */
  readonly quietHours: QuietHours | null;
  /** Undefined: no account, or it is locked or deleted. */
  readonly contact: { readonly emailVerified: boolean; readonly isMarketingWanted: boolean } | undefined;
}

/** Marketing messages of the same channel that the user got. */
export interface Received {
  readonly lastDay: number;
  readonly lastWeek: number;
}

export type Verdict =
  | { readonly kind: 'SEND' }
  | { readonly kind: 'DROP'; readonly reason: string }
  | { readonly kind: 'POSTPONE'; readonly reason: 'QUIET' | 'MARKETING_LIMIT'; readonly untilMs: number };

/**
 * Decides whether a message may leave now, by who the user is, what the user consented to, and the time of day there. Decided when it is planned, so
 * that nothing is stored for users who do not want it, and again before it leaves.
 */
export function mayLeave(
  channel: Outward,
  noticeClass: NoticeClass,
  { userId, timezone, quietHours, contact }: Recipient,
  received: Received,
  nowMs: number,
): Verdict {
  if (contact === undefined) return { kind: 'DROP', reason: 'NO_ACCOUNT' };
  if (channel === 'EMAIL' && !contact.emailVerified) return { kind: 'DROP', reason: 'NOT_VERIFIED' };
  if (noticeClass === 'TRANSACTIONAL') return { kind: 'SEND' };
  const isMarketing = noticeClass === 'MARKETING';
  if (isMarketing && !contact.isMarketingWanted) return { kind: 'DROP', reason: 'NO_CONSENT' };
  const isOften = isMarketing && (received.lastDay >= MARKETING_A_DAY || received.lastWeek >= MARKETING_A_WEEK);
  const earliestMs = isOften ? nowMs + DAY_MS : nowMs;
  const legal = isMarketing ? leaveAtMs(earliestMs, timezone, MARKETING_QUIET, userId) : earliestMs;
  const untilMs = leaveAtMs(legal, timezone, quietHours, userId);
  return untilMs > nowMs
    ? { kind: 'POSTPONE', reason: isOften ? 'MARKETING_LIMIT' : 'QUIET', untilMs }
    : { kind: 'SEND' };
}
