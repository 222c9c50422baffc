import type { CouponEvents } from '../../coupon/api.ts';
import type { NewNotice } from './notice.ts';
import { noticeDay } from './notice.ts';

/** What an event asks the writer to do, as it is stored until then: ids are text. */
export interface NoticeFact extends Omit<NewNotice, 'userId'> {
  readonly userId: string;
}

/** What is written about the events of each topic. */
const FACTS = {
  'coupon.issued': ({ userId, couponId, policyId, couponName, expiresAt, issuedAt }: CouponEvents['coupon.issued']) => [
    {
      userId,
      kind: 'COUPON_ISSUED',
      subject: couponId,
      day: noticeDay(Date.parse(issuedAt)),
      data: { couponId, policyId, couponName, expiresAt },
    },
  ],
} as const satisfies Readonly<Record<string, (data: never) => readonly NoticeFact[]>>;

export const NOTICE_TOPICS = Object.keys(FACTS) as readonly (keyof typeof FACTS)[];

/** Returns what an event of one of the topics asks for. Its data has been checked by the bus. */
export const factsOf = (topic: string, data: Readonly<Record<string, unknown>>): readonly NoticeFact[] =>
  (FACTS[topic as keyof typeof FACTS] as (data: unknown) => readonly NoticeFact[])(data);
