import type { PlantedBug } from './bugs.ts';

const TILL_TEST = ['test/gateway/till-waits.int.test.ts'];
const COMMAND_BATCHER_TEST = ['src/platform/batching/command-batcher.test.ts'];

/** Bugs that let single requests wait behind bulk work, and that cache a refusal for too long. */
export const WAITING_BUGS: readonly PlantedBug[] = [
  {
    name: 'bulk work shares the batcher of requests',
    file: 'src/platform/batching/command-batcher.ts',
    within: 'commandBatcher',
    search: 'bulk ?? batcherOf(command)',
    replace: 'batcherOf(command)',
    tests: COMMAND_BATCHER_TEST,
  },
  {
    name: 'a context stops before its batchers have settled their commands',
    file: 'src/platform/batching/command-batcher.ts',
    within: 'commandBatcher',
    search: 'await Promise.all(names.map((name) => opened[name].drain()));',
    replace: '',
    tests: COMMAND_BATCHER_TEST,
  },
  {
    name: 'withdrawals share the batcher of reservations',
    file: 'src/contexts/coupon/application/lifecycle/coupon-lifecycle.ts',
    within: 'couponLifecycle',
    search: "kind === 'CANCEL' ? 'coupon.life-withdraw' : 'coupon.life'",
    replace: "kind === 'CANCEL' ? 'coupon.life' : 'coupon.life'",
    tests: TILL_TEST,
  },
  {
    name: 'steps of orders share the batcher of time sales',
    file: 'src/contexts/order/application/order-batcher.ts',
    within: 'batcherOf',
    search: "if (input.kind !== 'PLACE') return 'order.steps';",
    replace: "if (input.kind !== 'PLACE') return 'order.time-sales';",
    tests: TILL_TEST,
  },
  {
    name: 'batchers share their connections',
    file: 'src/platform/postgres/database.ts',
    within: 'openDatabase',
    search: 'batchPool: pools.get(name) ?? openBatchPool(name, concurrency)',
    replace: 'batchPool: [...pools.values()][0] ?? openBatchPool(name, concurrency)',
    tests: TILL_TEST,
  },
  {
    name: 'sold out stays trusted after a failed refresh',
    file: 'src/contexts/coupon/application/issue/issue-coupon.ts',
    within: 'couponIssuer',
    search: 'isRefresh ? submitted.finally(() => refusalCache.refreshEnded(policyId, arrivedAtMs)) : submitted',
    replace: 'submitted',
    tests: ['src/contexts/coupon/application/issue/refusal-cache.test.ts'],
  },
  {
    name: 'the end of an older refresh ends a newer one',
    file: 'src/platform/kernel/cached-fact.ts',
    within: 'endRefresh',
    search: 'fact.refreshStartedAtMs === refreshStartedAtMs && ',
    replace: '',
    tests: ['src/contexts/coupon/application/issue/refusal-cache.test.ts'],
  },
  {
    name: 'holdings may be loaded by the policy alone',
    file: 'src/contexts/coupon/adapters/postgres/issue/issue-store.ts',
    within: 'LOAD_HOLDINGS',
    search: `(i.user_id, i.policy_id) >= (wanted.user_id, wanted.policy_id)
    and (i.user_id, i.policy_id) <= (wanted.user_id, wanted.policy_id)`,
    replace: 'i.user_id = wanted.user_id and i.policy_id = wanted.policy_id',
    tests: ['test/plans/plans.int.test.ts'],
  },
  {
    name: 'orders are looked up by their user alone',
    file: 'src/contexts/order/adapters/postgres/order-reads.ts',
    within: 'LOAD_ORDERS',
    search: 'key >= k.key and key <= k.key order by key limit 1',
    replace: 'key = k.key limit 1',
    tests: ['test/plans/plans.int.test.ts'],
  },
];
