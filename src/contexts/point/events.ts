import { z } from 'zod';
import { amount, type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';
import { ORDER_ID_MAX } from './domain/limits.ts';

const points = {
  transactionId: id('The transaction in the ledger'),
  userId: id('The user of the points'),
  amount: amount('The number of points'),
  balance: amount('The balance after it, available and pending points'),
  orderId: z.string().min(1).max(ORDER_ID_MAX).nullable().meta({ description: 'The order; null when none was named' }),
};
const POINTS = { transactionId: '7330011234567890', userId: '42', amount: '3000', balance: '12000', orderId: null };

/** Every event that this context publishes. Holds and releases change no balance, so they have no event. */
export const POINT_EVENTS = {
  'point.earned': topic({
    summary: 'A user got points',
    key: 'userId',
    data: z.object({
      ...points,
      type: z.enum(['CHARGE', 'EARN', 'ADJUST']).meta({ description: 'CHARGE: for money. ADJUST: by hand' }),
      availableAt: instant('The first moment at which they can be used')
        .nullable()
        .meta({ description: 'null: at once' }),
      expiresAt: instant('The first moment at which they are expired').nullable().meta({ description: 'null: never' }),
      earnedAt: instant('When'),
    }),
    example: {
      ...POINTS,
      type: 'EARN',
      availableAt: null,
      expiresAt: '2027-01-01T15:00:00.000Z',
      earnedAt: '2026-01-02T03:04:05.000Z',
    },
  }),
  'point.used': topic({
    summary: 'A user spent points, or an adjustment subtracted them',
    key: 'userId',
    data: z.object({
      ...points,
      type: z.enum(['USE', 'CAPTURE', 'ADJUST']).meta({
        description: 'CAPTURE: an order was paid. ADJUST: by hand',
      }),
      usedAt: instant('When'),
    }),
    example: { ...POINTS, orderId: 'order-981', type: 'CAPTURE', usedAt: '2026-01-02T03:06:00.500Z' },
  }),
  'point.cancelled': topic({
    summary: 'A use, an earn or a charge was reversed',
    key: 'userId',
    data: z.object({
      ...points,
      direction: z.enum(['GIVEN_BACK', 'TAKEN_BACK']).meta({ description: 'GIVEN_BACK: the balance of the user rose' }),
      sourceId: id('The transaction that was reversed; a refund may reverse a part of it'),
      cancelledAt: instant('When'),
    }),
    example: {
      ...POINTS,
      orderId: 'order-981',
      direction: 'GIVEN_BACK',
      sourceId: '7330011234560000',
      cancelledAt: '2026-01-05T09:00:00.000Z',
    },
  }),
  'point.expired': topic({
    summary: 'Points expired without having been used',
    key: 'userId',
    data: z.object({
      ...points,
      lots: z.int().min(1).meta({ description: 'The number of lots' }),
      expiredAt: instant('When'),
    }),
    example: { ...POINTS, lots: 2, expiredAt: '2026-01-31T15:00:30.000Z' },
  }),
  'point.expiring': topic({
    summary: 'Points of a user expire soon; once for each user, day of expiry and number of days ahead',
    key: 'userId',
    data: z.object({
      userId: id('The user of the points'),
      amount: amount('The number of points that expire'),
      daysAhead: z.union([z.literal(30), z.literal(7)]).meta({ description: 'The number of days until they expire' }),
      expiresOn: z.iso.date().meta({ description: 'The day on which they expire, in the time zone of the shop' }),
    }),
    example: { userId: '42', amount: '3000', daysAhead: 7, expiresOn: '2026-02-01' },
  }),
} as const;

/** `data` by topic. */
export type PointEvents = DataByTopic<typeof POINT_EVENTS>;

/** The topics that the audit compares with the ledger. Notices of coming expiry are left out, because they are not transactions. */
export const COUNTED_TOPICS = ['point.earned', 'point.used', 'point.cancelled', 'point.expired'] as const;
