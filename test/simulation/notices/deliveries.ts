import type { DeliveryStore, Held, NewDelivery } from '../../../src/contexts/notification/application/deliver/ports.ts';
import { type Delivery, isRepeated, messagesOf } from '../../../src/contexts/notification/domain/delivery.ts';
import type { Received } from '../../../src/contexts/notification/domain/may-leave.ts';
import { classOf } from '../../../src/contexts/notification/domain/notice-class.ts';
import { DAY_MS } from '../../../src/platform/kernel/durations.ts';
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
  /** Messages of marketing that the user got, or may have got. */
  function receivedBy(userId: bigint, atMs: number): Received {
    const counted = [...tables.deliveries.values()].filter(
      (row) =>
        row.userId === userId &&
        classOf(row.kind, tables.notices.get(keyOf(row))?.data ?? {}) === 'MARKETING' &&
        ['SENT', 'UNKNOWN', 'SENDING'].includes(row.state),
    );
    const since = (fromMs: number) =>
      new Set(counted.filter((row) => (row.finishedMs ?? atMs) > fromMs).map(({ messageId }) => messageId)).size;
    return { lastDay: since(atMs - DAY_MS), lastWeek: since(atMs - 7 * DAY_MS) };
  }

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
              ...{ claimedMs: 0, finishedMs: null, messageId: null },
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
          row.finishedMs = row.state === 'PENDING' ? null : atMs;
          row.reason = 'PROCESS_ENDED';
        }
        const pending = rows.filter(({ state }) => state === 'PENDING');
        const due = pending.filter(({ dueMs }) => dueMs <= atMs).slice(0, limit);
        const digests = new Set(due.map(({ userId, digest }) => digest && `${userId} ${digest}`).filter(Boolean));
        const taken = pending.filter((row) => due.includes(row) || digests.has(`${row.userId} ${row.digest}`));
        for (const row of taken) Object.assign(row, { dueMs: leaseUntil.getTime(), claimedMs: atMs });
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
            ...{ ...message, state: 'PENDING' as const, leaseUntil, received: receivedBy(userId, atMs) },
          })),
        );
      }),
    begin: (message, messageId, at, until) =>
      transact(owner, 'begins a message', async () => () => {
        const rows = rowsOf(message);
        const isOwn = ({ state, dueMs }: DeliveryRow) =>
          state === 'PENDING' && dueMs === message.leaseUntil.getTime() && dueMs > at.getTime();
        if (rows.length !== message.deliveries.length || !rows.every(isOwn)) return undefined;
        for (const row of rows) {
          Object.assign(row, { state: 'SENDING', dueMs: until.getTime(), attempt: row.attempt + 1, messageId });
          tables.begun.set(row.id, { messageId, claimedMs: row.claimedMs, atMs: at.getTime() });
        }
        return { deliveries: message.deliveries, state: 'SENDING' as const, leaseUntil: until };
      }),
    end: (held, outcome, at) =>
      transact(owner, `ends a message: ${outcome.state}`, async () => () => {
        for (const row of rowsOf(held)) {
          if (row.state !== held.state || row.dueMs !== held.leaseUntil.getTime()) continue;
          row.state = outcome.state;
          row.reason = 'reason' in outcome ? outcome.reason : null;
          row.finishedMs = outcome.state === 'PENDING' ? null : at.getTime();
          if (outcome.state !== 'PENDING') continue;
          row.dueMs = outcome.dueAt.getTime();
          tables.waits.add(outcome.reason);
        }
      }),
    choicesOf: (userIds) =>
      transact(owner, '', async () => () => {
        const chosen = userIds.flatMap((userId) => {
          const last = tables.choices.get(userId)?.at(-1);
          return last ? [[userId, last.value] as const] : [];
        });
        return new Map(chosen);
      }),
    withPush: async () => new Set(),
    deleteFinished: async () => 0,
  };
}
