import { shopTimeZone } from '../../../platform/kernel/shop.ts';
import { localHour } from '../../../platform/kernel/time-zone.ts';
import type { Kind } from './kinds.ts';

/** What a text is made of: names, ids, amounts and instants (RFC 3339), as text. */
export type NoticeData = Readonly<Record<string, string>>;

/** A notice that is to be written, unless the user has it already: there is one for each user, kind, subject and day. */
export interface NewNotice {
  readonly userId: bigint;
  readonly kind: Kind;
  /** What it is about: the id of a coupon, an order, … */
  readonly subject: string;
  /** The calendar day of what happened, never of processing, so that an event that is delivered later makes no second notice. */
  readonly day: string;
  readonly data: NoticeData;
}

export interface Notice {
  readonly id: bigint;
  readonly number: bigint;
  readonly kind: Kind;
  readonly subject: string;
  readonly data: NoticeData;
  readonly createdAt: Date;
  readonly isRead: boolean;
}

/** The last instant of the year 9999 in every time zone: a day has ten characters. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** The day of a notice about what happens at an instant, in the shop's time zone. */
export const noticeDay = (atMs: number): string => localHour(shopTimeZone(), Math.min(atMs, LAST_MS)).day;
