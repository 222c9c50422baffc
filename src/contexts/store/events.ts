import { z } from 'zod';
import { type DataByTopic, id, instant, topic } from '../../platform/events/topic.ts';

const storeFields = {
  storeId: id('The store'),
  ownerId: id('Its owner'),
  name: z.string().min(1).meta({ description: 'Its name' }),
  category: z.string().min(1).meta({ description: 'Its category' }),
  version: z.int().min(1).meta({ description: 'Of the store after the change; rises by one with every change' }),
};
const EXAMPLE = { storeId: '7330011234567000', ownerId: '42', name: 'Cafe Sol', category: 'CAFE', version: 2 };

const follower = id('The user');
const STORE_FOLLOWER = { storeId: EXAMPLE.storeId, userId: '42' };
const POLICY_FOLLOWER = { policyId: '7330011234560000', userId: '42' };
const storeFollower = z.object({ storeId: storeFields.storeId, userId: follower });
const policyFollower = z.object({ policyId: id('The policy'), userId: follower });

/** The events of this context. */
export const STORE_EVENTS = {
  'store.opened': topic({
    summary: 'A store was opened: it is listed, may have coupon policies, and sells its products again',
    key: 'storeId',
    data: z.object(storeFields),
    example: EXAMPLE,
  }),
  'store.changed': topic({
    summary: 'The details or the staff of a store were changed',
    key: 'storeId',
    data: z.object(storeFields),
    example: EXAMPLE,
  }),
  'store.closed': topic({
    summary: 'A store was closed or deleted. Its coupon policies end, its products are taken off sale',
    key: 'storeId',
    data: z.object({
      ...storeFields,
      reason: z.enum(['CLOSED', 'DELETED']).meta({ description: 'DELETED: it does not open again' }),
    }),
    example: { ...EXAMPLE, version: 3, reason: 'CLOSED' },
  }),
  'store.subscribed': topic({
    summary: 'A user follows a store',
    key: 'storeId',
    data: storeFollower,
    example: STORE_FOLLOWER,
  }),
  'store.unsubscribed': topic({
    summary: 'A user unfollowed a store. A deleted store loses its followers without these events',
    key: 'storeId',
    data: storeFollower,
    example: STORE_FOLLOWER,
  }),
  'store.coupon_opened': topic({
    summary: 'A coupon policy of a store was activated for the first time',
    key: 'storeId',
    data: z.object({
      storeId: storeFields.storeId,
      storeName: z.string().meta({ description: 'Name of the store' }),
      policyId: id('The policy'),
      name: z.string().meta({ description: 'Name of the policy' }),
      opensAt: instant('The first moment of issuing. It lies in the future when the policy was activated early'),
    }),
    example: {
      storeId: EXAMPLE.storeId,
      storeName: EXAMPLE.name,
      policyId: POLICY_FOLLOWER.policyId,
      name: 'Opening day',
      opensAt: '2026-01-01T01:00:00.000Z',
    },
  }),
  'coupon-policy.subscribed': topic({
    summary: 'A user follows a coupon policy that has not opened',
    key: 'policyId',
    data: policyFollower,
    example: POLICY_FOLLOWER,
  }),
  'coupon-policy.unsubscribed': topic({
    summary: 'A user unfollowed a coupon policy. One that ended loses its followers without these events',
    key: 'policyId',
    data: policyFollower,
    example: POLICY_FOLLOWER,
  }),
} as const;

/** `data` by topic. */
export type StoreEvents = DataByTopic<typeof STORE_EVENTS>;
