// @module-tag settings
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { shopOn } from '../attacks/shop.ts';
import { configOf, openPolicy, type Stage, stage } from '../attacks/support.ts';

it('an order keeps its 10 minutes beside a node whose clock is 11 minutes ahead', async () => {
  const on = await stage();
  const shop = shopOn(on);
  const user = shop.newUser();
  const { orderId, status } = await shop.placed(user);
  const other = await startServer(configOf(on.database.programUrl), { clock: () => Date.now() + 11 * MINUTE_MS });
  await other.runJobs();
  await sleep(2_000);
  const later = await shop.order(user, orderId);
  await other.stop();
  await on.stop();
  expect([status, later.status]).toEqual(['RESERVED', 'RESERVED']);
});

interface Running {
  readonly on: Stage;
  /** What would be over at `minutes` from now by the database's clock: one of everything that time ends. */
  dueIn(minutes: number): Promise<void>;
  /** What has become of it. */
  states(): Promise<unknown>;
}

const STATES = `
  select (select string_agg(status, ' ' order by id) from coupon.coupon_policies where name like 'Due%') as policies,
    (select status from coupon.coupon_reservations) as reservation,
    (select status from coupon.coupon_issues where reservation_id is null and id <> all(select coupon_id from coupon.coupon_reservations)) as coupon,
    (select status from orders.orders) as "order",
    (select announced from orders.time_sales) as "timeSale",
    (select open from point.lots where expires_at < 'infinity') as "lotIsOpen"`;

const DUE = `
  update coupon.coupon_policies set valid_from = least(valid_from, now() + $1::interval - interval '1 hour'), valid_until = now() + $1::interval
    where name = 'Due to end';
  update coupon.coupon_policies set valid_from = now() + $1::interval, valid_until = now() + interval '1 day' where name = 'Due to open';
  update coupon.coupon_reservations set expires_at = now() + $1::interval;
  update coupon.coupon_issues set expires_at = now() + $1::interval where status = 'ISSUED';
  update orders.orders set expires_at = now() + $1::interval, resume_at = now() + $1::interval;
  update orders.time_sales set ends_at = now() + $1::interval;
  update point.lots set expires_at = now() + $1::interval where expires_at < 'infinity'`;

/** A server by such a clock, with one of everything that time ends. */
async function running(clock: () => number): Promise<Running> {
  const on = await stage({}, { clock });
  const client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await on.stop();
  });
  const shop = shopOn(on);
  const admin = { token: shop.admin() };
  const user = shop.newUser();
  const [reserved, free] = [await shop.coupon(user), await shop.coupon(user)];
  const json = { reservationId: 'r', couponId: reserved, orderAmount: 10_000, orderId: 'o' };
  const made = await on.call('POST', '/api/v1/coupons/reserve', { token: on.token(user), json });
  expect([made.status, free]).toEqual([200, expect.any(String)]);
  await shop.placed(user);
  await shop.timeSale(await shop.product());
  const gift = { userId: user, amount: 5, reason: 'x', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  expect((await shop.post('1', 'points/earn', gift, admin)).status).toBe(200);
  await openPolicy(on, { name: 'Due to end' });
  const policy = {
    name: 'Due to open',
    discountType: 'FIXED_AMOUNT',
    discountValue: 1_000,
    distributionType: 'DOWNLOAD',
    validDays: 1,
    validFrom: new Date(Date.now() + 3_600_000).toISOString(),
    validUntil: new Date(Date.now() + 7_200_000).toISOString(),
  };
  const pending = await on.call('POST', '/api/v1/coupon-policies', { ...admin, json: policy });
  expect([pending.status, pending.body.status]).toEqual([201, 'PENDING']);
  return {
    on,
    async dueIn(minutes) {
      for (const statement of DUE.split(';')) {
        await client.query(statement.replaceAll('$1', `'${minutes} minutes'`));
      }
    },
    states: async () => (await client.query(STATES)).rows[0],
  };
}

const STANDING = {
  policies: 'ACTIVE PENDING',
  reservation: 'PENDING',
  coupon: 'ISSUED',
  order: 'RESERVED',
  timeSale: 'STARTED',
  lotIsOpen: true,
};
const OVER = {
  policies: 'ENDED ACTIVE',
  reservation: 'EXPIRED',
  coupon: 'EXPIRED',
  order: 'EXPIRED',
  timeSale: 'ENDED',
  lotIsOpen: false,
};

it.each([11, -11])(
  "a node whose clock is %i min ahead ends what is over by the database's clock, and nothing else",
  async (minutes) => {
    const { on, dueIn, states } = await running(() => Date.now() + minutes * MINUTE_MS);
    await dueIn(5);
    await on.server.runJobs();
    expect(await states()).toEqual(STANDING);
    await dueIn(-1 / 60);
    await on.server.runJobs();
    expect(await states()).toEqual(OVER);
    const ready = await on.call('GET', '/readyz');
    expect([ready.status, ready.body.dependencies]).toEqual([200, { postgres: 'up', clock: 'down', files: 'up' }]);
    const shown = (await on.call('GET', '/metrics')).text.match(/^stampede_clock_offset_seconds (.*)$/m)?.[1];
    expect(Math.round(Number(shown) / 60)).toBe(-minutes);
  },
);

it.each([11, -11])(
  'a node whose clock jumps by %i min while it runs ends nothing too early or too late',
  async (minutes) => {
    let jumpMs = 0;
    const { on, dueIn, states } = await running(() => Date.now() + jumpMs);
    await dueIn(5);
    await on.server.runJobs();
    jumpMs = minutes * MINUTE_MS;
    // Until it has measured again it runs nothing.
    await on.server.runJobs().catch(() => undefined);
    expect(await states()).toEqual(STANDING);
    await dueIn(-1 / 60);
    for (let tries = 0; tries < 20; tries++) {
      if (
        await on.server.runJobs().then(
          () => true,
          () => false,
        )
      )
        break;
      await sleep(500);
    }
    expect(await states()).toEqual(OVER);
  },
);

it.each([60, -60])(
  'a node whose clock is %i min from the database accepts a webhook that was signed by either clock, and no other',
  async (minutes) => {
    const on = await stage({}, { clock: () => Date.now() + minutes * MINUTE_MS });
    onTestFinished(() => on.stop());
    const shop = shopOn(on);
    async function statusOfReport(signedMinutesAhead: number) {
      const user = shop.newUser();
      const { orderId } = await shop.placed(user);
      const { paymentId, amount } = (await shop.pay(user, orderId, 'EXTERNAL')).body;
      const timestamp = Math.floor(Date.now() / 1_000) + signedMinutesAhead * 60;
      const { status } = await shop.report({ orderId, paymentId, amount }, { timestamp });
      return [status, (await shop.order(user, orderId)).status];
    }
    for (const signed of [0, minutes]) expect(await statusOfReport(signed)).toEqual([200, 'PAID']);
    const outside = Math.sign(minutes) * 6;
    for (const signed of [-outside, outside, minutes - outside, minutes + outside]) {
      expect(await statusOfReport(signed)).toEqual([401, 'RESERVED']);
    }
  },
);

it('a node with a wrong clock is ready alone, not ready beside a node whose clock is right, and ready again without it', async () => {
  const on = await stage({}, { clock: () => Date.now() + 11 * MINUTE_MS });
  const readiness = async (url: string) => {
    const response = await fetch(`${url}/readyz`);
    return [response.status, ((await response.json()) as { dependencies: unknown }).dependencies];
  };
  const skewed = { postgres: 'up', clock: 'down', files: 'up' };
  expect(await readiness(on.url)).toEqual([200, skewed]);
  const right = await startServer(configOf(on.database.programUrl));
  expect(await readiness(right.url)).toEqual([200, { postgres: 'up', clock: 'up', files: 'up' }]);
  expect(await readiness(on.url)).toEqual([503, skewed]);
  await right.stop();
  expect(await readiness(on.url)).toEqual([200, skewed]);
  await on.stop();
});
