import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { couponAudits } from '../adapters/postgres/audits/audits.ts';
import { couponLifecycle } from '../application/lifecycle/coupon-lifecycle.ts';
import { decideIssues } from '../domain/issue/issue.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../domain/lifecycle/lifecycle-decision.ts';
import { RESERVATIONS_MAX } from '../domain/lifecycle/reserve.ts';
import { anyCommand, type Cast } from './lifecycle-commands.ts';
import { lifecycleModel, type ModelCoupon } from './lifecycle-model.ts';
import { nodeOver } from './open-stores.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

const HOLD_MS = 600_000;
let nowMs = NOW_MS;
let home: TestDatabase;
let opened: ReturnType<typeof nodeOver>;
const nextId = countingIds(1_000n);
beforeAll(async () => {
  home = await testDatabase();
  opened = nodeOver(home.url, nextId, () => nowMs);
});
afterAll(async () => {
  await opened.database.close();
  await home.drop();
});

/**
 * Two policies, each user with coupons of both: a fixed amount that is restored after a refund, and a capped
 * percentage.
 */
async function world(): Promise<{ cast: Cast; coupons: Map<bigint, ModelCoupon>; endsAt: number }> {
  const [fixed, percent] = [nextId(), nextId()];
  // Users of this run only, because the limits of a user count over all policies.
  const users = [nextId(), nextId()];
  const endsAt = NOW_MS + 2 * HOUR_MS;
  const shared = { maxIssueCount: 8, maxIssuePerUser: 4, validDays: undefined, expireAt: new Date(endsAt) };
  await opened.store.insert(policy(fixed, { terms: terms({ ...shared, restoreOnRefund: true }) }));
  const share = {
    discountType: 'PERCENTAGE' as const,
    discountValue: 1_500n,
    maxDiscountAmount: 600n,
    minimumOrderAmount: 500n,
  };
  await opened.store.insert(policy(percent, { terms: terms({ ...shared, ...share }) }));
  const commands = [fixed, percent].flatMap((id) => users.flatMap((user) => [ask(id, user), ask(id, user)]));
  const { decision } = await opened.store.issueBatch(commands, (seen) => decideIssues(seen, commands, NOW_MS, nextId));
  const coupons = decision.issued.map((issued): ModelCoupon => {
    const isFixed = issued.policyId === fixed;
    return {
      id: issued.couponId,
      user: issued.userId,
      policy: issued.policyId,
      percent: isFixed ? undefined : 15n,
      amount: 1_000n,
      least: isFixed ? 0n : 500n,
      cap: isFixed ? undefined : 600n,
      restores: isFixed,
      endsAt,
      status: 'ISSUED',
      by: null,
      order: null,
      took: null,
      returned: false,
    };
  });
  const cast = { coupons: coupons.map(({ id }) => id), users, prefix: `${fixed}.` };
  return { cast, coupons: new Map(coupons.map((coupon) => [coupon.id, coupon])), endsAt };
}

/** The order in which the batcher executes them: commands that end something first. */
const ENDS = ['RELEASE', 'CONFIRM', 'CANCEL', 'RESTORE', 'PAYMENT_COMPLETED', 'PAYMENT_FAILED'];
const inBatcherOrder = (burst: readonly LifecycleCommand[]): LifecycleCommand[] => [
  ...burst.filter(({ kind }) => ENDS.includes(kind)),
  ...burst.filter(({ kind }) => !ENDS.includes(kind)),
];

const resultOf = (outcome: LifecycleOutcome): string =>
  outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind === 'done' ? 'ok' : 'ignored';

const rows = async (query: string, values: unknown[] = []) => (await opened.database.pool.query(query, values)).rows;

it('the lifecycle agrees with the model for random bursts of commands while time advances', async () => {
  const step = (cast: Cast) =>
    fc.record({
      burst: fc.array(anyCommand(cast), { minLength: 1, maxLength: 9 }),
      jumpMs: fc.constantFrom(0, 0, 1, HOLD_MS / 2, HOLD_MS, HOUR_MS),
      batchMax: fc.constantFrom(1, 2),
    });
  // Each run creates its own data: its ids are known only then, so the commands are drawn from a seed.
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const { cast, coupons } = await world();
      const [steps = []] = fc.sample(fc.array(step(cast), { minLength: 4, maxLength: 12, size: 'max' }), {
        seed,
        numRuns: 1,
      });
      const model = lifecycleModel(coupons, HOLD_MS, RESERVATIONS_MAX);
      nowMs = NOW_MS;
      for (const { burst, jumpMs, batchMax } of steps) {
        nowMs += jumpMs;
        const lifecycle = couponLifecycle({
          storeFor: () => opened.store,
          refusalCache: { invalidate: () => {} },
          holdMs: HOLD_MS,
          classify: classifyFailure,
          batchMax,
        });
        const ordered = inBatcherOrder(burst);
        const [first] = burst;
        const results =
          burst.length === 1 && first
            ? [await lifecycle.submit(first)]
            : await Promise.all(ordered.map((command) => lifecycle.submitBulk(command)));
        expect(results.map(resultOf)).toEqual(ordered.map((command) => model.execute(command, nowMs)));
      }
      await compare(cast, coupons, model);
    }),
    { numRuns: 60 },
  );
  for (const audit of couponAudits) {
    const { ok, violations } = await audit.run(opened.database.pool, {});
    expect([audit.name, ok, violations]).toEqual([audit.name, true, []]);
  }
});

async function compare(
  { coupons: ids, prefix }: Cast,
  coupons: ReadonlyMap<bigint, ModelCoupon>,
  { reservations, failures }: ReturnType<typeof lifecycleModel>,
): Promise<void> {
  const stored = await rows(
    `select id, status, reservation_id as by, order_id as "order", discount_amount as took, returned
     from coupon.coupon_issues where id = any($1::bigint[]) order by id`,
    [ids.map(String)],
  );
  const expected = [...coupons.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(stored).toEqual(
    expected.map(({ id, status, by, order, took, returned }) => ({ id, status, by, order, took, returned })),
  );

  const held = await rows(
    `select id, coupon_id, order_id, discount_amount, status, expires_at, confirmation_failed from coupon.coupon_reservations
     where id like '%:' || $1 || '%' order by id collate "C"`,
    [prefix],
  );
  expect(held).toEqual(
    [...reservations]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, each]) => ({
        id,
        coupon_id: each.coupon.id,
        order_id: each.order,
        discount_amount: each.discount,
        status: each.status,
        expires_at: new Date(each.endsAt),
        confirmation_failed: each.failureReported,
      })),
  );

  const published = await rows(
    `select payload from platform.outbox where topics @> array['coupon.confirmation_failed'] order by id`,
  );
  const reported = published
    .flatMap(({ payload }) => JSON.parse(payload))
    .filter(({ topic }) => topic === 'coupon.confirmation_failed')
    .flatMap(({ rows: events }) => events)
    .filter(([, , order]: string[]) => order?.startsWith(prefix))
    .map(([, reservation, order, reason]: string[]) => `${reservation ?? ''} ${order} ${reason}`);
  expect(reported).toEqual(failures);

  const policies = await rows(
    'select id, current_issue_count from coupon.coupon_policies where id = any($1::bigint[])',
    [[...new Set(expected.map((coupon) => String(coupon.policy)))]],
  );
  for (const { id, current_issue_count: count } of policies) {
    expect(count).toBe(expected.filter((coupon) => coupon.policy === id && !coupon.returned).length);
  }
}
