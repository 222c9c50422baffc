import type { DeliveryStore, Held, NewDelivery } from '../../../src/contexts/notification/application/deliver/ports.ts';
import { type Delivery, isRepeated, messagesOf } from '../../../src/contexts/notification/domain/delivery.ts';
import type { Owner } from '../kernel.ts';
import { keyOf } from './store.ts';
import type { DeliveryRow, Tables } from './tables.ts';
import type { Transact } from './transact.ts';

const rowKey = (row: Pick<NewDelivery, 'userId' | 'kind' | 'subject' | 'day' | 'channel'>): string =>
  `${keyOf(row)} ${row.channel}`;

/** The deliveries as one process reaches them: what the statements of delivery-store.ts do, on rows in memory. */
export function openDeliveries(tables: Tables, transact: Transact, owner: Owner): DeliveryStore {
  const rowsOf = ({ deliveries }: Pick<Held, 'deliveries'>) => {
    const ids = new Set(deliveries.map(({ id }) => id));
    return [...tables.deliveries.values()].filter(({ id }) => ids.has(id));
  };
  return {
    async nextBatch() {
      const [batch] = await transact(owner, '', async () => () => tables.batches.slice(0, 1));
      return batch && { id: batch.id, notices: batch.keys.flatMap((key) => tables.notices.get(key) ?? []) };
    },
    finishBatch: (id, planned) =>
      transact(owner, 'plans deliveries', async () => () => {
        const place = tables.batches.findIndex((batch) => batch.id === id);
        if (place < 0) return;
        tables.batches.splice(place, 1);
        for (const each of planned) {
          if (!tables.notices.has(keyOf(each)) || tables.deliveries.has(rowKey(each))) continue;
          const row: DeliveryRow = {
            ...{
              ...each,
              id: tables.nextId(),
              state: 'PENDING',
              dueMs: each.dueAt.getTime(),
              attempt: 0,
              reason: null,
            },
          };
          tables.deliveries.set(rowKey(each), row);
        }
      }),
    claim: (channel, at, leaseUntil, limit) =>
      transact(owner, 'claims messages', async () => () => {
        const atMs = at.getTime();
        const rows = [...tables.deliveries.values()].filter((row) => row.channel === channel);
        for (const row of rows.filter(({ state, dueMs }) => state === 'SENDING' && dueMs <= atMs)) {
          row.state = isRepeated(channel, row.kind) ? 'PENDING' : 'UNKNOWN';
          row.reason = 'PROCESS_ENDED';
        }
        const pending = rows.filter(({ state }) => state === 'PENDING');
        const due = pending.filter(({ dueMs }) => dueMs <= atMs).slice(0, limit);
        const digests = new Set(due.map(({ userId, digest }) => digest && `${userId} ${digest}`).filter(Boolean));
        const taken = pending.filter((row) => due.includes(row) || digests.has(`${row.userId} ${row.digest}`));
        for (const row of taken) row.dueMs = leaseUntil.getTime();
        const gone = taken.filter((row) => !tables.notices.has(keyOf(row)));
        for (const row of gone) row.state = 'DROPPED';
        const kept = taken
          .filter((row) => !gone.includes(row))
          .map((row): Delivery => {
            const notice = tables.notices.get(keyOf(row));
            return { ...row, noticeId: notice?.number ?? 0n, data: notice?.data ?? {} };
          });
        return [...Map.groupBy(kept, ({ userId }) => userId)].flatMap(([userId, own]) =>
          messagesOf(channel, userId, own).map((message) => ({
            ...{ ...message, state: 'PENDING' as const, leaseUntil, received: { lastDay: 0, lastWeek: 0 } },
          })),
        );
      }),
    begin: (message, _, at, until) =>
      transact(owner, 'begins a message', async () => () => {
        const rows = rowsOf(message);
        const isOwn = ({ state, dueMs }: DeliveryRow) =>
          state === 'PENDING' && dueMs === message.leaseUntil.getTime() && dueMs > at.getTime();
        if (rows.length !== message.deliveries.length || !rows.every(isOwn)) return undefined;
        for (const row of rows)
          Object.assign(row, { state: 'SENDING', dueMs: until.getTime(), attempt: row.attempt + 1 });
        return { deliveries: message.deliveries, state: 'SENDING' as const, leaseUntil: until };
      }),
    end: (held, outcome) =>
      transact(owner, `ends a message: ${outcome.state}`, async () => () => {
        for (const row of rowsOf(held)) {
          if (row.state !== held.state || row.dueMs !== held.leaseUntil.getTime()) continue;
          row.state = outcome.state;
          row.reason = 'reason' in outcome ? outcome.reason : null;
          if (outcome.state === 'PENDING') row.dueMs = outcome.dueAt.getTime();
        }
      }),
    choicesOf: async () => new Map(),
    withPush: async () => new Set(),
    deleteFinished: async () => 0,
  };
}
