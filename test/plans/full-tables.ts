import type pg from 'pg';

/** What differs from the row that is copied, by table: SQL over `n`, from 1 on. Few users, so that those have much each. */
const COPIES = {
  'coupon.coupon_issues': { id: 'n', user_id: 'n', sequence_no: 'n + 1000', policy_id: '1', code: "'c' || n" },
  'coupon.coupon_reservations': { id: "'copy-' || n", coupon_id: 'n', user_id: 'n % 50', order_id: "'o' || n" },
  'coupon.coupon_history': { coupon_id: 'n' },
  'coupon.coupon_codes': { code: "'C' || n", place: 'n + 1000' },
  'coupon.coupon_policies': { id: 'n + 10', code: 'null' },
  'orders.orders': { id: 'n', user_id: 'n % 50', key: "'copy-' || n" },
  'orders.order_lines': { order_id: 'n' },
  'orders.payments': { id: 'n', order_id: 'n', key: "'copy-' || n", provider_ref: 'null' },
  'orders.refunds': { id: 'n', order_id: 'n', key: "'copy-' || n" },
  'orders.time_sale_buyers': { user_id: 'n + 1000' },
  'point.accounts': { user_id: 'n + 1000' },
  'point.transactions': { id: 'n', user_id: 'n % 50', key: "'copy-' || n" },
  'point.lots': { id: 'n', user_id: 'n % 50' },
  'point.lot_moves': { transaction_id: 'n' },
  'point.holds': { user_id: 'n % 50', order_id: "'copy-' || n" },
  'point.refusals': { user_id: 'n % 50', key: "'copy-' || n" },
  'orders.products': { id: 'n' },
  'orders.time_sales': { id: 'n' },
  'identity.users': { id: 'n + 1000', issuer: "'login'", subject: "'subject ' || n", email: 'null' },
  'store.stores': { id: 'n + 1000' },
  'store.followed_policies': { policy_id: 'n + 1000' },
  'store.subscriptions': { user_id: 'n % 50', target_id: 'n', id: 'n' },
  'platform.inbox': { source: "'copy-' || n" },
} as const;

/** Copies a row of every hot table for each number of a range, without analyzing it. Each has to hold a row. */
export async function fillTables(client: pg.Client, from: number, to: number): Promise<void> {
  for (const [table, changes] of Object.entries(COPIES)) {
    await copyRow(client, table, changes, from, to);
  }
}

/** Copies the first row of a table for each number `n` of a range. `changes`: SQL over `n`, by column. Throws when it has no row. */
export async function copyRow(
  client: pg.Client,
  table: string,
  changes: Readonly<Record<string, string>>,
  from: number,
  to: number,
): Promise<void> {
  const fields = Object.entries(changes).map(([column, value]) => `'${column}', ${value}`);
  const { rowCount } = await client.query(`
    insert into ${table}
    select (jsonb_populate_record(null::${table}, to_jsonb(one) || jsonb_build_object(${fields.join(', ')}))).*
    from (select * from ${table} limit 1) as one, generate_series(${from}, ${to}) as n`);
  if (rowCount !== to - from + 1) throw new Error(`${table} has no row to copy`);
}
