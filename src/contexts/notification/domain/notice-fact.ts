import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { CouponEvents } from '../../coupon/api.ts';
import type { OrderEvents } from '../../order/api.ts';
import type { PointEvents } from '../../point/api.ts';
import type { Kind } from './kinds.ts';
import { type NewNotice, type NoticeData, noticeDay } from './notice.ts';

/** What an event asks the writer to do, as it is stored until then: ids are text. */
export type NoticeFact =
  | ({ readonly what: 'NOTICE'; readonly userId: string } & Omit<NewNotice, 'userId'>)
  /** Unread notices of a subject have lost their reason. */
  | { readonly what: 'DROP'; readonly userId: string; readonly kind: Kind; readonly subject: string }
  /** The user has deleted the account. */
  | { readonly what: 'FORGET'; readonly userId: string };

/** The events that lead to notices. */
type NoticeEvents = CouponEvents & OrderEvents & PointEvents & { readonly 'user.deleted': { readonly userId: string } };
type Reading<Data> = (data: Data) => readonly NoticeFact[];

/** Of an order's event; those of earlier versions have none. */
const currencyData = (currency: string | undefined): NoticeData => (currency === undefined ? {} : { currency });

const dayOf = (instant: string): string => noticeDay(Date.parse(instant));
const noLongerExpiring = ({ userId, couponId }: { readonly userId: string; readonly couponId: string }) =>
  [{ what: 'DROP', userId, kind: 'COUPON_EXPIRING', subject: couponId }] as const;

/** The first product, and how many lines there are besides. */
const goodsOf = ([first, ...others]: readonly { readonly productName: string }[]) => ({
  productName: first?.productName ?? '',
  others: String(others.length),
});

/** What is made of the events of each topic. */
const READINGS: { readonly [Topic in keyof NoticeEvents]?: Reading<NoticeEvents[Topic]> } = {
  'coupon.issued': ({ userId, couponId, policyId, couponName, expiresAt, issuedAt }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'COUPON_ISSUED',
      subject: couponId,
      day: dayOf(issuedAt),
      data: { couponId, policyId, couponName, expiresAt },
    },
  ],
  'coupon.used': noLongerExpiring,
  'coupon.expired': noLongerExpiring,
  'coupon.cancelled': (data) => (data.reason === 'WITHDRAWN' ? noLongerExpiring(data) : []),
  'point.earned': ({ userId, transactionId, type, amount, balance, earnedAt }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'POINTS_CREDITED',
      subject: transactionId,
      day: dayOf(earnedAt),
      data: { transactionId, type, amount, balance },
    },
  ],
  'point.expiring': ({ userId, amount, daysAhead, expiresOn }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'POINTS_EXPIRING',
      subject: expiresOn,
      // When it was due, also if it was announced late.
      day: new Date(Date.parse(expiresOn) - daysAhead * DAY_MS).toISOString().slice(0, 10),
      data: { amount, expiresOn, days: String(daysAhead) },
    },
  ],
  'order.paid': ({ userId, orderId, currency, total, items, paidAt }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'ORDER_PAID',
      subject: orderId,
      day: dayOf(paidAt),
      data: { orderId, ...currencyData(currency), total, ...goodsOf(items) },
    },
  ],
  'order.expired': ({ userId, orderId, items, expiredAt }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'ORDER_EXPIRED',
      subject: orderId,
      day: dayOf(expiredAt),
      data: { orderId, ...goodsOf(items) },
    },
  ],
  'order.refunded': ({ userId, orderId, refundId, currency, amount, points, items, refundedAt }) => [
    {
      what: 'NOTICE',
      userId,
      kind: 'ORDER_REFUNDED',
      subject: refundId,
      day: dayOf(refundedAt),
      data: { orderId, refundId, ...currencyData(currency), amount, points, ...goodsOf(items) },
    },
  ],
  'user.deleted': ({ userId }) => [{ what: 'FORGET', userId }],
};

export const NOTICE_TOPICS: readonly string[] = Object.keys(READINGS);

/** Returns what an event of one of the topics asks for. Its data has been checked by the bus. */
export const factsOf = (topic: string, data: Readonly<Record<string, unknown>>): readonly NoticeFact[] =>
  (READINGS as Readonly<Record<string, Reading<unknown>>>)[topic]?.(data) ?? [];
