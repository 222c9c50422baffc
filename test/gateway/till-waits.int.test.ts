// @module-tag rows
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shopOn } from '../attacks/shop.ts';
import { type Answer, openPolicy, type Stage, stage, until } from '../attacks/support.ts';

/** The batchers' own statement time-out is 5 s: after it their requests are retried, and the lock is no longer waited for. */
const LOCKED_FOR_MS = 4_000;

let on: Stage;
let holder: pg.Client;
/** Another session than the holder's: within a transaction pg_stat_activity does not change. */
let watcher: pg.Client;
beforeAll(async () => {
  on = await stage();
  holder = new pg.Client({ connectionString: on.database.url });
  watcher = new pg.Client({ connectionString: on.database.url });
  await Promise.all([holder.connect(), watcher.connect()]);
});
afterAll(async () => {
  await Promise.all([holder.end(), watcher.end()]);
  await on.stop();
});

const VALID_FROM = '2026-01-01T00:00:00Z';

it('uses, reserves and confirms coupons, charges points and accepts orders while other policies and time sales are locked', async () => {
  const shop = shopOn(on);
  const admin = shop.admin();
  const hot = await openPolicy(on, { maxIssueCount: 100_000, validFrom: VALID_FROM });
  const list = await openPolicy(on, { distributionType: 'DIRECT', maxIssueCount: 100_000, validFrom: VALID_FROM });
  const saleProduct = await shop.product();
  const sale = await shop.timeSale(saleProduct, { quantity: 50 });
  const product = await shop.product();
  const issue = (policyId: string, user: string) =>
    on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(user) });
  const toWithdraw = (await issue(hot, '100')).body.couponId;
  const toWithdrawNext = (await issue(hot, '103')).body.couponId;
  const [used, reserved, confirmed] = [await shop.coupon('1'), await shop.coupon('2'), await shop.coupon('3')];
  const reserve = (user: string, couponId: string) =>
    shop.post(user, 'coupons/reserve', {
      reservationId: `r-${user}`,
      couponId,
      orderAmount: 20_000,
      orderId: `o-${user}`,
    });
  expect((await reserve('3', confirmed)).status).toBe(200);
  await shop.charge('4', 100_000);
  const placed = await shop.placed('4', { items: [{ productId: product, quantity: 1 }] });

  await holder.query('begin');
  await holder.query('select 1 from coupon.coupon_policies where id = any($1::bigint[]) for no key update', [
    [hot, list],
  ]);
  await holder.query('select 1 from orders.time_sales where id = $1 for no key update', [sale]);
  // Every batcher that may wait for these locks does: two of customers, one of lists, two of files, a withdrawal, two of orders.
  const behind: Promise<Answer | Response>[] = [issue(hot, '101')];
  const buy = (user: string) =>
    shop.post(user, 'orders', { items: [{ productId: saleProduct, timeSaleId: sale, quantity: 1 }] });
  behind.push(buy('111'));
  await until(async () => (await waiting()) >= 2);
  behind.push(issue(hot, '102'), buy('112'));
  const json = { couponPolicyId: list, userIds: ['5000'], issuedBy: 'jane' };
  behind.push(on.call('POST', '/api/v1/coupons/direct-issue', { token: admin, json }));
  for (const first of [6_000, 7_000]) {
    await fetch(`${on.url}/api/v1/coupon-policies/${list}/direct-issue.csv`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
      body: `userId\n${first}\n${first + 1}\n`,
    });
  }
  const withdraw = (couponId: string) =>
    shop.post('1', `coupons/${couponId}/cancel`, { reason: 'x' }, { token: admin });
  behind.push(withdraw(toWithdraw));
  await until(async () => (await waiting()) >= 8);
  // With the till's batcher, a second withdrawal would take its other connection. It waits in this node: no session shows it.
  behind.push(withdraw(toWithdrawNext));
  await sleep(200);

  const till = Promise.all([
    shop.post('1', `coupons/${used}/use`, {}),
    reserve('2', reserved),
    shop.post('3', 'coupons/reservations/r-3/confirm?userId=3', {}, { token: admin }),
    shop.post('1', 'points/charge', { userId: '4', amount: 1_000 }, { token: admin }),
    shop.pay('4', placed.orderId),
    shop.post('5', 'orders', { items: [{ productId: product, quantity: 1 }] }),
  ]);
  const first = await Promise.race([till, sleep(LOCKED_FOR_MS, 'the lock was released' as const)]);
  const stillWaiting = await waiting();
  await holder.query('rollback');
  expect(first).not.toBe('the lock was released');
  expect((await till).map(({ status }) => status)).toEqual([200, 200, 200, 201, 201, 201]);
  expect(stillWaiting).toBeGreaterThan(0);
  // Requests that waited have their coupon or order, or got a retryable refusal.
  for (const { status } of await Promise.all(behind)) expect([200, 201, 503]).toContain(status);
});

/** Sessions of batchers that wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await watcher.query<{ n: number }>(
    `select count(*)::int n from pg_stat_activity
     where application_name = 'stampede-lane' and datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}
