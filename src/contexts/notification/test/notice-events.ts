import type { Delivery } from '../../../platform/events/bus.ts';

let rows = 0;

/** An event as the bus delivers it. */
export function eventOf(topic: string, data: Readonly<Record<string, unknown>>): Delivery {
  const metadata = { correlationId: 'test', source: 'test', version: '1.0' };
  const timestamp = '2026-01-02T00:00:00.000Z';
  return {
    topic,
    key: String(data['userId']),
    event: { eventId: `test-${++rows}:0`, eventType: topic, timestamp, data, metadata },
  };
}

const COUPON = { couponId: '100', policyId: '7', storeId: null, timezone: 'Asia/Seoul' };

export const issued = (userId: number, couponId = '100') =>
  eventOf('coupon.issued', {
    ...COUPON,
    userId: String(userId),
    couponId,
    couponCode: null,
    couponName: 'Opening day',
    discountType: 'FIXED_AMOUNT',
    discountValue: '3000',
    sequenceNo: 1,
    status: 'ISSUED',
    // The second of January in Seoul.
    issuedAt: '2026-01-01T15:00:00.000Z',
    expiresAt: '2026-01-31T15:00:00.000Z',
  });

export const couponEnded = (topic: 'coupon.used' | 'coupon.expired', userId: number, couponId: string) =>
  eventOf(topic, { ...COUPON, userId: String(userId), couponId });

export const cancelled = (userId: number, couponId: string, reason: string) =>
  eventOf('coupon.cancelled', { ...COUPON, userId: String(userId), couponId, reason });

export const deleted = (userId: number) => eventOf('user.deleted', { userId: String(userId) });

const POINTS = { transactionId: '200', amount: '3000', balance: '12000', orderId: null };
const ITEMS = [{ productName: 'Ceramic mug' }, { productName: 'Tea' }];
const AT = '2026-01-01T15:00:00.000Z';

/** An event of each other topic that makes a notice, with the kind and the subject of the notice. */
export const OTHERS = [
  [
    'POINTS_CREDITED',
    '200',
    'point.earned',
    { ...POINTS, type: 'EARN', availableAt: null, expiresAt: null, earnedAt: AT },
  ],
  ['POINTS_EXPIRING', '2026-01-09', 'point.expiring', { amount: '3000', daysAhead: 7, expiresOn: '2026-01-09' }],
  ['ORDER_PAID', 'o-1', 'order.paid', { orderId: 'o-1', total: '12500', items: ITEMS, paidAt: AT }],
  ['ORDER_EXPIRED', 'o-1', 'order.expired', { orderId: 'o-1', items: ITEMS, expiredAt: AT }],
  [
    'ORDER_REFUNDED',
    '300',
    'order.refunded',
    { orderId: 'o-1', refundId: '300', amount: '12500', points: '0', items: ITEMS, refundedAt: AT },
  ],
] as const;
