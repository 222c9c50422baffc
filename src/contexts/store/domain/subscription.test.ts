import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decideSubscriptions,
  followerChanges,
  type Subscription,
  type SubscriptionCommand,
  subscriptionKey,
  targetKey,
} from './subscription.ts';

const TYPES = ['STORE', 'POLICY'] as const;
const commands = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    targetId: fc.bigInt(1n, 3n),
    userId: fc.bigInt(1n, 3n),
    isFollowing: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** Every second target can be followed. */
const canBeFollowed = new Map(
  TYPES.flatMap((type) => [1n, 2n, 3n].map((targetId) => [targetKey({ type, targetId }), targetId !== 2n] as const)),
);

function decide(state: ReadonlyMap<string, Subscription>, batch: readonly SubscriptionCommand[], firstId: bigint) {
  let id = firstId;
  return decideSubscriptions({ canBeFollowed, deletedUsers: new Set(), subscriptions: state }, batch, () => id++);
}

it('a batch ends in the state in which its commands end one after the other, and counts what it writes', () => {
  fc.assert(
    fc.property(commands, commands, (before, batch) => {
      const apply = (state: Map<string, Subscription>, part: readonly SubscriptionCommand[], id: bigint) => {
        const decision = decide(state, part, id);
        for (const old of decision.removed) expect(state.delete(subscriptionKey(old))).toBe(true);
        for (const one of decision.added) {
          expect(state.has(subscriptionKey(one))).toBe(false);
          state.set(subscriptionKey(one), one);
        }
        return decision;
      };
      const together = new Map<string, Subscription>();
      apply(together, before, 1n);
      const alone = new Map(together);
      const size = (state: Map<string, Subscription>) => [...state.keys()].toSorted();
      const counted = together.size;
      const decision = apply(together, batch, 1_000n);
      const outcomes = batch.flatMap((command, index) => apply(alone, [command], 2_000n + BigInt(index)).outcomes);
      expect(size(together)).toEqual(size(alone));
      expect(decision.outcomes).toEqual(outcomes);
      const change = followerChanges(decision).reduce((sum, each) => sum + each.change, 0);
      expect(counted + change).toBe(together.size);
    }),
  );
});

it('every change of a user has an event, in the order of the commands, and a repeat has none', () => {
  const key = { type: 'STORE', targetId: 1n, userId: 7n } as const;
  const ask = [true, true, false, false, true].map((isFollowing) => ({ ...key, isFollowing }));
  const { outcomes, changes, added, removed } = decide(new Map(), ask, 1n);
  expect(outcomes).toEqual(Array(5).fill('done'));
  expect(changes.map(({ isFollowing }) => isFollowing)).toEqual([true, false, true]);
  expect([added.map(({ id }) => id), removed]).toEqual([[2n], []]);
});
