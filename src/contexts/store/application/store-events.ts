import type { OutboxBatch, OutboxBatchOf } from '../../../platform/events/outbox.ts';
import type { Store } from '../domain/store.ts';
import type { StoreEvents } from '../events.ts';

type StoreBatch<Topic extends keyof StoreEvents> = OutboxBatchOf<StoreEvents, Topic, readonly []>;

/** The event of a change. A new store that is not open yet has none. */
export function storeEvents(after: Store, before: Store | undefined): OutboxBatch[] {
  const fields = {
    storeId: String(after.id),
    ownerId: String(after.ownerId),
    name: after.details.name,
    category: after.details.category,
    version: after.version,
  };
  const isMoved = after.status !== before?.status;
  if (after.deletedAt !== null) return [closed({ ...fields, reason: 'DELETED' })];
  if (isMoved && after.status === 'CLOSED') return [closed({ ...fields, reason: 'CLOSED' })];
  if (isMoved && after.status === 'OPEN') return [batchOf('store.opened', fields)];
  return before === undefined ? [] : [batchOf('store.changed', fields)];
}

const closed = (common: StoreEvents['store.closed']): StoreBatch<'store.closed'> => ({
  ...EMPTY,
  topic: 'store.closed',
  common,
});

const batchOf = <Topic extends 'store.opened' | 'store.changed'>(
  topic: Topic,
  common: StoreEvents['store.opened'],
): OutboxBatch => ({ ...EMPTY, topic, common });

const EMPTY = { source: 'store', keyField: 'storeId', columns: [], rows: [[]] } as const;
