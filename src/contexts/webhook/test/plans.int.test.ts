import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { postgresDeliveryQueue } from '../adapters/postgres/delivery-queue.ts';
import { HEALTHY } from '../domain/health.ts';
import { type WebhookFixture, webhookFixture } from './fixture.ts';

const WAITING = 5_000;
const PAGE = 100;
/** What a statement about a page may read of tables and indexes: each row, and what is earlier of its subject. */
const ROWS_MAX = 4 * PAGE;

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

let on: WebhookFixture;
let endpointId: bigint;
beforeEach(async () => {
  on = await webhookFixture();
  // Nothing is sent.
  await on.stop();
  ({ id: endpointId } = await on.add('http://127.0.0.1:1'));
});
afterEach(() => on.close());

async function fill(): Promise<void> {
  await on.database.pool.query(
    `insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, status, due_at, created_at)
     select $1, 'e-' || n, 'coupon.issued', 'couponId:' || n, '{}', 'PENDING', now(), now() from generate_series(1, $2::int) as n`,
    [endpointId, WAITING],
  );
}

/** Returns how many rows the plan has read and compared. */
const rowsOf = (node: PlanNode): number => {
  const each =
    (node['Relation Name'] === undefined ? 0 : node['Actual Rows']) +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0);
  return each * node['Actual Loops'] + (node.Plans ?? []).map(rowsOf).reduce((sum, rows) => sum + rows, 0);
};

/** The queue over a client that runs each statement about deliveries, explained. Returns what they read. */
function explained() {
  let rows = 0;
  const query = async (client: pg.ClientBase | pg.Pool, text: string, values: readonly unknown[] = []) => {
    if (!text.includes('webhook.deliveries')) return await client.query(text, [...values]);
    const { rows: plans } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `explain (analyze, format json) ${text}`,
      [...values],
    );
    for (const plan of plans) for (const { Plan } of plan['QUERY PLAN']) rows += rowsOf(Plan);
    return { rows: [], rowCount: 0 };
  };
  const { pool } = on.database;
  const connect = async () => {
    const client = await pool.connect();
    return {
      query: (text: string, values?: readonly unknown[]) => query(client, text, values),
      release: client.release.bind(client),
      on: client.on.bind(client),
      off: client.off.bind(client),
    };
  };
  const explaining = { connect, query: (text: string, values?: readonly unknown[]) => query(pool, text, values) };
  const queue = postgresDeliveryQueue({ pool: explaining as unknown as pg.Pool, nextId: () => 1n, onEvents: () => {} });
  return { queue, rows: () => rows };
}

const TABLES = {
  'was never analyzed': fill,
  'was analyzed when nothing waited': async () => {
    await on.database.pool.query('analyze webhook.deliveries');
    await fill();
  },
  'has statistics': async () => {
    await fill();
    await on.database.pool.query('analyze webhook.deliveries');
  },
};

test.each(Object.entries(TABLES))(
  'a page of deliveries is read without the others when the table %s',
  async (_, prepare) => {
    await prepare();
    const { queue, rows } = explained();
    const held = Array.from({ length: PAGE }, (_, index) => BigInt(index + 1));
    await queue.due(endpointId, new Date(on.clock()), { after: BigInt(PAGE), held, limit: PAGE });
    expect(rows()).toBeGreaterThanOrEqual(PAGE);
    expect(rows()).toBeLessThanOrEqual(ROWS_MAX);
  },
);

test.each(Object.entries(TABLES))(
  'results are recorded without reading other deliveries when the table %s',
  async (_, prepare) => {
    await prepare();
    const [leased] = await postgresDeliveryQueue({
      pool: on.database.pool,
      nextId: () => 1n,
      onEvents: () => {},
    }).acquire(new Date(on.clock()), new Date(on.clock() + 30_000), [], 1);
    if (leased === undefined) throw new Error('nothing was leased');
    const { queue, rows } = explained();
    const { rows: found } = await on.database.pool.query<{ id: bigint }>(
      'select id from webhook.deliveries order by id limit $1',
      [PAGE],
    );
    const results = found.map(({ id }) => ({
      ...({ id, status: 'DELIVERED', lastStatus: 200, lastError: null, dueAt: null } as const),
    }));
    await queue.record(leased, { results, health: HEALTHY, isRecovered: false }, new Date(on.clock()));
    expect(rows()).toBeGreaterThanOrEqual(PAGE);
    expect(rows()).toBeLessThanOrEqual(ROWS_MAX);
  },
);
