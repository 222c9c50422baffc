import { fork } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { handleOnce } from '../postgres/inbox.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Delivery, EventBus, Handler } from './bus.ts';
import { inProcessBus } from './bus-in-process.ts';
import { postgresDeadLetters } from './dead-letters.ts';
import { INSERT_OUTBOX, type OutboxBatch, outboxValues } from './outbox.ts';
import { createRelay, type Relay } from './relay.ts';

const log = pino({ level: 'silent' });
/** Events here are what a test makes of them, but for one. */
const check = { outgoing: ({ event }: Delivery) => (event.data['n'] === -1 ? 'n: is wrong' : undefined) };
let database: TestDatabase;
let pool: pg.Pool;
let nodes: { relay: Relay; bus: EventBus; metrics: Registry }[];

beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 20 });
  // Dropping the database ends what is just closing.
  pool.on('error', () => {});
  nodes = [];
});
afterEach(async () => {
  for (const { relay, bus } of nodes) {
    await relay.stop();
    await bus.stop();
  }
  await pool.end();
  await database.drop();
});

function startNode(handler?: Handler, topics = ['coupon.issued'], relayLog = log) {
  const metrics = new Registry();
  const deadLetters = postgresDeadLetters(pool);
  const bus = inProcessBus({ deadLetters, metrics, log, retryBaseMs: 5 });
  if (handler !== undefined) bus.subscribe('consumer', topics, handler);
  const relay = createRelay({ url: database.url, bus, check, deadLetters, metrics, log: relayLog });
  relay.start();
  const node = { relay, bus, metrics };
  nodes.push(node);
  return node;
}

function batch(key: string, numbers: readonly number[]): OutboxBatch {
  const rows = numbers.map((number) => [key, number]);
  return {
    topic: 'coupon.issued',
    source: 'coupon',
    keyField: 'policyId',
    common: {},
    columns: ['policyId', 'n'],
    rows,
    countBy: 'policyId',
  };
}

const write = (client: Pick<pg.ClientBase, 'query'>, id: bigint, batches: OutboxBatch[]) =>
  client.query(INSERT_OUTBOX, outboxValues(id, batches));

async function backlog(): Promise<number> {
  const { rows } = await pool.query<{ rows: number }>('select count(*)::int as rows from platform.outbox');
  return rows[0]?.rows ?? -1;
}

const WAIT = { timeout: 60_000, interval: 20 };
const emptyOutbox = () => vi.waitFor(async () => expect(await backlog()).toBe(0), WAIT);
const relayBackends = async (): Promise<number[]> => {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity a where datname = current_database() and application_name = 'stampede-relay'
       and exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted)`,
  );
  return rows.map((row) => row.pid);
};
const numberOf = (delivery: Delivery) => Number(delivery.event.data['n']);

test('transactions that commit out of order lose nothing, and a key keeps its order', async () => {
  const got: Delivery[] = [];
  const { relay } = startNode(async (events) => void got.push(...events));

  // Eight writers take a key's lock in turn, so its order is known; commits of different keys are stretched at will, and
  // ids are taken when a transaction begins, so they do not rise in the order of commits.
  let id = 1_000n;
  const order = new Map<string, number>();
  await pool.query(`create table keys (key text primary key, n int not null default 0)`);
  await pool.query(`insert into keys select k::text, 0 from generate_series(0, 3) k`);
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let turn = 0; turn < 12; turn++) {
        const mine = id++;
        const key = String((writer + turn) % 4);
        const client = await pool.connect();
        await client.query('begin');
        await client.query('select pg_current_xact_id()');
        await client.query('select pg_sleep($1)', [((writer * 7 + turn * 3) % 5) / 200]);
        const { rows } = await client.query<{ n: number }>('update keys set n = n + 1 where key = $1 returning n', [
          key,
        ]);
        await write(client, mine, [batch(key, [rows[0]?.n ?? -1])]);
        await client.query('select pg_sleep($1)', [((writer * 3 + turn) % 4) / 200]);
        await client.query('commit');
        client.release();
        order.set(key, (order.get(key) ?? 0) + 1);
        relay.notify();
      }
    }),
  );
  await emptyOutbox();

  for (const [key, count] of order) {
    const numbers = got.filter((delivery) => delivery.key === key).map(numberOf);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  }
});

test('the relay waits for a transaction that began first and commits last', async () => {
  const got: number[] = [];
  const { relay } = startNode(async (events) => void got.push(...events.map(numberOf)));
  const slow = await pool.connect();
  await slow.query('begin');
  await write(slow, 1n, [batch('a', [1])]);
  await write(pool, 2n, [batch('a', [2])]);
  relay.notify();
  // Long enough for many passes: a relay that remembers only the last id would have gone beyond 1 by now.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(got).toEqual([]);
  await slow.query('commit');
  slow.release();
  relay.notify();
  await emptyOutbox();
  expect(got).toEqual([1, 2]);
});

test('when the leader loses its connection another node takes over and nothing is lost', async () => {
  const got = new Set<number>();
  const handler: Handler = async (events) => {
    for (const event of events) got.add(numberOf(event));
  };
  const first = startNode(handler);
  const second = startNode(handler);
  const leader = await vi.waitFor(async () => {
    const backends = await relayBackends();
    expect(backends).toHaveLength(1);
    return backends[0];
  });
  for (let n = 0; n < 20; n++) {
    await write(pool, BigInt(n), [batch('a', [n])]);
    first.relay.notify();
    second.relay.notify();
    if (n === 10) await pool.query('select pg_terminate_backend($1)', [leader]);
  }
  await emptyOutbox();
  expect(got.size).toBe(20);
  const now = await relayBackends();
  expect(now).toHaveLength(1);
  expect(now[0]).not.toBe(leader);
});

test('a notification from a standby node reaches the leader', async () => {
  const got: number[] = [];
  const handler: Handler = async (events) => void got.push(...events.map(numberOf));
  const first = startNode(handler);
  await vi.waitFor(async () => expect(await relayBackends()).toHaveLength(1));
  const standby = startNode(handler);
  const listener = await pool.connect();
  const heard = new Promise((resolve) => listener.once('notification', resolve));
  await listener.query('listen stampede_outbox');
  await write(pool, 1n, [batch('a', [1])]);
  standby.relay.notify();
  await heard;
  await emptyOutbox();
  expect(got).toEqual([1]);
  const { rows } = await pool.query<{ source: string }>('select source from platform.event_source');
  const leads = async ({ metrics }: typeof first) =>
    (await metrics.getSingleMetricAsString('stampede_relay_leader')).split('\n').slice(2);
  expect(await leads(first)).toEqual([`stampede_relay_leader{database="${rows[0]?.source}"} 1`]);
  expect(await leads(standby)).toEqual([`stampede_relay_leader{database="${rows[0]?.source}"} 0`]);
  listener.release(true);
});

test('a crash between publishing and deleting publishes again, and the inbox keeps it to one effect', async () => {
  await pool.query('create table effects (n int not null)');
  let deliveries = 0;
  let killed = false;
  const handler: Handler = async (events) => {
    deliveries += events.length;
    const client = await pool.connect();
    try {
      await client.query('begin');
      for (const event of await handleOnce(client, 'consumer', events)) {
        await client.query('insert into effects values ($1)', [numberOf(event)]);
      }
      await client.query('commit');
    } finally {
      client.release();
    }
    if (killed) return;
    killed = true;
    // The effect is there; the relay dies before it can delete.
    for (const pid of await relayBackends()) await pool.query('select pg_terminate_backend($1)', [pid]);
  };
  await write(pool, 1n, [batch('a', [1, 2, 3])]);
  startNode(handler);
  await emptyOutbox();
  expect(deliveries).toBeGreaterThanOrEqual(6);
  const { rows } = await pool.query('select n from effects order by n');
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('a row that could not be published is retried before later rows of its key', async () => {
  const order: number[] = [];
  let refusals = 2;
  const node = startNode(async () => {});
  const publish = node.bus.publish.bind(node.bus);
  node.bus.publish = async (events) => {
    if (events.some((event) => numberOf(event) === 1) && refusals-- > 0) throw new Error('the broker is away');
    order.push(...events.map(numberOf));
    await publish(events);
  };
  await write(pool, 1n, [batch('a', [1])]);
  await write(pool, 2n, [batch('a', [2])]);
  await emptyOutbox();
  expect(order).toEqual([1, 2]);
});

test('an outage of the bus is one line in the log however many rows wait, and so is its end', async () => {
  const lines: string[] = [];
  const listening = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const node = startNode(async () => {}, ['coupon.issued'], listening);
  const publish = node.bus.publish.bind(node.bus);
  let refusals = 0;
  node.bus.publish = async (events) => {
    // Later than the call, as a broker that does not respond.
    await new Promise(setImmediate);
    if (++refusals <= 60) throw new Error('the broker is away');
    await publish(events);
  };
  for (let id = 1n; id <= 40n; id++) await write(pool, id, [batch('a', [Number(id)])]);
  await emptyOutbox();
  expect(refusals).toBeGreaterThan(60);
  expect(lines.filter((line) => line.startsWith('outbox rows'))).toEqual([
    'outbox rows could not be published and are retried',
    'outbox rows are published again',
  ]);
});

test('the relay works again when it has read the outbox, not when it has a connection', async () => {
  const lines: string[] = [];
  const listening = createLogger('debug', { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const linesOf = (message: string) => lines.filter((line) => line === message);
  await pool.query('alter table platform.outbox rename to outbox_away');
  startNode(undefined, [], listening);
  await vi.waitFor(() => expect(linesOf('the outbox relay failed and starts again').length).toBeGreaterThan(2), WAIT);
  expect(linesOf('the outbox relay works again')).toEqual([]);
  await pool.query('alter table platform.outbox_away rename to outbox');
  await vi.waitFor(() => expect(linesOf('the outbox relay works again')).toHaveLength(1), WAIT);
});

test('rows of topics without a consumer are deleted without loading their payload, and counted', async () => {
  startNode(async () => {}, ['another.topic']);
  // Not JSON: parsing it would fail.
  await pool.query(
    `insert into platform.outbox (id, topics, payload, events, tally)
     select i, '{coupon.issued}', 'unreadable', 256, '{"coupon.issued": {"7": 200, "8": 56}}' from generate_series(1, 3000) i`,
  );
  await emptyOutbox();
  const { rows } = await pool.query(`select key, events::int from platform.published_events order by key`);
  expect(rows).toEqual([
    { key: '7', events: 600_000 },
    { key: '8', events: 168_000 },
  ]);
});

test('an outbox row that cannot be read stays where it is and delays no other row', async () => {
  const got: number[] = [];
  await write(pool, 1n, [batch('a', [1])]);
  await pool.query(`update platform.outbox set payload = '[{"topic":'`);
  await write(pool, 2n, [batch('a', [2])]);
  startNode(async (events) => void got.push(...events.map(numberOf)));
  await vi.waitFor(async () => expect(await backlog()).toBe(1), { timeout: 60_000 });
  expect(got).toEqual([2]);
});

test('a frozen leader loses its session, another node takes over, and the old leader becomes a standby', async () => {
  const frozen = fork(join(import.meta.dirname, '../../../test/support/relay-process.ts'), [database.url]);
  try {
    await vi.waitFor(async () => expect(await relayBackends()).toHaveLength(1), { timeout: 60_000 });
    const [leader] = await relayBackends();
    frozen.kill('SIGSTOP');
    const got: number[] = [];
    startNode(async (events) => void got.push(...events.map(numberOf)));
    await write(pool, 1n, [batch('a', [1])]);
    await vi.waitFor(() => expect(got).toEqual([1]), { timeout: 60_000 });
    expect(await relayBackends()).not.toContain(leader);

    // It wakes, finds its session closed and becomes a standby: the lock stays with the other node.
    const [successor] = await relayBackends();
    frozen.kill('SIGCONT');
    await vi.waitFor(
      async () => {
        const { rows } = await pool.query(
          `select pid from pg_stat_activity where datname = current_database() and application_name = 'stampede-relay'`,
        );
        expect(rows).toHaveLength(2);
      },
      { timeout: 60_000 },
    );
    expect(await relayBackends()).toEqual([successor]);
  } finally {
    frozen.kill('SIGKILL');
  }
});

test('rows restored from a dump of another cluster are published in their order, with rows that were written since', async () => {
  const got: number[] = [];
  for (const n of [1, 2, 3]) await write(pool, BigInt(n), [batch('a', [n])]);
  await pool.query(
    `update platform.outbox set xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8 where id = 2`,
  );
  startNode(async (events) => void got.push(...events.map(numberOf)));
  await emptyOutbox();
  expect(got).toEqual([1, 2, 3]);
});

test('the metrics show the backlog that a long transaction causes', async () => {
  const slow = await pool.connect();
  await slow.query('begin');
  await slow.query('select pg_current_xact_id()');
  await write(pool, 1n, [batch('a', [1])]);
  const { metrics } = startNode(async () => {});
  await vi.waitFor(async () => {
    expect(await metrics.getSingleMetricAsString('stampede_outbox_rows')).toContain('stampede_outbox_rows 1');
  });
  await slow.query('rollback');
  slow.release();
  await emptyOutbox();
});

test('an event that does not match the catalogue becomes a dead letter and blocks no other event', async () => {
  const seen: number[] = [];
  startNode(async (events) => void seen.push(...events.map(({ event }) => Number(event.data['n']))));
  await write(pool, 1n, [batch('1', [1, -1, 2])]);
  await write(pool, 2n, [batch('1', [3])]);
  await emptyOutbox();
  expect(seen).toEqual([1, 2, 3]);
  const { rows } = await pool.query('select consumer, event_id, reason from platform.dead_letters');
  expect(rows).toEqual([
    { consumer: 'relay', event_id: expect.stringMatching(/^[0-9a-f]{16}-1:1$/), reason: 'n: is wrong' },
  ]);
});

test('old rows of the inbox and many dead letters do not keep the relay from its rows', async () => {
  await pool.query(`insert into platform.inbox (consumer, source, seen, handled_at)
    select 'consumer', n::text, '{[0,256)}', now() - interval '8 days' from generate_series(1, 10000) as n`);
  await pool.query(`insert into platform.dead_letters (consumer, event_id, topic, key, event, reason)
    select 'consumer', (n / 4) || ':' || (n % 4), 'coupon.issued', '1', '{}', '' from generate_series(4, 20003) as n`);
  for (let id = 1n; id <= 200n; id++) await write(pool, id, [batch('1', [1, 2, 3])]);
  startNode(async () => {});
  await emptyOutbox();
  await vi.waitFor(async () => {
    const { rows } = await pool.query(
      `select count(*)::int as rows, min(handled_at) > now() - interval '1 hour' as renewed from platform.inbox`,
    );
    expect(rows).toEqual([{ rows: 5_000, renewed: true }]);
  }, WAIT);
});

test('the relay continues while the inbox cannot be cleaned up', async () => {
  await pool.query('alter table platform.inbox rename to inbox_that_is_away');
  // Rows that are published within a pass would be deleted by it: these are still being published when the clean-up fails.
  startNode(() => new Promise((resolve) => setTimeout(resolve, 300)));
  for (let id = 1n; id <= 5n; id++) await write(pool, id, [batch('1', [1])]);
  await emptyOutbox();
});
