import { expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { at } from '../../../../../test/support/moments.ts';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { memoryCouponStore } from '../../test/memory/coupon-store.ts';
import { ask, NOW_MS, policy, terms } from '../../test/policies.ts';
import { executeBatch } from './issue-batch.ts';
import { askGate } from './issue-gate.ts';
import { issuePaths } from './issue-paths.ts';
import type { IssueGate, IssueStore } from './ports.ts';
import { createRefusalCache } from './refusal-cache.ts';

/** A node whose estimate of the time of its store may be wrong. */
async function setUp({ estimateMs = NOW_MS, maxIssueCount = 10 }) {
  const store = memoryCouponStore(() => NOW_MS);
  await store.insert(policy(1n, { terms: terms({ maxIssueCount }) }));
  const times = { redisMs: 100, estimateMs };
  const recorded: Pick<Parameters<IssueGate['record']>[0], 'at' | 'readAtMs'>[] = [];
  const gate: IssueGate = {
    holdersMax: 0,
    read: async () => ({ at: times.redisMs, soldOut: undefined }),
    async record({ at, readAtMs }) {
      recorded.push({ at, readAtMs });
      return 'complete';
    },
    forget: async () => {},
  };
  const refusalCache = createRefusalCache();
  const slowly: IssueStore = {
    ...store,
    async issueBatch(...batch) {
      const issued = await store.issueBatch(...batch);
      times.redisMs += 700;
      times.estimateMs += 700;
      return issued;
    },
  };
  const deps = {
    store: slowly,
    paths: issuePaths(refusalCache),
    holders: { load: () => {} },
    refusalCache,
    askGate: askGate(gate, refusalCache),
    now: () => at(times.estimateMs),
    nextId: countingIds(),
  };
  const issue = async (userId: bigint) => {
    const command = { ...ask(1n, userId), arrivedAtMs: NOW_MS, isRefresh: false };
    const [outcome] = await executeBatch(deps, [command], () => {});
    return outcome !== undefined && 'kind' in outcome ? outcome.kind : undefined;
  };
  return { issue, recorded };
}

it.each([
  ['before its beginning', NOW_MS - 2 * HOUR_MS],
  ['after its end', NOW_MS + 2 * HOUR_MS],
])('a coupon is issued by the time of the store while the node takes the policy for one %s', async (_, estimateMs) => {
  const { issue } = await setUp({ estimateMs });
  expect(await issue(7n)).toBe('issued');
});

it('a fact is shared with the times from before the batch that read it', async () => {
  const { issue, recorded } = await setUp({ maxIssueCount: 1 });
  expect(await issue(7n)).toBe('issued');
  expect(recorded).toEqual([{ at: 100, readAtMs: NOW_MS }]);
});
