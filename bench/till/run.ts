/**
 * How long does a till wait? Confirms reservations one after the other, each of its own coupon: while nothing else happens, while the
 * row of another policy is locked for 4 s with everything that may wait behind it, and during a rush on another policy.
 */
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createCoupon } from '../../src/contexts/coupon/module.ts';
import { createStore } from '../../src/contexts/store/module.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { openFiles } from '../../src/platform/files/open-files.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { asAdmin, onFreshDatabase } from '../support/postgres.ts';

const LOCKED_MS = 4_000;
const RUSH_CONNECTIONS = 512;
const CUSTOMERS = 20_000;
const [HOT, OTHER] = [1n, 2n];

const POLICIES = `
  insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
    distribution_type, max_issue_per_user, former_issue_per_user, valid_days, valid_from, valid_until, timezone,
    restore_on_refund, status, current_issue_count, last_sequence_no, created_by, created_at, updated_at)
  select id, 'bench', '', 'FIXED_AMOUNT', 3000, 0, 'DOWNLOAD', 1, 1, 365, now() - interval '1 hour', now() + interval '1 day',
    'Asia/Seoul', true, 'ACTIVE', n, n, 1, now(), now() from (values (1, 0), (2, $1::int)) as p(id, n)`;
const COUPONS = `
  insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
  select n, 2, n, n, 0, now(), now() + interval '1 day' from generate_series(1, $1::int) n`;

await onFreshDatabase('bench_till', async (url) => {
  await asAdmin(url, async (client) => {
    await client.query(POLICIES, [CUSTOMERS]);
    await client.query(COUPONS, [CUSTOMERS]);
  });
  const database = openDatabase({ url, onError: () => {} });
  const [metrics, log] = [new Registry(), pino({ level: 'silent' })];
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  const clock = Date.now;
  const deps = { database, bus, clock, metrics, log, nextId: snowflake(() => 1, clock) };
  const { api, stop } = createCoupon(deps, {
    store: createStore({ ...deps, images: openFiles({ kind: 'DIRECTORY', directory: tmpdir() }, deps).images }).api,
  });
  let customer = 0n;
  let candidate = 1_000_000n;
  const principal = { userId: 1n, role: 'ADMIN' };

  async function confirmOne(): Promise<number> {
    const couponId = ++customer;
    const reservation = { origin: 'CUSTOMER', userId: couponId, reservationId: `till-${couponId}` };
    await api.reserveCoupon({
      ...reservation,
      couponId,
      orderId: `order-${couponId}`,
      orderAmount: 10_000n,
      lines: [],
    });
    const fromMs = performance.now();
    const { outcome } = await api.confirmReservation(reservation);
    if (outcome?.$case === 'refusal') throw new Error(`not confirmed: ${outcome.value.code}`);
    return performance.now() - fromMs;
  }

  async function during(title: string, work: Promise<unknown>): Promise<void> {
    const times: number[] = [];
    let isOver = false;
    void work.finally(() => {
      isOver = true;
    });
    while (!isOver) times.push(await confirmOne());
    await work;
    times.sort((a, b) => a - b);
    const at = (share: number) => (times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(1);
    console.log(
      `${title.padEnd(28)} ${times.length} confirmed, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
    );
  }

  async function locked(): Promise<void> {
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from coupon.coupon_policies where id = $1 for no key update', [HOT]);
    const behind = [
      ...Array.from({ length: 64 }, () => api.issueCoupon({ policyId: HOT, userId: ++candidate })),
      api.cancelCoupon({ principal, couponId: given, reason: '', returnStock: false, orderCancelled: false }),
    ];
    await sleep(LOCKED_MS);
    await holder.query('rollback');
    await holder.end();
    await Promise.allSettled(behind);
  }

  async function rush(): Promise<void> {
    const untilMs = performance.now() + LOCKED_MS;
    const candidates = Array.from({ length: RUSH_CONNECTIONS }, async () => {
      while (performance.now() < untilMs) await api.issueCoupon({ policyId: HOT, userId: ++candidate });
    });
    await Promise.all(candidates);
  }

  const first = await api.issueCoupon({ policyId: HOT, userId: ++candidate });
  const given = first.outcome?.$case === 'coupon' ? first.outcome.value.id : OTHER;
  for (let warm = 0; warm < 50; warm++) await confirmOne();
  await during('quiet', sleep(LOCKED_MS));
  await during('another policy is locked', locked());
  await during('a rush on another policy', rush());
  await stop();
  await database.close();
});
