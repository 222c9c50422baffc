import { z } from 'zod';
import { type DataByTopic, id, topic } from '../../platform/events/topic.ts';

const storeFields = {
  storeId: id('The store'),
  ownerId: id('Its owner'),
  name: z.string().min(1).meta({ description: 'Its name' }),
  category: z.string().min(1).meta({ description: 'Its category' }),
  version: z.int().min(1).meta({ description: 'Of the store after the change; rises by one with every change' }),
};
const EXAMPLE = { storeId: '7330011234567000', ownerId: '42', name: 'Cafe Sol', category: 'CAFE', version: 2 };

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
} as const;

/** `data` by topic. */
export type StoreEvents = DataByTopic<typeof STORE_EVENTS>;
