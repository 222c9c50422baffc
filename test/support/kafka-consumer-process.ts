/**
 * A consumer of coupon.issued that counts its effects in PostgreSQL, as a process of its own, so that a test can freeze or
 * kill it. Notifies its parent when it handles a batch. Arguments: brokers, prefix, database URL.
 */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Delivery } from '../../src/platform/events/bus.ts';
import { kafkaBus } from '../../src/platform/events/bus-kafka.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { handleOnce } from '../../src/platform/postgres/inbox.ts';
import { inTransaction } from '../../src/platform/postgres/transaction.ts';

const [brokers = '', prefix = '', url = ''] = process.argv.slice(2);
const log = pino({ level: process.env['LOG'] ?? 'silent' });
const database = openDatabase({ url, onError: () => {} });
const bus = kafkaBus({
  settings: { brokers: brokers.split(','), partitions: 4, prefix },
  metrics: new Registry(),
  log,
  retryBaseMs: 5,
  sessionTimeoutMs: 2_000,
});

async function count(batch: readonly Delivery[]): Promise<void> {
  await inTransaction(database.pool, async (client) => {
    const fresh = await handleOnce(client, 'effects', batch);
    if (fresh.some(({ event }) => event.data['poison'] === true)) throw new Error('poison');
    await client.query(
      `insert into effects (key, n) select key, n
       from unnest($1::text[], $2::int[]) with ordinality as event(key, n, place) order by place`,
      [fresh.map(({ key }) => key), fresh.map(({ event }) => event.data['n'])],
    );
    process.send?.('in hand');
    // Time for the parent to do what it wants to do in the middle of a batch.
    await client.query('select pg_sleep(0.05)');
  });
}

bus.subscribe('effects', ['coupon.issued'], count);
await bus.start();

async function end(): Promise<void> {
  await bus.stop();
  await database.close();
  process.exit(0);
}
process.once('SIGTERM', end);
process.once('disconnect', () => process.exit(1));
