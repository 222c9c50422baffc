import { tmpdir } from 'node:os';
import type pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createStore } from '../../src/contexts/store/module.ts';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { openFiles } from '../../src/platform/files/open-files.ts';
import type { IdSource } from '../../src/platform/kernel/ids.ts';
import type { Database } from '../../src/platform/postgres/database.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';

/** Makes a user follow the store. */
export type Follow = (userId: bigint) => Promise<void>;

const SLOTS = 16;
const INSERT = `
  insert into store.subscriptions (type, target_id, user_id, id) values ('STORE', $1, $2, $3) on conflict do nothing`;
const COUNT_ROW = 'update store.stores set followers = followers + 1 where id = $1';
const COUNT_SLOT = `
  insert into public.slots as s (id, slot, followers) values ($1, $2, 1)
  on conflict (id, slot) do update set followers = s.followers + 1`;

/** Ways to count the followers of a store, which commit subscription, count and event together. */
export async function candidates(
  database: Database,
  nextId: IdSource,
  storeId: bigint,
): Promise<readonly (readonly [name: string, follow: Follow])[]> {
  await database.pool.query('create table public.slots (id bigint, slot int, followers int, primary key (id, slot))');
  const deps = { database, nextId, metrics: new Registry(), log: pino({ level: 'silent' }) };
  const { images } = openFiles({ kind: 'DIRECTORY', directory: tmpdir() }, deps);
  const { api } = createStore({ database, clock: Date.now, nextId, images });
  const alone =
    (count: (client: pg.ClientBase, userId: bigint) => Promise<unknown>): Follow =>
    (userId) =>
      inTransaction(database.pool, async (client) => {
        await client.query({ name: 'follow', text: INSERT, values: [storeId, userId, nextId()] });
        const row = [String(storeId), String(userId)];
        const batch = { topic: 'store.subscribed', source: 'store', keyField: 'storeId', common: {} };
        const event = { ...batch, columns: ['storeId', 'userId'], rows: [row] };
        await client.query({ name: 'event', text: INSERT_OUTBOX, values: outboxValues(nextId(), [event]) });
        // Last, so that its lock is held for the COMMIT only.
        await count(client, userId);
      });
  return [
    [
      'a batch counts once',
      async (userId) => {
        const target = { $case: 'storeId', value: storeId } as const;
        const { outcome } = await api.setSubscription({ userId, target, isFollowing: true });
        if (outcome?.$case !== 'done') throw new Error(JSON.stringify(outcome));
      },
    ],
    [
      'a transaction each, one row',
      alone((client) => client.query({ name: 'row', text: COUNT_ROW, values: [storeId] })),
    ],
    [
      `a transaction each, ${SLOTS} slots`,
      alone((client, userId) =>
        client.query({ name: 'slot', text: COUNT_SLOT, values: [storeId, Number(userId % BigInt(SLOTS))] }),
      ),
    ],
  ];
}
