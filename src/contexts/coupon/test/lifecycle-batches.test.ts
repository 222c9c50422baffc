import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { eventCheck } from '../../../platform/events/check.ts';
import { expand } from '../../../platform/events/expand.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { lifecycleEvents } from '../application/lifecycle/lifecycle-events.ts';
import { decideIssues } from '../domain/issue/issue.ts';
import { decideLifecycle } from '../domain/lifecycle/lifecycle.ts';
import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../domain/lifecycle/lifecycle-decision.ts';
import { COUPON_EVENTS } from '../events.ts';
import { anyCommand } from './lifecycle-commands.ts';
import { memoryCouponStore } from './memory/coupon-store.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

const HOLD_MS = 600_000;
const CAST = { coupons: [100n, 101n, 102n, 103n, 104n, 105n], users: [7n, 8n], prefix: '' };
const check = eventCheck(COUPON_EVENTS);

/** A store with some coupons, the same for each call. */
async function world() {
  const store = memoryCouponStore(() => NOW_MS);
  const nextId = countingIds(CAST.coupons[0]);
  const expiry = { validDays: undefined, expireAt: new Date(NOW_MS + HOUR_MS) };
  const limits = { maxIssueCount: 6, maxIssuePerUser: 3, restoreOnRefund: true };
  await store.insert(policy(1n, { terms: terms({ ...limits, ...expiry }) }));
  const commands = CAST.coupons.map((_, index) => ask(1n, index % 2 === 0 ? 7n : 8n));
  await store.issueBatch(commands, (snapshot) => decideIssues(snapshot, commands, NOW_MS, nextId));
  return store;
}
type World = Awaited<ReturnType<typeof world>>;

async function execute(
  store: World,
  batch: readonly LifecycleCommand[],
  nowMs: number,
): Promise<readonly LifecycleOutcome[]> {
  const events: string[] = [];
  const { decision } = await store.changeBatch(batch, (snapshot) => {
    const decided = decideLifecycle(snapshot, batch, nowMs, HOLD_MS);
    for (const delivery of expand('1', new Date(nowMs), lifecycleEvents(decided, snapshot))) {
      const wrong = check.outgoing(delivery);
      if (wrong) events.push(`${delivery.topic} ${wrong}`);
    }
    return decided;
  });
  // Published events conform to the catalogue.
  expect(events).toEqual([]);
  return decision.outcomes;
}

it('splitting commands into batches changes neither their outcomes nor the final state', async () => {
  const moment = fc.record({
    commands: fc.array(anyCommand(CAST), { maxLength: 14, size: 'max' }),
    jumpMs: fc.constantFrom(0, HOLD_MS - 1, HOLD_MS, HOUR_MS),
    cuts: fc.array(fc.integer({ min: 1, max: 14 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 5, size: 'max' }), async (moments) => {
      const [whole, split] = [await world(), await world()];
      let nowMs = NOW_MS;
      for (const { commands, jumpMs, cuts } of moments) {
        nowMs += jumpMs;
        const results = await execute(whole, commands, nowMs);
        const inParts: LifecycleOutcome[] = [];
        const ends = [...new Set([...cuts.filter((cut) => cut < commands.length), commands.length])].sort(
          (a, b) => a - b,
        );
        let from = 0;
        for (const to of ends) {
          inParts.push(...(await execute(split, commands.slice(from, to), nowMs)));
          from = to;
        }
        expect(inParts).toEqual(results);
      }
      expect(split.state).toEqual(whole.state);
    }),
    { numRuns: 150 },
  );
});
