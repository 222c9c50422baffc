import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { manager } from '../../../../test/support/stores.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { CouponStore } from '../application/ports.ts';
import type { CouponFilter, PolicyStatus } from '../domain/enumerations.ts';
import { decideIssues, type IssueCommand, type NewCoupon } from '../domain/issue/issue.ts';
import { decideLifecycle } from '../domain/lifecycle/lifecycle.ts';
import { changeQuantity, changeStatus, changeTerms } from '../domain/policy/policy.ts';
import type { OpenStores } from './open-stores.ts';
import { ask as asks, NOW_MS, policy, terms } from './policies.ts';

const note = { kind: 'QUANTITY', by: '1', reason: 'test' } as const;

/** The tests of every coupon store, racing writers included. */
export function couponStoreSuite(open: () => Promise<OpenStores>): void {
  let opened: OpenStores;
  let store: CouponStore;
  let nextId: () => bigint;
  beforeEach(async () => {
    opened = await open();
    [store] = opened.nodes;
    nextId = countingIds(1_000n);
  });
  afterEach(() => opened.close());

  const issue = async (commands: readonly IssueCommand[], node: CouponStore = store, nowMs = NOW_MS) =>
    (await node.issueBatch(commands, (snapshot) => decideIssues(snapshot, commands, nowMs, nextId))).decision;
  const codes = (decision: Awaited<ReturnType<typeof issue>>) =>
    decision.outcomes.map((outcome) => (outcome.kind === 'issued' ? 'issued' : outcome.refusal.code));
  const ask = (policyId: bigint, ...users: number[]) => users.map((user) => asks(policyId, BigInt(user)));
  const open1 = (maxIssueCount: number | undefined, maxIssuePerUser = 1) =>
    store.insert(policy(1n, { terms: terms({ maxIssueCount, maxIssuePerUser }) }));
  function withdraw(couponId: bigint) {
    const command = {
      kind: 'CANCEL',
      couponId,
      manager: manager('ADMIN'),
      note: '',
      returnStock: false,
      orderCancelled: false,
    } as const;
    return store.changeBatch([command], (snapshot) => decideLifecycle(snapshot, [command], NOW_MS, HOUR_MS));
  }

  describe('issuing', () => {
    it('a batch stores the coupon, the count and the status', async () => {
      await open1(2);
      const decision = await issue(ask(1n, 7));
      expect(decision.issued).toMatchObject([{ policyId: 1n, userId: 7n, sequenceNo: 1, slot: 0 }]);
      expect(await store.find(1n)).toMatchObject({ currentIssueCount: 1, status: 'ACTIVE', version: 1 });
      await issue(ask(1n, 8));
      expect(await store.find(1n)).toMatchObject({ currentIssueCount: 2, status: 'EXHAUSTED' });
      expect(await store.isIssued(1n, 7n)).toBe(true);
      expect(await store.isIssued(1n, 9n)).toBe(false);
      expect(await store.isIssued(2n, 7n)).toBe(false);
    });

    it('a duplicate is refused within a batch and across batches', async () => {
      await open1(5);
      expect(codes(await issue(ask(1n, 7, 7, 8, 7)))).toEqual([
        'issued',
        'COUPON_ALREADY_ISSUED',
        'issued',
        'COUPON_ALREADY_ISSUED',
      ]);
      const [again] = (await issue(ask(1n, 7))).outcomes;
      expect(again).toMatchObject({ refusal: { code: 'COUPON_ALREADY_ISSUED', details: { sequenceNo: '1' } } });
      expect((await store.find(1n))?.currentIssueCount).toBe(2);
    });

    it('a limit above one holds across batches, with a slot for each coupon', async () => {
      await open1(undefined, 3);
      expect(codes(await issue(ask(1n, 7, 7)))).toEqual(['issued', 'issued']);
      expect(codes(await issue(ask(1n, 7, 7)))).toEqual(['issued', 'COUPON_ISSUE_LIMIT_EXCEEDED']);
    });

    it('the first coupon makes a PENDING policy ACTIVE', async () => {
      await store.insert(policy(1n, { status: 'PENDING' }));
      await issue(ask(1n, 7));
      expect((await store.find(1n))?.status).toBe('ACTIVE');
    });

    it('one batch issues for several policies and refuses an unknown one', async () => {
      await open1(1);
      await store.insert(policy(2n));
      const batch = [...ask(2n, 7), ...ask(1n, 7), ...ask(9n, 7), ...ask(1n, 8), ...ask(2n, 8)];
      expect(codes(await issue(batch))).toEqual(['issued', 'issued', 'POLICY_NOT_FOUND', 'COUPON_SOLD_OUT', 'issued']);
      expect(await Promise.all([store.find(1n), store.find(2n)])).toMatchObject([
        { currentIssueCount: 1 },
        { currentIssueCount: 2 },
      ]);
    });

    it('an issue decision that throws stores nothing', async () => {
      await open1(5);
      const bug = new TypeError('a bug');
      const failing = store.issueBatch(ask(1n, 7), () => {
        throw bug;
      });
      await expect(failing).rejects.toBe(bug);
      expect(codes(await issue(ask(1n, 7)))).toEqual(['issued']);
    });

    it("a user's coupons count after the limit was lowered and the first coupon was withdrawn", async () => {
      await open1(10, 2);
      const { issued } = await issue(ask(1n, 7, 7));
      await withdraw(issued[0]?.couponId ?? 0n);
      await store.change(1n, note, (it) => changeTerms(it, 1, terms({ maxIssueCount: 10, maxIssuePerUser: 1 })));
      expect(codes(await issue(ask(1n, 8)))).toEqual(['issued']);
      expect(codes(await issue(ask(1n, 7)))).toEqual(['COUPON_ALREADY_ISSUED']);
      expect(codes(await issue(ask(1n, 9)))).toEqual(['issued']);
    });

    it('issuing continues with the next number after stock is added', async () => {
      await open1(1);
      await issue(ask(1n, 7, 8));
      await store.change(1n, note, (it) => changeQuantity(it, 2));
      expect((await issue(ask(1n, 8))).issued).toMatchObject([{ sequenceNo: 2 }]);
    });
  });

  describe('issuing for a code or an event', () => {
    const codePolicy = (changed = {}) =>
      store.insert(policy(1n, { terms: terms({ distributionType: 'CODE', maxIssuePerUser: 3, ...changed }) }));
    const redeem = (userId: bigint, code?: string) => asks(1n, userId, { issueMethod: 'CODE', code });

    it('a coupon stores its code, and a later batch finds its user', async () => {
      await codePolicy();
      const { issued } = await issue([redeem(7n, 'A-"1"'), redeem(8n), redeem(8n, 'B')]);
      expect(issued.map(({ code }) => code)).toEqual(['A-"1"', undefined, 'B']);
      const again = await issue([redeem(9n, 'B'), redeem(8n, 'B'), redeem(9n, 'C'), redeem(7n, 'A-"1"')]);
      expect(codes(again)).toEqual(['COUPON_ALREADY_USED', 'COUPON_ALREADY_ISSUED', 'issued', 'COUPON_ALREADY_ISSUED']);
      expect(again.outcomes[1]).toMatchObject({ refusal: { details: { couponId: String(issued[2]?.couponId) } } });
      const [shown] = await store.listOfUser({ userId: 7n, filters: [], now: new Date(NOW_MS), limit: 5 });
      expect(shown?.coupon?.code).toBe('A-"1"');
    });

    it('a unique code that many users race for issues one coupon', async () => {
      await codePolicy({ maxIssueCount: undefined });
      const batches = Array.from({ length: 24 }, (_, batch) => [
        redeem(BigInt(batch), 'ONE'),
        redeem(BigInt(batch), `OWN${batch}`),
      ]);
      const decisions = await Promise.all(batches.map((batch, index) => issue(batch, opened.nodes[index % 3])));
      const issued = decisions.flatMap((decision) => decision.issued);
      expect(issued.filter(({ code }) => code === 'ONE')).toHaveLength(1);
      expect(issued).toHaveLength(25);
    });

    it('an event issues once to each user, however often and wherever it is redelivered', async () => {
      const event = (userId: bigint, eventId: string) => asks(1n, userId, { issueMethod: 'EVENT', eventId });
      await store.insert(policy(1n, { terms: terms({ distributionType: 'EVENT', maxIssuePerUser: 5 }) }));
      const batch = [event(7n, '90:0'), event(8n, '90:0'), event(7n, '90:1')];
      const decisions = await Promise.all(opened.nodes.flatMap((node) => [issue(batch, node), issue(batch, node)]));
      expect(decisions.flatMap((decision) => decision.issued)).toHaveLength(3);
      expect((await store.find(1n))?.currentIssueCount).toBe(3);
    });
  });

  describe('racing writers', () => {
    it('racing users get exactly N coupons, numbered without gaps, one each', async () => {
      await open1(50);
      const batches = Array.from({ length: 40 }, (_, batch) =>
        ask(1n, ...Array.from({ length: 8 }, (_, index) => (batch * 7 + index * 13) % 160)),
      );
      const decisions = await Promise.all(batches.map((batch, index) => issue(batch, opened.nodes[index % 3])));
      const issued = decisions.flatMap((decision) => decision.issued);
      expect(issued.map(({ sequenceNo }) => sequenceNo).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      expect(new Set(issued.map(({ userId }) => userId)).size).toBe(50);
      expect(await store.find(1n)).toMatchObject({ currentIssueCount: 50, status: 'EXHAUSTED' });
      const holders = await store.holders(1n, 100);
      expect(holders?.first).toEqual(firstOf(issued));
    });

    it('racing requests of one user get one coupon', async () => {
      await open1(50);
      const decisions = await Promise.all(
        Array.from({ length: 30 }, (_, index) => issue(ask(1n, 7), opened.nodes[index % 3])),
      );
      expect(decisions.flatMap((decision) => decision.issued)).toHaveLength(1);
    });

    it('racing requests of one user get as many coupons as the limit', async () => {
      await open1(50, 3);
      const decisions = await Promise.all(
        Array.from({ length: 12 }, (_, index) => issue(ask(1n, 7, 7), opened.nodes[index % 3])),
      );
      expect(decisions.flatMap((decision) => decision.issued)).toHaveLength(3);
    });

    it('racing batches over several policies in any order do not deadlock, and all counts are exact', async () => {
      const ids = [1n, 2n, 3n, 4n, 5n, 6n];
      for (const id of ids) await store.insert(policy(id, { terms: terms({ maxIssueCount: 40 }) }));
      // Batches that name the policies in opposite orders: locking in that order would deadlock.
      const batches = Array.from({ length: 60 }, (_, batch) => {
        const order = batch % 2 === 0 ? ids : ids.toReversed();
        return order.flatMap((id) => ask(id, batch * 2, batch * 2 + 1));
      });
      const decisions = await Promise.all(batches.map((batch, index) => issue(batch, opened.nodes[index % 3])));
      const issued = decisions.flatMap((decision) => decision.issued);
      for (const id of ids) {
        const numbers = issued.filter(({ policyId }) => policyId === id).map(({ sequenceNo }) => sequenceNo);
        expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
      }
    });

    it('racing users and a growing stock end at the final stock', async () => {
      await open1(5);
      const changes = [10, 15, 20].map((max) => store.change(1n, note, (it) => changeQuantity(it, max)));
      const batches = Array.from({ length: 20 }, (_, batch) =>
        issue(ask(1n, ...Array.from({ length: 3 }, (_, index) => batch * 3 + index)), opened.nodes[batch % 3]),
      );
      await Promise.all([...changes, ...batches]);
      await store.change(1n, note, (it) => changeQuantity(it, 20));
      await issue(ask(1n, ...Array.from({ length: 60 }, (_, index) => index)));
      const holders = await store.holders(1n, 100);
      expect([...(holders?.first.values() ?? [])].map(({ sequenceNo }) => sequenceNo).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });
  });

  describe('changes by hand', () => {
    it('of many changes of one version one succeeds, and the others are refused with its version', async () => {
      await open1(5);
      const racers = Array.from({ length: 9 }, (_, index) =>
        (opened.nodes[index % 3] ?? store).change(1n, { ...note, kind: 'TERMS' }, (it) =>
          changeTerms(it, 1, terms({ name: `name ${index}`, maxIssueCount: 5 })),
        ),
      );
      const results = await Promise.all(racers);
      const won = results.filter((result) => typeof result === 'object' && !isRefusal(result));
      const lost = results.filter((result) => typeof result === 'object' && isRefusal(result));
      expect([won.length, lost.length]).toEqual([1, 8]);
      for (const refusal of lost) expect(refusal).toMatchObject({ code: 'OPTIMISTIC_LOCK_FAILURE' });
      expect((await store.find(1n))?.version).toBe(2);
    });

    it('a change raises the refusal epoch, but only when something changed', async () => {
      await open1(5);
      const epoch = async () => (await store.holders(1n, 10))?.policy.refusalEpoch;
      const before = await epoch();
      await store.change(1n, note, (it) => it);
      await store.change(1n, note, (it) => changeQuantity(it, 0));
      expect(await epoch()).toBe(before);
      await store.change(1n, note, (it) => changeStatus(it, 'PAUSE', NOW_MS));
      expect(await epoch()).toBe((before ?? 0) + 1);
    });

    it('a change returns the policy before and after it and keeps the counters', async () => {
      await open1(5);
      await issue(ask(1n, 7, 8));
      const changed = await store.change(1n, note, (it) => changeQuantity(it, 2));
      expect(changed).toMatchObject({
        before: { status: 'ACTIVE', terms: { maxIssueCount: 5 } },
        after: { status: 'EXHAUSTED', terms: { maxIssueCount: 2 }, currentIssueCount: 2, version: 2 },
      });
      expect(await store.find(1n)).toMatchObject({ status: 'EXHAUSTED', currentIssueCount: 2 });
      expect(await store.change(9n, note, (it) => it)).toBe('not found');
    });

    it('codes are unique when inserted and changed, and many policies have none', async () => {
      const coded = (id: bigint, code: string | undefined) => store.insert(policy(id, { terms: terms({ code }) }));
      expect(await coded(1n, 'SPRING')).toMatchObject({ id: 1n });
      expect(await coded(2n, 'SPRING')).toBe('code taken');
      expect(await coded(3n, undefined)).toMatchObject({ id: 3n });
      expect(await coded(4n, undefined)).toMatchObject({ id: 4n });
      const taken = await store.change(3n, note, (it) => changeTerms(it, 1, terms({ code: 'SPRING' })));
      expect(taken).toBe('code taken');
      expect((await store.find(3n))?.terms.code).toBeUndefined();
      expect(await store.find(2n)).toBeUndefined();
      const race = await Promise.all(opened.nodes.map((node, index) => node.insert(coded2(BigInt(index + 10)))));
      expect(race.filter((result) => result === 'code taken')).toHaveLength(2);
    });
    const coded2 = (id: bigint) => policy(id, { terms: terms({ code: 'SUMMER' }) });
  });

  describe('EVENT policies', () => {
    it('EVENT policies are found by their topic until they end', async () => {
      const waiting = (id: bigint, topic: string | undefined, changed = {}) =>
        store.insert(
          policy(id, {
            terms: terms({ distributionType: topic ? 'EVENT' : 'DIRECT', triggerEventType: topic }),
            ...changed,
          }),
        );
      await waiting(1n, 'user.signed_up');
      await waiting(2n, 'user.signed_up', { status: 'PENDING' });
      await waiting(3n, 'user.signed_up', { status: 'ENDED' });
      await waiting(4n, 'order.paid');
      await waiting(5n, undefined);
      const found = await store.policiesTriggeredBy(['user.signed_up', 'order.refunded']);
      expect(found.get('user.signed_up')).toEqual([1n, 2n]);
      expect(found.get('order.refunded') ?? []).toEqual([]);
      expect(found.get('order.paid')).toBeUndefined();
    });
  });

  describe('reading', () => {
    it('a stored policy is read unchanged', async () => {
      const whole = policy(1n, {
        terms: terms({
          code: 'A-1',
          discountType: 'PERCENTAGE',
          discountValue: 1_050n,
          maxDiscountAmount: 9_007_199_254_740_993n,
          maxIssueCount: undefined,
          storeId: 2n ** 63n - 1n,
          validDays: undefined,
          expireAt: new Date(NOW_MS + 2 * HOUR_MS),
          description: 'with "quotes", {braces}, \\ and 김하늘',
        }),
      });
      await store.insert(whole);
      expect(await store.find(1n)).toEqual(whole);
    });

    it('policies are listed newest first, in pages, by each filter', async () => {
      for (let id = 1n; id <= 9n; id++) {
        const validFrom = new Date(id > 6n ? NOW_MS + 1 : NOW_MS);
        const changed = {
          storeId: id % 2n,
          distributionType: id % 3n === 0n ? ('DOWNLOAD' as const) : ('FIRST_COME' as const),
          validFrom,
        };
        await store.insert(policy(id, { terms: terms(changed), status: id > 6n ? 'PENDING' : 'ACTIVE' }));
      }
      const ids = async (filter: Omit<Parameters<CouponStore['list']>[0], 'limit' | 'now'>, limit = 20) =>
        (await store.list({ ...filter, now: new Date(NOW_MS), limit })).map(({ id }) => Number(id));
      expect(await ids({}, 4)).toEqual([9, 8, 7, 6]);
      expect(await ids({ before: 6n }, 4)).toEqual([5, 4, 3, 2]);
      expect(await ids({ status: 'PENDING' })).toEqual([9, 8, 7]);
      expect(await ids({ distributionType: 'DOWNLOAD' })).toEqual([9, 6, 3]);
      expect(await ids({ storeId: 1n, status: 'ACTIVE', before: 5n })).toEqual([3, 1]);
      expect(await ids({ storeId: 5n })).toEqual([]);
    });

    it('policies are filtered by their status at the given millisecond', async () => {
      const window = { validFrom: new Date(NOW_MS), validUntil: new Date(NOW_MS + HOUR_MS) };
      for (const [index, status] of (['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] as const).entries()) {
        await store.insert(policy(BigInt(index + 1), { terms: terms(window), status }));
      }
      const byStatus = async (atMs: number) => {
        const of = (status: PolicyStatus) => store.list({ status, now: new Date(atMs), limit: 20 });
        const found = await Promise.all((['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] as const).map(of));
        return found.map((policies) => policies.map(({ id }) => Number(id)));
      };
      expect(await byStatus(NOW_MS - 1)).toEqual([[1], [2], [3], [4], [5]]);
      expect(await byStatus(NOW_MS)).toEqual([[], [2, 1], [3], [4], [5]]);
      expect(await byStatus(NOW_MS + HOUR_MS - 1)).toEqual([[], [2, 1], [3], [4], [5]]);
      expect(await byStatus(NOW_MS + HOUR_MS)).toEqual([[], [], [], [], [5, 4, 3, 2, 1]]);
    });

    it('the coupons of a user are listed newest first, in pages, by state', async () => {
      for (let id = 1n; id <= 4n; id++) {
        const validUntil = new Date(NOW_MS + HOUR_MS);
        const expiry = id % 2n === 0n ? { validDays: undefined, expireAt: validUntil } : {};
        await store.insert(policy(id, { terms: terms({ name: `policy ${id}`, ...expiry }) }));
        await issue(ask(id, 7, 8));
      }
      const list = async (filters: CouponFilter[], at = NOW_MS, before?: bigint, limit = 20) =>
        (await store.listOfUser({ userId: 7n, filters, now: new Date(at), before, limit })).map(({ name }) => name);
      const all = ['policy 4', 'policy 3', 'policy 2', 'policy 1'];
      expect(await list([])).toEqual(all);
      expect(await list(['AVAILABLE'])).toEqual(all);
      expect(await list(['UNUSED', 'USED'])).toEqual(all);
      expect(await list(['USED'])).toEqual([]);
      expect(await list(['AVAILABLE'], NOW_MS + HOUR_MS - 1)).toEqual(all);
      expect(await list(['AVAILABLE'], NOW_MS + HOUR_MS)).toEqual(['policy 3', 'policy 1']);
      expect(await list(['EXPIRED'], NOW_MS + HOUR_MS)).toEqual(['policy 4', 'policy 2']);
      const [newest, second] = await store.listOfUser({ userId: 7n, filters: [], now: new Date(NOW_MS), limit: 2 });
      expect([newest?.name, second?.name]).toEqual(['policy 4', 'policy 3']);
      expect(await list([], NOW_MS, second?.coupon?.id)).toEqual(['policy 2', 'policy 1']);
      expect(newest).toMatchObject({
        coupon: { policyId: 4n, userId: 7n, status: 'ISSUED', sequenceNo: 1, issuedAt: new Date(NOW_MS) },
        discountType: 'FIXED_AMOUNT',
        discountValue: 1_000n,
      });
    });

    it('the holders of a policy are returned unless there are too many', async () => {
      await open1(5);
      expect((await store.holders(1n, 0))?.first.size).toBe(0);
      const { issued } = await issue(ask(1n, 7, 8, 9));
      const holders = await store.holders(1n, 3);
      expect(holders?.policy).toMatchObject({ id: 1n, issuedCount: 3, lastSequenceNo: 3 });
      expect(holders?.first).toEqual(firstOf(issued));
      expect(await store.holders(1n, 2)).toBeUndefined();
      expect(await store.holders(9n, 2)).toBeUndefined();
    });
  });
}

const firstOf = (issued: readonly NewCoupon[]) =>
  new Map(
    issued.map(({ userId, couponId, sequenceNo }) => [userId, expect.objectContaining({ couponId, sequenceNo })]),
  );
