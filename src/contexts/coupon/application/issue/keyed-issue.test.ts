import { expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { type CommandKey, Replay } from '../../../../platform/kernel/command-key.ts';
import { type IssueCouponResponse, stored } from '../../api.ts';
import type { NewCoupon } from '../../domain/issue/issue.ts';
import { memoryCouponStore } from '../../test/memory/coupon-store.ts';
import { issuable, NOW_MS } from '../../test/policies.ts';
import { couponIssuer } from './issue-coupon.ts';
import { toIssuedCouponView } from './issued-coupon-view.ts';
import type { IssueGate, IssueStore } from './ports.ts';
import { createRefusalCache } from './refusal-cache.ts';

// Neither the refusal cache nor the rate limit may refuse a command whose key has a result, at any stage.
const commandKey: CommandKey = { scope: 'scope', key: 'key', requestHash: Buffer.from('hash') };
const coupon: NewCoupon = {
  couponId: 5n,
  policyId: 1n,
  userId: 7n,
  sequenceNo: 3,
  slot: 0,
  code: undefined,
  eventId: undefined,
  termsVersion: 1,
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 1,
};
const REPLAY = new Replay(
  stored.IssueCouponResponse.encode({ outcome: { $case: 'coupon', value: toIssuedCouponView(coupon) } }).finish(),
);
const soldOut = issuable({ issuedCount: 10, lastSequenceNo: 10, status: 'EXHAUSTED' });

/** A node over a store whose transactions find the key's result. */
function node(gate?: IssueGate) {
  const refusalCache = createRefusalCache();
  const memory = memoryCouponStore(() => NOW_MS);
  const groups: number[] = [];
  const store: IssueStore = {
    ...memory,
    async issueBatch(commands, decide) {
      groups.push(commands.length);
      const issued = await memory.issueBatch(commands, decide);
      const outcomes = issued.decision.outcomes.map((outcome, index) =>
        commands[index]?.idempotency ? REPLAY : outcome,
      );
      return { ...issued, outcomes };
    },
  };
  const { issueCoupon, stop } = couponIssuer({
    storeFor: () => store,
    refusalCache,
    gate,
    // As the store: an index look-up without a lock.
    resultLookup: { find: async () => REPLAY },
    clock: () => NOW_MS,
    monotonic: () => NOW_MS,
    nextId: countingIds(),
    classify: () => 'poison',
    batchMax: 4,
    limited: true,
    onError: (error) => {
      throw error;
    },
  });
  return { refusalCache, groups, issueCoupon, stop };
}

const seen = ({ outcome, replayed }: IssueCouponResponse) => [
  outcome?.$case === 'coupon' ? outcome.value.id : outcome?.value.code,
  replayed ?? false,
];

it('a command whose policy is known to be sold out when it arrives gets the result of its key', async () => {
  const { refusalCache, groups, issueCoupon } = node();
  refusalCache.recordAllHolders(soldOut, new Map(), NOW_MS);
  const without = await issueCoupon({ policyId: 1n, userId: 7n });
  const keyed = await issueCoupon({ policyId: 1n, userId: 7n, commandKey });
  expect([seen(without), seen(keyed), groups]).toEqual([['COUPON_SOLD_OUT', false], [5n, true], []]);
});

it('a command whose policy becomes known to be sold out while it is queued gets the result of its key', async () => {
  const { refusalCache, groups, issueCoupon } = node();
  const queued = [issueCoupon({ policyId: 1n, userId: 7n }), issueCoupon({ policyId: 1n, userId: 7n, commandKey })];
  refusalCache.recordAllHolders(soldOut, new Map(), NOW_MS);
  const [without, keyed] = (await Promise.all(queued)).map(seen);
  // Only the command with a key went on to the store.
  expect([without, keyed, groups]).toEqual([['COUPON_SOLD_OUT', false], [5n, true], [1]]);
});

/** Every policy is sold out. `trustedUntilMs`: by performance.now(). */
const closedGate = (trustedUntilMs = Number.POSITIVE_INFINITY): IssueGate => ({
  holdersMax: 0,
  read: async (_, userIds) => ({
    at: 0,
    soldOut: {
      refusalEpoch: 0,
      lastSequenceNo: 10,
      trustedUntilMs,
      answers: userIds.map(() => 'SOLD_OUT' as const),
    },
  }),
  record: async () => undefined,
  forget: async () => {},
});

it('a fact of another node that is over when it is used refuses no command', async () => {
  const { groups, issueCoupon } = node(closedGate(performance.now()));
  // The store has no policy.
  expect(seen(await issueCoupon({ policyId: 1n, userId: 7n }))).toEqual(['POLICY_NOT_FOUND', false]);
  expect(groups).toEqual([1]);
});

it('a command whose policy another node knows to be sold out gets the result of its key', async () => {
  const { groups, issueCoupon } = node(closedGate());
  const keyed = await issueCoupon({ policyId: 1n, userId: 7n, commandKey });
  const without = await issueCoupon({ policyId: 1n, userId: 7n });
  expect([seen(without), seen(keyed), groups]).toEqual([['COUPON_SOLD_OUT', false], [5n, true], [1]]);
});

it('a user whom a fact of another node has refused has to wait a second', async () => {
  const { groups, issueCoupon } = node(closedGate());
  await issueCoupon({ policyId: 1n, userId: 7n });
  expect(seen(await issueCoupon({ policyId: 1n, userId: 7n }))).toEqual(['RATE_LIMITED', false]);
  expect(groups).toEqual([]);
});

it('a command of a rate-limited user gets the result of its key', async () => {
  const { issueCoupon } = node();
  const first = await issueCoupon({ policyId: 1n, userId: 7n });
  const without = await issueCoupon({ policyId: 1n, userId: 7n });
  const keyed = await issueCoupon({ policyId: 1n, userId: 7n, commandKey });
  expect([first, without, keyed].map(seen)).toEqual([
    ['POLICY_NOT_FOUND', false],
    ['RATE_LIMITED', false],
    [5n, true],
  ]);
});
