/**
 * Measures how many coupons a second can be reserved, used by payment events, used directly, and used at the counter by their codes. Fills a database with coupons and submits to the lifecycle
 * batcher of one process, 1,024 commands at a time.
 */

import { parseArgs } from 'node:util';
import { redemptionCodes } from '../../src/contexts/coupon/adapters/crypto/redemption-codes.ts';
import { postgresLifecycleStore } from '../../src/contexts/coupon/adapters/postgres/lifecycle/lifecycle-store.ts';
import { couponLifecycle } from '../../src/contexts/coupon/application/lifecycle/coupon-lifecycle.ts';
import { lifecycleEvents } from '../../src/contexts/coupon/application/lifecycle/lifecycle-events.ts';
import { qualifiedId } from '../../src/contexts/coupon/domain/lifecycle/reservation-id.ts';
import { BATCH_MAX } from '../../src/platform/batching/batcher.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { classifyFailure } from '../../src/platform/postgres/batch-transaction.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { asAdmin, onFreshDatabase } from '../support/postgres.ts';

const CONCURRENCY = 1_024;
const { values } = parseArgs({ options: { coupons: { type: 'string', default: '50000' } } });
const COUPONS = Number(values.coupons);

const POLICY = `
  insert into coupon.coupon_policies (id, name, description, discount_type, discount_value, minimum_order_amount,
    distribution_type, max_issue_per_user, valid_days, valid_from, valid_until, timezone, restore_on_refund, status,
    current_issue_count, last_sequence_no, created_by, created_at, updated_at)
  values (1, 'bench', '', 'FIXED_AMOUNT', 3000, 0, 'DOWNLOAD', 1, 365, now(), now(), 'Asia/Seoul', true, 'ENDED', $1::int, $1::int, 1,
    now(), now())`;
const ISSUE = `
  insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at)
  select n, 1, n, n, 0, now(), now() + interval '1 day' from generate_series(1, $1::int) n`;

await onFreshDatabase('bench_life', async (url) => {
  await asAdmin(url, async (client) => {
    await client.query(POLICY, [COUPONS]);
    await client.query(ISSUE, [COUPONS]);
  });
  const database = openDatabase({ url, onError: () => {} });
  const nextId = snowflake(() => 1, Date.now);
  const lifecycle = couponLifecycle({
    storeFor: (batcher, concurrency) =>
      postgresLifecycleStore({
        database: database.forBatcher(batcher, concurrency),
        nextId,
        eventsOf: lifecycleEvents,
        onEvents: () => {},
      }),
    refusalCache: { invalidate: () => {} },
    holdMs: 600_000,
    classify: classifyFailure,
    batchMax: BATCH_MAX,
  });

  const order = (n: number) => ({ orderId: `order-${n}`, userId: BigInt(n) });
  const reserve = (n: number) =>
    lifecycle.submit({
      ...order(n),
      kind: 'RESERVE',
      reservationId: qualifiedId('CUSTOMER', BigInt(n), `order-${n}`),
      couponId: BigInt(n),
      orderAmount: 10_000n,
    });
  const pay = (n: number) =>
    lifecycle.submitBulk({
      ...order(n),
      kind: 'PAYMENT_COMPLETED',
      callerReservationId: `order-${n}`,
      eventId: `pay-${n}`,
      couponId: null,
    });
  const use = (n: number) => {
    const { userId, orderId } = order(n);
    return lifecycle.submit({ kind: 'USE', couponId: BigInt(n), userId, orderId, orderAmount: 10_000n });
  };
  const codes = redemptionCodes(['bench-life-bench-life-bench-life']);
  const clerk = { userId: 1n, role: 'SERVICE', stores: new Set<bigint>() };
  const redeem = (code: string) => {
    const [couponId = 0n] = codes.couponIdsOf(code);
    return lifecycle.submit({ kind: 'USE_AT_COUNTER', couponId, clerk, orderAmount: 10_000n });
  };
  const restore = (n: number) =>
    lifecycle.submit({ kind: 'RESTORE', couponId: BigInt(n), orderId: `order-${n}`, unpaid: false });
  await drive('reserve', reserve);
  await drive('payment.completed', pay);
  await drive('the same again', pay);
  await drive('restore', restore);
  await drive('use', use);
  await drive('restore', restore);
  const shown = Array.from({ length: COUPONS }, (_, n) => codes.codeOf(BigInt(n + 1)));
  await drive('use at the counter', (n) => redeem(shown[n - 1] ?? ''));
  await database.close();
});

async function drive(title: string, ask: (n: number) => Promise<{ readonly kind: string }>): Promise<void> {
  const startedAt = performance.now();
  const answers = new Map<string, number>();
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= COUPONS) {
      const { kind } = await ask(next++);
      answers.set(kind, (answers.get(kind) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const counts = [...answers].map(([kind, count]) => `${count} ${kind}`).join(', ');
  console.log(`${title.padEnd(20)} ${String(Math.round(COUPONS / seconds)).padStart(7)}/s   ${counts}`);
}
