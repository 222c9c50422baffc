import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../test/support/counting-ids.ts';
import { at } from '../../../../../test/support/moments.ts';
import { REFRESH_AFTER_MS, REFRESH_WAIT_MS, TRUST_MS } from '../../../../platform/kernel/cached-fact.ts';
import { decideIssues, type IssueOutcome } from '../../domain/issue/issue.ts';
import { changeQuantity, changeStatus } from '../../domain/policy/policy.ts';
import { memoryCouponStore } from '../../test/memory/coupon-store.ts';
import { ask, issuable, NOW_MS, policy, terms } from '../../test/policies.ts';
import { couponIssuer } from './issue-coupon.ts';
import { createRefusalCache, HOLDERS_MAX, POLICIES_MAX } from './refusal-cache.ts';

const codeOf = (outcome: IssueOutcome | undefined) => (outcome?.kind === 'refused' ? outcome.refusal.code : undefined);
const soldOut = (epoch = 0) =>
  issuable({ issuedCount: 10, lastSequenceNo: 10, status: 'EXHAUSTED', refusalEpoch: epoch });
const winners = (count: number) =>
  new Map(
    Array.from({ length: count }, (_, index) => [
      BigInt(index + 1),
      { couponId: BigInt(index + 900), sequenceNo: index + 1 },
    ]),
  );

describe('the refusal cache', () => {
  it('the cache refuses unknown users of a closed policy only when all holders are cached', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordPolicy(soldOut(), NOW_MS);
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(refusalCache.needsHolders(1n, NOW_MS)).toBe(true);
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    expect(refusalCache.needsHolders(1n, NOW_MS)).toBe(false);
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS)))).toBe('COUPON_SOLD_OUT');
    expect(refusalCache.recheck(1n, 3n, 'CUSTOMER', at(NOW_MS))).toEqual({
      kind: 'refused',
      refusal: { code: 'COUPON_ALREADY_ISSUED', details: { couponId: '902', sequenceNo: '3' } },
      named: { couponId: 902n, sequenceNo: 3 },
    });
  });

  it('facts are trusted for a second after they were read, and not before that time', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS - 1)))).toBe('COUPON_SOLD_OUT');
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS))).toBeUndefined();
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS - 1))).toBeUndefined();
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS - 1))).toBeUndefined();
    refusalCache.recordPolicy(soldOut(), NOW_MS + TRUST_MS);
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS)))).toBe('COUPON_SOLD_OUT');
  });

  it("a fact is trusted for a second although the estimate of the database's clock steps back", () => {
    const refusalCache = createRefusalCache();
    const readAtMs = 5_000;
    refusalCache.recordAllHolders(soldOut(), winners(10), readAtMs);
    const later = (ms: number) => ({ atMs: NOW_MS - 360, steadyMs: readAtMs + ms });
    const seen = (ms: number) => [
      codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', later(ms))),
      refusalCache.isClosed(1n, later(ms)),
      refusalCache.hasFresh(1n, later(ms).steadyMs),
    ];
    expect(seen(TRUST_MS - 1)).toEqual(['COUPON_SOLD_OUT', true, true]);
    expect(seen(TRUST_MS)).toEqual([undefined, false, false]);
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', later(TRUST_MS))).toBeUndefined();
  });

  it('facts apply at any age to a request that was queued before they were read', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    const muchLater = NOW_MS + 60_000;
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(muchLater), NOW_MS - 1))).toBe('COUPON_SOLD_OUT');
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(muchLater), NOW_MS)).toBeUndefined();
  });

  it('facts are refreshed by one request before they are a second old, and refuse others meanwhile', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    const check = (afterMs: number) => {
      const cached = refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS + afterMs));
      return cached === 'refresh' ? cached : codeOf(cached);
    };
    expect(check(REFRESH_AFTER_MS - 1)).toBe('COUPON_SOLD_OUT');
    expect(check(REFRESH_AFTER_MS)).toBe('refresh');
    expect(check(REFRESH_AFTER_MS)).toBe('COUPON_SOLD_OUT');
    expect(check(TRUST_MS)).toBe('COUPON_SOLD_OUT');
    expect(check(REFRESH_WAIT_MS - 1)).toBe('COUPON_SOLD_OUT');
    expect(check(REFRESH_WAIT_MS)).toBeUndefined();
    refusalCache.recordPolicy(soldOut(), NOW_MS + REFRESH_WAIT_MS);
    expect(check(REFRESH_WAIT_MS)).toBe('COUPON_SOLD_OUT');
  });

  it('facts are trusted for a second only when the request that should refresh them failed', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    const refreshStartedAtMs = NOW_MS + REFRESH_AFTER_MS;
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(refreshStartedAtMs))).toBe('refresh');
    refusalCache.refreshEnded(1n, refreshStartedAtMs);
    // The next request refreshes, and the end of the first does not end that refresh.
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(refreshStartedAtMs + 1))).toBe('refresh');
    refusalCache.refreshEnded(1n, refreshStartedAtMs);
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS))).toMatchObject({ kind: 'refused' });
    refusalCache.refreshEnded(1n, refreshStartedAtMs + 1);
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS))).toBeUndefined();
  });

  it('facts that no request refreshed in time refuse no request: stock may have been added since', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(), winners(10), NOW_MS);
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS))).toBeUndefined();
    expect(refusalCache.check(1n, 77n, 'CUSTOMER', at(NOW_MS + TRUST_MS))).toBeUndefined();
  });

  it('facts of an older refusal epoch are dropped and never restored', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(4), winners(10), NOW_MS);
    refusalCache.recordPolicy({ ...soldOut(5), maxIssueCount: 20 }, NOW_MS);
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(refusalCache.recheck(1n, 3n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    refusalCache.recordAllHolders(soldOut(4), winners(10), NOW_MS);
    refusalCache.recordPolicy(soldOut(4), NOW_MS);
    refusalCache.recordHolder(1n, 3n, { couponId: 902n, sequenceNo: 3 }, 4);
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(refusalCache.recheck(1n, 3n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    refusalCache.recordHolder(1n, 3n, { couponId: 902n, sequenceNo: 3 }, 5);
    expect(codeOf(refusalCache.recheck(1n, 3n, 'CUSTOMER', at(NOW_MS)))).toBe('COUPON_ALREADY_ISSUED');
  });

  it('holders that were read before the last coupon are not all holders', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordPolicy(soldOut(), NOW_MS);
    refusalCache.recordAllHolders(issuable({ issuedCount: 9, lastSequenceNo: 9 }), winners(9), NOW_MS);
    expect(refusalCache.recheck(1n, 10n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
  });

  it('the holders of a policy are incomplete once another node issued its coupons', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordPolicy(issuable(), NOW_MS);
    refusalCache.recordPolicy(soldOut(), NOW_MS);
    expect(refusalCache.recheck(1n, 3n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(refusalCache.needsHolders(1n, NOW_MS)).toBe(true);
  });

  it('all holders are returned as of a state, and for no other state', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordAllHolders(soldOut(3), winners(10), NOW_MS);
    expect(refusalCache.holdersAt(1n, { refusalEpoch: 3, lastSequenceNo: 10 })).toEqual(winners(10));
    expect(refusalCache.holdersAt(1n, { refusalEpoch: 4, lastSequenceNo: 10 })).toBeUndefined();
    expect(refusalCache.holdersAt(1n, { refusalEpoch: 3, lastSequenceNo: 11 })).toBeUndefined();
    expect([refusalCache.hasFresh(1n, NOW_MS + TRUST_MS - 1), refusalCache.hasFresh(1n, NOW_MS + TRUST_MS)]).toEqual([
      true,
      false,
    ]);
  });

  it('a wrong issue method is refused for all users immediately', () => {
    const refusalCache = createRefusalCache();
    refusalCache.recordPolicy(issuable({ distributionType: 'CODE', lastSequenceNo: 3 }), NOW_MS);
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS)))).toBe('COUPON_NOT_AVAILABLE');
    expect(refusalCache.recheck(1n, 77n, 'CODE', at(NOW_MS))).toBeUndefined();
  });

  it('a closed window is judged at the time of the request', () => {
    const refusalCache = createRefusalCache();
    const opensSoon = issuable({ validFromMs: NOW_MS + 100 });
    refusalCache.recordPolicy(opensSoon, NOW_MS);
    expect(codeOf(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS + 99)))).toBe('POLICY_NOT_STARTED');
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS + 100))).toBeUndefined();
  });

  it('the cache is bounded in policies and in holders', () => {
    const refusalCache = createRefusalCache();
    for (let id = 1n; id <= BigInt(POLICIES_MAX) + 1n; id++)
      refusalCache.recordPolicy(issuable({ id, status: 'PAUSED' }), NOW_MS);
    expect(refusalCache.recheck(1n, 77n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    expect(codeOf(refusalCache.recheck(2n, 77n, 'CUSTOMER', at(NOW_MS)))).toBe('POLICY_INACTIVE');

    const crowd = winners(HOLDERS_MAX / 2);
    const crowded = (id: bigint) =>
      issuable({ id, maxIssueCount: crowd.size, issuedCount: crowd.size, lastSequenceNo: crowd.size });
    const few = createRefusalCache();
    for (const id of [1n, 2n, 3n]) few.recordAllHolders(crowded(id), crowd, NOW_MS);
    expect(few.recheck(1n, 5n, 'CUSTOMER', at(NOW_MS))).toBeUndefined();
    for (const id of [2n, 3n])
      expect(codeOf(few.recheck(id, 5n, 'CUSTOMER', at(NOW_MS)))).toBe('COUPON_ALREADY_ISSUED');
  });
});

/** A node: its refusal cache and its issuer, over a shared store. */
function node(
  store: ReturnType<typeof memoryCouponStore>,
  clock: () => number,
  nextId: () => bigint,
  limited = false,
  monotonic = clock,
) {
  const refusalCache = createRefusalCache();
  const { issueCoupon, issue, stop } = couponIssuer({
    storeFor: () => store,
    refusalCache,
    resultLookup: { find: async () => undefined },
    clock,
    monotonic,
    nextId,
    classify: () => 'poison',
    batchMax: 4,
    limited,
    onError: (error) => {
      throw error;
    },
  });
  return { refusalCache, issueCoupon, issue, stop };
}

type Step =
  | { readonly kind: 'ask'; readonly node: number; readonly users: readonly number[] }
  | { readonly kind: 'quantity'; readonly node: number; readonly more: number }
  | { readonly kind: 'status'; readonly node: number; readonly to: string }
  | { readonly kind: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('ask' as const),
        node: fc.nat(1),
        users: fc.array(fc.nat(11), { maxLength: 8 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('quantity' as const), node: fc.nat(1), more: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('status' as const),
        node: fc.nat(1),
        to: fc.constantFrom('PAUSE', 'ACTIVATE'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
  ),
  { maxLength: 40 },
);

describe('two nodes over one store', () => {
  it('two nodes refuse only what the store refused within the last second, and holders with their own coupon', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        let nowMs = NOW_MS;
        const clock = () => nowMs;
        const nextId = countingIds();
        const store = memoryCouponStore(clock);
        await store.insert(policy(1n, { terms: terms({ maxIssueCount: 4, validUntil: new Date(NOW_MS + 10 ** 9) }) }));
        const nodes = [node(store, clock, nextId), node(store, clock, nextId)] as const;
        const coupons = new Map<bigint, bigint>();
        /** What the store would return to this user at each moment since the last change. */
        const expectedCode = async (userId: bigint) => {
          let code: string | undefined;
          const commands = [ask(1n, userId)];
          await store.issueBatch(commands, (loaded) => {
            code = codeOf(decideIssues(loaded, commands, nowMs, () => 0n).outcomes[0]);
            return { outcomes: [], issued: [], changed: [] };
          });
          return code;
        };
        let history: { readonly untilMs: number; readonly expectedCodes: ReadonlyMap<bigint, string | undefined> }[] =
          [];
        const allExpectedCodes = async () =>
          new Map(
            await Promise.all(
              Array.from({ length: 12 }, async (_, user) => [BigInt(user), await expectedCode(BigInt(user))] as const),
            ),
          );

        for (const step of list) {
          const before = await allExpectedCodes();
          if (step.kind === 'ask') {
            const { issueCoupon, stop } = step.node === 0 ? nodes[0] : nodes[1];
            const responses = await Promise.all(
              step.users.map((user) => issueCoupon({ policyId: 1n, userId: BigInt(user) })),
            );
            await stop();
            responses.forEach(({ outcome }, index) => {
              const userId = BigInt(step.users[index] ?? -1);
              if (outcome?.$case === 'coupon') {
                expect(coupons.has(userId)).toBe(false);
                coupons.set(userId, outcome.value.id);
                return;
              }
              // The code is checked below: for a second another node may not know a new coupon yet.
              if (outcome?.value.code !== 'COUPON_ALREADY_ISSUED') return;
              expect(outcome.value.details['couponId']).toBe(String(coupons.get(userId)));
            });
            const after = await allExpectedCodes();
            responses.forEach(({ outcome }, index) => {
              if (outcome?.$case !== 'refusal') return;
              const userId = BigInt(step.users[index] ?? -1);
              const recent = history
                .filter(({ untilMs }) => nowMs - untilMs < TRUST_MS)
                .map(({ expectedCodes }) => expectedCodes.get(userId));
              const allowed = [before.get(userId), after.get(userId), ...recent];
              expect(allowed).toContain(outcome.value.code);
            });
          } else if (step.kind === 'quantity' || step.kind === 'status') {
            const note = { kind: 'QUANTITY', by: '1', reason: '' } as const;
            await store.change(1n, note, (it) =>
              step.kind === 'status'
                ? changeStatus(it, step.to, nowMs)
                : changeQuantity(it, Math.max(1, it.currentIssueCount) + step.more),
            );
            nodes[step.node === 0 ? 0 : 1].refusalCache.invalidate(1n);
          } else {
            nowMs += step.ms;
          }
          history = [...history, { untilMs: step.kind === 'wait' ? nowMs - step.ms : nowMs, expectedCodes: before }];
        }
        const stored = await store.find(1n);
        expect(stored?.currentIssueCount).toBe(coupons.size);
        expect(coupons.size).toBeLessThanOrEqual(stored?.terms.maxIssueCount ?? 0);
      }),
      { numRuns: 150 },
    );
  });
});

it("after the end a holder's repeat is refused with their coupon, other users with sold out", async () => {
  const store = memoryCouponStore(() => NOW_MS);
  await store.insert(policy(1n, { terms: terms({ maxIssueCount: 4 }) }));
  const [seller, other] = [node(store, () => NOW_MS, countingIds()), node(store, () => NOW_MS, countingIds(500n))];
  for (const { issueCoupon, stop } of [seller, other, seller]) {
    const codes: string[] = [];
    for (let userId = 1n; userId <= 6n; userId++) {
      const { outcome } = await issueCoupon({ policyId: 1n, userId });
      await stop();
      codes.push(
        outcome?.$case === 'refusal' ? `${outcome.value.code} ${outcome.value.details['sequenceNo'] ?? ''}` : 'issued',
      );
    }
    const holders = [1, 2, 3, 4].map((sequenceNo) => `COUPON_ALREADY_ISSUED ${sequenceNo}`);
    const first = codes[0] === 'issued' ? ['issued', 'issued', 'issued', 'issued'] : holders;
    expect(codes).toEqual([...first, 'COUPON_SOLD_OUT ', 'COUPON_SOLD_OUT ']);
  }
  expect((await store.find(1n))?.currentIssueCount).toBe(4);
});

it.each([false, true])(
  'stock added on another node is issued within a second, with rate limit: %s',
  async (limited) => {
    let nowMs = NOW_MS;
    const clock = () => nowMs;
    const store = memoryCouponStore(clock);
    await store.insert(policy(1n, { terms: terms({ maxIssueCount: 2 }) }));
    const { issueCoupon, stop } = node(store, clock, countingIds(), limited);
    const request = async (userId: bigint) => {
      const { outcome } = await issueCoupon({ policyId: 1n, userId });
      await stop();
      return outcome?.$case === 'refusal' ? outcome.value.code : 'issued';
    };
    expect([await request(1n), await request(2n), await request(3n)]).toEqual(['issued', 'issued', 'COUPON_SOLD_OUT']);
    // All requests are refused from the cache until the facts are refreshed.
    for (let step = 0; step < 6; step++) {
      nowMs += 150;
      expect(['COUPON_SOLD_OUT', 'RATE_LIMITED']).toContain(await request(3n));
    }
    await store.change(1n, { kind: 'QUANTITY', by: '1', reason: '' }, (it) => changeQuantity(it, 10));
    for (let step = 0; step < 6; step++) {
      nowMs += 150;
      await request(3n);
    }
    nowMs += TRUST_MS;
    expect(await request(4n)).toBe('issued');
  },
);

it("stock added on another node is issued within a second although the estimate of the database's clock steps back", async () => {
  let [estimateMs, steadyMs] = [NOW_MS + 600, 5_000];
  const store = memoryCouponStore(() => NOW_MS);
  await store.insert(policy(1n, { terms: terms({ maxIssueCount: 1 }) }));
  const { issueCoupon, stop } = node(
    store,
    () => estimateMs,
    countingIds(),
    false,
    () => steadyMs,
  );
  const request = async (userId: bigint) => {
    const { outcome } = await issueCoupon({ policyId: 1n, userId });
    await stop();
    return outcome?.$case === 'refusal' ? outcome.value.code : 'issued';
  };
  expect([await request(1n), await request(2n)]).toEqual(['issued', 'COUPON_SOLD_OUT']);
  await store.change(1n, { kind: 'QUANTITY', by: '1', reason: '' }, (it) => changeQuantity(it, 10));
  // A better measurement takes back the 600 ms, so that by the estimate the fact is 400 ms old.
  estimateMs = NOW_MS + TRUST_MS;
  steadyMs += TRUST_MS;
  expect(await request(3n)).toBe('issued');
});

it('added stock of a sold-out policy is issued a second later, even if the request that should refresh the cache failed', async () => {
  let nowMs = NOW_MS;
  let isAway = false;
  const shared = memoryCouponStore(() => nowMs);
  await shared.insert(policy(1n, { terms: terms({ maxIssueCount: 1 }) }));
  const store: typeof shared = {
    ...shared,
    issueBatch: (commands, decide) =>
      isAway ? Promise.reject(new Error('the connection broke')) : shared.issueBatch(commands, decide),
  };
  const { issueCoupon } = node(store, () => nowMs, countingIds());
  const request = async (userId: bigint) => {
    const { outcome } = await issueCoupon({ policyId: 1n, userId });
    return outcome?.$case === 'refusal' ? outcome.value.code : 'issued';
  };
  expect([await request(1n), await request(2n)]).toEqual(['issued', 'COUPON_SOLD_OUT']);
  nowMs += REFRESH_AFTER_MS;
  isAway = true;
  await expect(request(3n)).rejects.toThrow('the connection broke');
  isAway = false;
  await shared.change(1n, { kind: 'QUANTITY', by: '1', reason: '' }, (it) => changeQuantity(it, 10));
  nowMs += TRUST_MS;
  expect(await request(4n)).toBe('issued');
});

describe('a unique code', () => {
  const open = async () => {
    let nowMs = NOW_MS;
    const store = memoryCouponStore(() => nowMs);
    await store.insert(policy(1n, { terms: terms({ distributionType: 'CODE', maxIssueCount: 2 }) }));
    const { issue, stop } = node(store, () => nowMs, countingIds(), true);
    const wait = (ms: number) => {
      nowMs += ms;
    };
    const redeem = async (userId: bigint, code: string) => {
      const outcome = await issue(ask(1n, userId, { issueMethod: 'CODE', code }));
      await stop();
      return outcome.kind === 'issued'
        ? 'issued'
        : `${outcome.refusal.code} ${outcome.refusal.details['couponId'] ?? ''}`;
    };
    return { store, redeem, wait };
  };

  it("a unique code is refused from the cache only because of the policy or the user's coupons", async () => {
    const { redeem } = await open();
    expect(await redeem(7n, 'A')).toBe('issued');
    expect(await redeem(8n, 'A')).toBe('COUPON_ALREADY_USED ');
    expect(await redeem(7n, 'A')).toBe('COUPON_ALREADY_ISSUED 1');
    // The same user's request with a used code was just refused: the next code is still looked up.
    expect(await redeem(8n, 'B')).toBe('issued');
    expect(await redeem(9n, 'C')).toBe('COUPON_SOLD_OUT ');
    // The refused batch had reserved an id, too.
    expect(await redeem(8n, 'A')).toBe('COUPON_ALREADY_ISSUED 3');
  });

  it('a code whose coupon was withdrawn does not make its user a holder', async () => {
    const { store, redeem, wait } = await open();
    expect(await redeem(7n, 'A')).toBe('issued');
    store.withdraw(1n);
    wait(TRUST_MS);
    expect(await redeem(7n, 'A')).toBe('COUPON_ALREADY_ISSUED 1');
    expect(await redeem(7n, 'B')).toBe('issued');
  });
});
