import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { orderAudits } from '../adapters/postgres/audits/audits.ts';
import { claimSalesCalendar } from '../adapters/postgres/sales-calendar.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const sell = (day: string) =>
  pool.query('insert into orders.product_daily_sales (day, product_id, quantity) values ($1, 1, 1)', [day]);

it('the time zone of sales may change until a product was sold, and stays from then on', async () => {
  expect(await claimSalesCalendar(pool, 'Asia/Seoul')).toBe('Asia/Seoul');
  expect(await claimSalesCalendar(pool, 'Europe/Berlin')).toBe('Europe/Berlin');
  await sell('2026-11-30');
  expect(await claimSalesCalendar(pool, 'Asia/Seoul')).toBe('Europe/Berlin');
  expect(await claimSalesCalendar(pool, 'Europe/Berlin')).toBe('Europe/Berlin');
});

it('the audit of daily sales counts orders by the days of the stored time zone', async () => {
  await claimSalesCalendar(pool, 'America/New_York');
  // 03:00 of the next day in Seoul.
  await pool.query(`
    insert into orders.orders (id, user_id, key, content_hash, status, use_points, subtotal, coupon_discount, points_used, created_at, expires_at, paid_at)
      values (1, 1, 'k', 'h', 'PAID', 0, 10, 0, 0, '2026-11-30T18:00:00Z', '2026-11-30T18:10:00Z', '2026-11-30T18:00:00Z');
    insert into orders.order_lines (order_id, line, product_id, product_name, quantity, unit_price)
      values (1, 1, 1, 'Tea', 1, 10)`);
  await sell('2026-11-30');
  const audit = orderAudits.find(({ name }) => name.startsWith('what counts as sold on a day'));
  expect(await audit?.run(pool, {})).toMatchObject({ ok: true, violations: [] });
});
