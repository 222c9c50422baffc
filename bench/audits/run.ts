/**
 * Audits the checkouts of a million orders, in one database and across three, and prints the time and the memory of this process.
 * `node bench/audits/run.ts [--orders 1000000]`
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AUDITS } from '../../src/app/audits/audit-list.ts';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { oneDatabase } from '../../src/app/databases.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { asAdmin, openPostgres, withDatabase } from '../support/postgres.ts';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '1000000' } } });
const orders = Number(values.orders);

/** Paid orders of 100 orders a user, each with a coupon and points. The other contexts' rows go to other databases in the second form. */
const FILL = {
  order: `insert into orders.orders (id, user_id, key, content_hash, status, coupon_id, use_points, subtotal, coupon_discount, points_used,
      payment_id, created_at, expires_at, paid_at)
    select n, 1 + n % ${Math.ceil(orders / 100)}, n, 'h', 'PAID', n, 500, 10000, 1000, 500, n, now(), now(), now() from generate_series(1, ${orders}) as n`,
  coupon: `insert into coupon.coupon_reservations (id, coupon_id, user_id, order_id, order_amount, discount_amount, status, reserved_at, expires_at)
    select 'CHECKOUT:' || 1 + n % ${Math.ceil(orders / 100)} || ':order:' || n, n, 1 + n % ${Math.ceil(orders / 100)}, n, 10000, 1000, 'CONFIRMED', now(), now()
    from generate_series(1, ${orders}) as n`,
  point: `insert into point.holds (user_id, order_id, amount, transaction_id, state, refunded)
    select 1 + n % ${Math.ceil(orders / 100)}, n, 500, n, 'CAPTURED', 0 from generate_series(1, ${orders}) as n`,
} as const;
type Side = keyof typeof FILL;

const dataDir = openTemporaryDir('stampede-bench-');
const postgres = await openPostgres(dataDir);
try {
  const database = async (name: string, sides: readonly Side[]): Promise<string> => {
    await asAdmin(postgres.url, (client) => client.query(`create database ${name}`));
    const url = withDatabase(postgres.url, name);
    await migrate(url, migrationFolders());
    for (const side of sides) await asAdmin(url, (client) => client.query(FILL[side]));
    await asAdmin(url, (client) => client.query('vacuum analyze'));
    return url;
  };
  const one = await database('one', ['order', 'coupon', 'point']);
  const [order, coupon, point] = [
    await database('orders_only', ['order']),
    await database('coupons_only', ['coupon']),
    await database('points_only', ['point']),
  ];
  const audits = AUDITS.filter(({ kind }) => kind === 'COMPARISON');
  for (let round = 1; round <= 3; round++) {
    for (const [shape, databases] of [
      ['one database', one],
      ['three databases', { ...oneDatabase(order), coupon, point }],
    ] as const) {
      const report = await runAudits(databases, {}, { audits });
      const took = report.audits.map(({ figures, tookMs }) => `${JSON.stringify(figures)} ${tookMs} ms`);
      const { rss } = process.memoryUsage();
      console.log(`${round} ${shape}: ok ${report.ok}, ${took.join(', ')}, rss ${Math.round(rss / 2 ** 20)} MB`);
    }
  }
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
