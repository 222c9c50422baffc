import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shopOn } from '../attacks/shop.ts';
import { openPolicy, type Stage, stage, storeOf, until } from '../attacks/support.ts';
import { copyRow } from './full-tables.ts';

/** Rows of the tables that lists read; a tenth of the orders and policies is of the store. */
const ROWS = 20_000;
const LIMIT = 10;
/** The position of a cursor of lists by id, in the middle. */
const MIDDLE = Buffer.from(String(ROWS / 2)).toString('base64url');
const SINCE = '2026-01-01T00:00:00Z';

let on: Stage;
let client: pg.Client;
let storeId: string;
let policyId: string;
const [ORDERING, HOLDING] = ['7', '8'];
beforeAll(async () => {
  on = await stage();
  const shop = shopOn(on);
  client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  storeId = await storeOf(on, '61');
  // One row of each table, which nothing waits for.
  policyId = await openPolicy(on, { storeId, maxIssueCount: null });
  const { couponId } = (await shop.post(HOLDING, `coupons/policies/${policyId}/issue`, {})).body;
  await shop.post(HOLDING, `coupons/${couponId}/use`, { lines: [{ storeId, amount: 9_000 }] });
  const { orderId } = await shop.placed(ORDERING);
  await shop.post(ORDERING, `orders/${orderId}/cancel`, {});
  await until(async () => (await client.query('select 1 from statistics.hourly where used > 0')).rowCount === 1);
  const { rows } = await client.query('select resume_at from orders.orders');
  expect(rows).toEqual([{ resume_at: null }]);

  const ofStore = `case when n % 10 = 0 then ${storeId} end`;
  const at = `timestamptz '${SINCE}' + n * interval '1 second'`;
  const copies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'orders.orders': { id: 'n', user_id: `n % 50`, key: "'copy-' || n", created_at: at },
    'orders.order_lines': { order_id: 'n', store_id: ofStore },
    'coupon.coupon_policies': { id: 'n', code: 'null', store_id: ofStore, valid_from: at },
    'coupon.coupon_history': { version: 'n + 10' },
    'statistics.hourly': { policy_id: 'n', store_id: ofStore, starts_at: at },
  };
  for (const [table, changes] of Object.entries(copies)) await copyRow(client, table, changes, 1, ROWS);
  const ofPolicy = { id: 'n', user_id: `n / 2 + 100`, sequence_no: 'n + 1', slot: 'n % 2' };
  await copyRow(client, 'coupon.coupon_issues', { ...ofPolicy, status: "'ISSUED'", used_at: 'null' }, 1, ROWS);
  await client.query(`update coupon.coupon_policies set last_sequence_no = ${ROWS + 1} where id = ${policyId}`);
  // As autovacuum leaves them. Without it the price of an index-only scan depends on what autovacuum has done by chance.
  await client.query('vacuum analyze');
});
afterAll(async () => {
  await client.end();
  await on.stop();
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statements about a table that the program sends while it responds to a request, which must succeed. */
async function sentFor(path: string, token: string, json?: object): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const { query } = pg.Client.prototype;
  const recording = function (this: pg.Client, ...args: unknown[]) {
    const [config, values] = args as [string | pg.QueryConfig, unknown[] | undefined];
    const text = typeof config === 'string' ? config : config.text;
    sent.push({ text, values: (typeof config === 'string' ? values : (config.values ?? values)) ?? [] });
    return Reflect.apply(query, this, args);
  };
  pg.Client.prototype.query = recording as typeof query;
  try {
    const { status, text } = await on.call(json ? 'POST' : 'GET', `/api/v1/${path}`, { token, ...(json && { json }) });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}

/** How many rows of a table a statement looked at, with its values; those that its filters dropped included. */
async function rowsLookedAt({ text, values }: Sent, table: string): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ Plan: PlanNode }] }>(
    `explain (analyze, timing off, format json) ${text}`,
    [...values],
  );
  const sum = (node: PlanNode): number => {
    const own = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    return (node['Relation Name'] === table ? own : 0) + (node.Plans ?? []).map(sum).reduce((a, b) => a + b, 0);
  };
  return sum(rows[0]?.['QUERY PLAN'][0].Plan as PlanNode);
}

const admin = () => on.token('1', 'ADMIN');
const TO = '2026-01-01T04:00:00Z';

describe('a page of a list looks at few rows, however far it is from the first', () => {
  it.each<readonly [name: string, path: () => string, token: () => string]>([
    ['orders.orders of a user', () => `orders?limit=${LIMIT}&cursor=${MIDDLE}`, () => on.token(ORDERING)],
    ['orders.orders of a user, for support', () => `orders?userId=${ORDERING}&limit=${LIMIT}&cursor=${MIDDLE}`, admin],
    ['orders.orders of a store', () => `orders?storeId=${storeId}&limit=${LIMIT}&cursor=${MIDDLE}`, admin],
    ['orders.order_lines of a store', () => `orders?storeId=${storeId}&limit=${LIMIT}&cursor=${MIDDLE}`, admin],
    ['orders.orders of a time', () => `orders?from=${SINCE}&to=${TO}&limit=${LIMIT}`, admin],
    [
      'orders.orders of a time, later page',
      () => `orders?from=${SINCE}&to=${TO}&limit=${LIMIT}&cursor=${MIDDLE}`,
      admin,
    ],
    [
      'coupon.coupon_policies of a store',
      () => `stores/${storeId}/coupon-policies?limit=${LIMIT}&cursor=${MIDDLE}`,
      admin,
    ],
    [
      'coupon.coupon_issues of a policy',
      () => `coupon-policies/${policyId}/coupons?limit=${LIMIT}&cursor=${MIDDLE}`,
      admin,
    ],
    [
      'coupon.coupon_issues of a policy with a status',
      () => `coupon-policies/${policyId}/coupons?status=ISSUED&limit=${LIMIT}&cursor=${MIDDLE}`,
      admin,
    ],
    ['coupon.coupon_issues of a policy and user', () => `coupon-policies/${policyId}/coupons?userId=500`, admin],
    [
      'coupon.coupon_issues of a policy, user and status',
      () => `coupon-policies/${policyId}/coupons?userId=500&status=USED`,
      admin,
    ],
  ])('a page of %s looks at few rows', async (name, path, token) => {
    const table = name.replace(/^\w+\.(\w+) .*$/, '$1');
    const sent = (await sentFor(path(), token())).filter(({ text }) => new RegExp(`\\b${table}\\b`).test(text));
    expect(sent.length).toBeGreaterThan(0);
    for (const statement of sent) {
      const looked = await rowsLookedAt(statement, table);
      // One more than the page shows whether there is a next one, and a policy is looked up beside it.
      expect([statement.text, looked <= 2 * LIMIT + 2 || looked]).toEqual([statement.text, true]);
    }
  });

  it.each([
    ['coupon_history', 'the history of a coupon', 201, async () => `coupons/${await usedCoupon()}`],
    ['hourly', 'the statistics of a store', ROWS / 10 + 1, async () => `stores/${storeId}/statistics`],
  ] as const)('rows of %s: %s looks at those that it shows', async (table, _, most, path) => {
    const sent = (await sentFor(await path(), admin())).filter(({ text }) => text.includes(table));
    expect(sent.length).toBeGreaterThan(0);
    for (const statement of sent) expect(await rowsLookedAt(statement, table)).toBeLessThanOrEqual(most);
  });

  it('a quote looks at the coupons and reservations of its user only', async () => {
    const sent = await sentFor('coupons/quote', on.token('500'), { lines: [{ storeId, amount: 10_000 }] });
    const ofCoupons = sent.filter(({ text }) => text.includes('coupon_issues'));
    expect(ofCoupons.length).toBeGreaterThan(0);
    for (const statement of ofCoupons) expect(await rowsLookedAt(statement, 'coupon_issues')).toBeLessThanOrEqual(4);
  });
});

const usedCoupon = async (): Promise<string> =>
  (await client.query(`select id from coupon.coupon_issues where status = 'USED'`)).rows[0].id;
