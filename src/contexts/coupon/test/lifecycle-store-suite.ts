import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { manager } from '../../../../test/support/stores.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { CouponStore } from '../application/ports.ts';
import { decideIssues } from '../domain/issue/issue.ts';
import type { Coupon, Reservation } from '../domain/lifecycle/coupon.ts';
import { decideLifecycle } from '../domain/lifecycle/lifecycle.ts';
import type { LifecycleCommand, PaymentCommand, UserCommand } from '../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot } from '../domain/lifecycle/lifecycle-decision.ts';
import { RESERVATIONS_MAX } from '../domain/lifecycle/reserve.ts';
import { changeSuspension, changeTerms } from '../domain/policy/policy.ts';
import type { OpenStores } from './open-stores.ts';
import { ask, NOW_MS, policy, terms } from './policies.ts';

const HOLD_MS = 600_000;
const asks = (policyId: bigint, ...users: number[]) => users.map((user) => ask(policyId, BigInt(user)));
const USER = 7n;

/** The tests of every lifecycle store, racing writers included. */
export function lifecycleStoreSuite(open: () => Promise<OpenStores>): void {
  let opened: OpenStores;
  let store: CouponStore;
  const nextId = countingIds(1_000n);
  beforeEach(async () => {
    opened = await open();
    [store] = opened.nodes;
  });
  afterEach(() => opened.close());

  const node = (index: number): CouponStore => opened.nodes[index % 3] ?? store;
  const change = async (
    commands: readonly LifecycleCommand[],
    on: CouponStore = store,
    nowMs = NOW_MS,
  ): Promise<LifecycleDecision> =>
    (await on.changeBatch(commands, (snapshot) => decideLifecycle(snapshot, commands, nowMs, HOLD_MS))).decision;

  /** Issues coupons of a new policy, one for each user. */
  async function issue(users: readonly number[], changed: Parameters<typeof terms>[0] = {}): Promise<bigint[]> {
    const policyId = nextId();
    const limits = { maxIssueCount: undefined, maxIssuePerUser: 1_000 };
    await store.insert(policy(policyId, { terms: terms({ ...limits, ...changed }) }));
    const commands = asks(policyId, ...users);
    const { decision } = await store.issueBatch(commands, (snapshot) =>
      decideIssues(snapshot, commands, NOW_MS, nextId),
    );
    return decision.issued.map(({ couponId }) => couponId);
  }

  /** A coupon as a later batch loads it. */
  async function look(
    couponId: bigint,
  ): Promise<{ coupon: Coupon; reservations: Reservation[]; snapshot: LifecycleSnapshot }> {
    const snapshots: LifecycleSnapshot[] = [];
    const nothing: LifecycleCommand[] = [{ kind: 'EXPIRE', couponId }];
    await store.changeBatch(nothing, (snapshot) => {
      snapshots.push(snapshot);
      return decideLifecycle(snapshot, nothing, 0, HOLD_MS);
    });
    const snapshot = snapshots[0];
    const coupon = snapshot?.coupons.get(couponId);
    if (!snapshot || !coupon) throw new Error(`there is no coupon ${couponId}`);
    const reservations = [...snapshot.reservations.values()].filter((each) => each.couponId === couponId);
    return { coupon, reservations, snapshot };
  }

  const reserve = (
    couponId: bigint,
    reservationId: string,
    changed: Partial<Extract<UserCommand, { kind: 'RESERVE' }>> = {},
  ) =>
    ({
      kind: 'RESERVE',
      reservationId,
      couponId,
      userId: USER,
      orderId: `order of ${reservationId}`,
      orderAmount: 5_000n,
      ...changed,
    }) as const;
  const paid = (reservationId: string, eventId: string): PaymentCommand => ({
    kind: 'PAYMENT_COMPLETED',
    eventId,
    orderId: `order of ${reservationId}`,
    userId: USER,
    callerReservationId: null,
    couponId: null,
  });
  const resultOf = ({ outcomes }: LifecycleDecision): string[] =>
    outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));
  const kinds = (decisions: readonly LifecycleDecision[]): string[] =>
    decisions.flatMap(({ steps }) => steps.map(({ kind }) => kind)).sort();

  describe('a batch', () => {
    it('a batch stores every step of a coupon, and the next batch loads it', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      expect(await look(id)).toMatchObject({
        coupon: {
          version: 2,
          state: { status: 'RESERVED', reservationId: 'r1', orderId: 'order of r1', reservedAtMs: NOW_MS },
        },
        reservations: [{ id: 'r1', status: 'PENDING', discountAmount: 1_000n, expiresAtMs: NOW_MS + HOLD_MS }],
      });
      await change([{ kind: 'CONFIRM', reservationId: 'r1' }], store, NOW_MS + 1);
      expect((await look(id)).coupon).toMatchObject({
        version: 3,
        state: {
          status: 'USED',
          reservation: { id: 'r1', reservedAtMs: NOW_MS },
          orderId: 'order of r1',
          usedAtMs: NOW_MS + 1,
          discountAmount: 1_000n,
        },
      });
    });

    it('each command of a batch sees the changes of the earlier ones', async () => {
      const [id = 0n] = await issue([7]);
      const decision = await change([
        reserve(id, 'r1'),
        reserve(id, 'r2'),
        { kind: 'RELEASE', reservationId: 'r1' },
        reserve(id, 'r2'),
        { kind: 'CONFIRM', reservationId: 'r2' },
      ]);
      expect(resultOf(decision)).toEqual(['done', 'RESERVATION_CONFLICT', 'done', 'done', 'done']);
      expect((await look(id)).coupon).toMatchObject({ version: 5, state: { status: 'USED' } });
    });

    it('a batch moves an order to another coupon, whichever of the two ids is smaller', async () => {
      const [a = 0n, b = 0n] = await issue([7, 7]);
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        const order = { orderId: `order ${from}` };
        await change([reserve(from, `from ${from}`, order)]);
        const decision = await change([
          { kind: 'RELEASE', reservationId: `from ${from}` },
          reserve(to, `to ${from}`, order),
        ]);
        expect(resultOf(decision)).toEqual(['done', 'done']);
        await change([{ kind: 'RELEASE', reservationId: `to ${from}` }]);
      }
    });

    it('withdrawing with returned stock makes an exhausted policy active', async () => {
      const [id = 0n] = await issue([7], { maxIssueCount: 1, maxIssuePerUser: 1 });
      const { policyId } = (await look(id)).coupon.terms;
      expect((await store.find(policyId))?.status).toBe('EXHAUSTED');
      const admin = manager('ADMIN');
      const cancel = {
        kind: 'CANCEL',
        couponId: id,
        manager: admin,
        note: 'a mistake',
        orderCancelled: false,
      } as const;
      await change([{ ...cancel, returnStock: true }]);
      expect(await store.find(policyId)).toMatchObject({ status: 'ACTIVE', currentIssueCount: 0 });
      expect((await look(id)).coupon.state).toEqual({ status: 'CANCELLED', returned: true });
      expect(await store.isIssued(policyId, USER)).toBe(false);
      const again = asks(policyId, 7);
      const { decision } = await store.issueBatch(again, (snapshot) => decideIssues(snapshot, again, NOW_MS, nextId));
      expect(decision.issued).toMatchObject([{ sequenceNo: 2 }]);
    });

    it('a decision that throws stores nothing, and its event stays unhandled', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      const bug = new TypeError('a bug');
      const commands = [paid('r1', 'e1')];
      const failing = store.changeBatch(commands, () => {
        throw bug;
      });
      await expect(failing).rejects.toBe(bug);
      expect((await look(id)).coupon.state.status).toBe('RESERVED');
      expect(resultOf(await change(commands))).toEqual(['done']);
    });

    it('a payment event is handled once and finds its reservation by the order', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      expect(resultOf(await change([paid('r1', 'e1'), paid('r1', 'e1'), paid('nobody', 'e2')]))).toEqual([
        'done',
        'ignored',
        'ignored',
      ]);
      expect(resultOf(await change([paid('r1', 'e1'), paid('r1', 'e3')]))).toEqual(['ignored', 'done']);
      expect((await look(id)).coupon.version).toBe(3);
    });

    it('a late payment without a coupon publishes one failed confirmation', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      const late = NOW_MS + HOLD_MS;
      await change([{ kind: 'TIME_OUT', reservationId: 'r1' }, reserve(id, 'r2')], store, late);
      const decisions = [
        await change([paid('r1', 'e1'), paid('r1', 'e2')], store, late),
        await change([paid('r1', 'e3')], store, late),
      ];
      expect(decisions.flatMap(({ failures }) => failures)).toMatchObject([
        { couponId: id, reservationId: 'r1', orderId: 'order of r1', reason: 'RESERVATION_EXPIRED' },
      ]);
    });

    it('a late payment uses its coupon when it is still available', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      await change([{ kind: 'TIME_OUT', reservationId: 'r1' }], store, NOW_MS + HOLD_MS);
      const decision = await change([paid('r1', 'e1')], store, NOW_MS + HOUR_MS);
      expect(decision.steps.map(({ kind }) => kind)).toEqual(['RESERVED', 'USED']);
      expect(await look(id)).toMatchObject({
        coupon: { version: 5 },
        reservations: [{ id: 'r1', status: 'CONFIRMED' }],
      });
    });

    it('a late payment does not use a coupon whose reservation was released, even after its end', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      await change([{ kind: 'TIME_OUT', reservationId: 'r1' }], store, NOW_MS + HOLD_MS);
      const released = await change([{ kind: 'RELEASE', reservationId: 'r1' }], store, NOW_MS + HOUR_MS);
      expect([resultOf(released), released.steps]).toEqual([['done'], []]);
      const decision = await change([paid('r1', 'e1')], store, NOW_MS + HOUR_MS);
      expect(decision.failures).toMatchObject([{ reservationId: 'r1', reason: 'RESERVATION_CONFLICT' }]);
      expect((await look(id)).coupon).toMatchObject({ version: 3, state: { status: 'ISSUED' } });
    });

    it('the coupon of an order that was never paid is restored', async () => {
      const [id = 0n] = await issue([7]);
      const orderId = 'order of r1';
      await change([reserve(id, 'r1'), { kind: 'CONFIRM', reservationId: 'r1' }]);
      await change([{ kind: 'RESTORE', couponId: id, orderId, unpaid: false }]);
      expect((await look(id)).coupon.state.status).toBe('USED');
      await change([{ kind: 'RESTORE', couponId: id, orderId, unpaid: true }]);
      expect((await look(id)).coupon).toMatchObject({ version: 4, state: { status: 'ISSUED' } });
    });

    it('a late payment does not use a second coupon for its order', async () => {
      const [a = 0n, b = 0n] = await issue([7, 7]);
      const order = { orderId: 'order of r1' };
      const late = NOW_MS + HOLD_MS;
      await change([reserve(a, 'r1', order)]);
      await change([{ kind: 'TIME_OUT', reservationId: 'r1' }, reserve(b, 'r2', order)], store, late);
      const decision = await change([{ kind: 'CONFIRM', reservationId: 'r1' }], store, late);
      expect([resultOf(decision), decision.steps]).toEqual([['RESERVATION_EXPIRED'], []]);
    });

    it('reserving ends an overdue reservation of the same order on any coupon', async () => {
      const [a = 0n, b = 0n] = await issue([7, 7]);
      const order = { orderId: 'one order' };
      await change([reserve(a, 'r1', order)]);
      expect(resultOf(await change([reserve(b, 'r2', order)]))).toEqual(['COUPON_NOT_STACKABLE']);
      const decision = await change([reserve(b, 'r2', order)], store, NOW_MS + HOLD_MS);
      expect(decision.steps.map(({ kind, reason }) => [kind, reason])).toEqual([
        ['RELEASED', 'TIMEOUT'],
        ['RESERVED', null],
      ]);
    });
  });

  describe('the terms of a coupon', () => {
    async function edit(policyId: bigint, changed: Parameters<typeof terms>[0], applyToIssued = false) {
      const edited = await store.change(policyId, { kind: 'TERMS', by: 'test', reason: '' }, (before) =>
        changeTerms(before, before.version, { ...before.terms, ...changed }, applyToIssued),
      );
      expect(edited).toHaveProperty('after');
    }
    const discountsAt = async (...ids: bigint[]) => {
      const discounts = [];
      for (const id of ids) discounts.push((await look(id)).coupon.terms.discountValue);
      const shown = await store.listOfUser({ userId: USER, filters: [], now: new Date(NOW_MS), limit: 100 });
      const inList = ids.map((id) => shown.find(({ coupon }) => coupon.id === id)?.discountValue);
      expect(inList).toEqual(discounts);
      return discounts;
    };

    it('a coupon keeps the terms that it was issued with until a change applies to issued coupons', async () => {
      const [first = 0n] = await issue([7], { maxIssuePerUser: 9 });
      const { policyId } = (await look(first)).coupon.terms;
      const next = async () => {
        const commands = asks(policyId, 7);
        const { decision } = await store.issueBatch(commands, (loaded) =>
          decideIssues(loaded, commands, NOW_MS, nextId),
        );
        return decision.issued[0]?.couponId ?? 0n;
      };
      await edit(policyId, { discountValue: 50n, minimumOrderAmount: 9_000n });
      const second = await next();
      await edit(policyId, { name: 'Renamed' });
      await edit(policyId, { discountType: 'PERCENTAGE', discountValue: 700n, maxDiscountAmount: 300n });
      const third = await next();
      expect(await discountsAt(first, second, third)).toEqual([1_000n, 50n, 700n]);
      expect((await look(second)).coupon).toMatchObject({
        termsVersion: 2,
        terms: { name: 'Renamed', discountType: 'FIXED_AMOUNT', minimumOrderAmount: 9_000n, maxDiscountAmount: null },
      });
      const decision = await change([
        reserve(first, 'r1'),
        reserve(second, 'r2'),
        reserve(third, 'r3', { orderAmount: 9_000n }),
      ]);
      expect(resultOf(decision)).toEqual(['done', 'MINIMUM_ORDER_NOT_MET', 'done']);
      expect(decision.reservations.map(({ discountAmount }) => discountAmount)).toEqual([1_000n, 300n]);

      await edit(policyId, { discountValue: 800n, minimumOrderAmount: 0n, maxDiscountAmount: undefined }, true);
      expect(await discountsAt(first, second, third)).toEqual([800n, 800n, 800n]);
      await edit(policyId, { discountValue: 900n, maxDiscountAmount: undefined });
      expect(await discountsAt(first, second, third, await next())).toEqual([800n, 800n, 800n, 900n]);
    });

    it('the first batch after a change of the terms issues coupons with the new ones', async () => {
      const [first = 0n] = await issue([7], { maxIssuePerUser: 1 });
      const { policyId } = (await look(first)).coupon.terms;
      const commands = asks(policyId, 8);
      const issueOne = async (on: CouponStore, asked = commands) =>
        (await on.issueBatch(asked, (loaded) => decideIssues(loaded, asked, NOW_MS, nextId))).decision.issued[0];
      await issueOne(store);
      await edit(policyId, { discountValue: 50n });
      expect(await issueOne(store, asks(policyId, 9))).toMatchObject({ termsVersion: 2 });
      const last = await issueOne(store, asks(policyId, 10));
      expect((await look(last?.couponId ?? 0n)).coupon).toMatchObject({
        termsVersion: 2,
        terms: { discountValue: 50n },
      });
    });
  });

  describe('a suspended policy', () => {
    const suspend = (policyId: bigint, reason: string | undefined, on: CouponStore) =>
      on.change(policyId, { kind: 'STATUS', by: 'test', reason: '' }, (before) => changeSuspension(before, reason));
    const use = (couponId: bigint): LifecycleCommand => ({
      kind: 'USE',
      couponId,
      userId: USER,
      orderId: null,
      orderAmount: 5_000n,
    });

    it('nothing of a suspended policy is issued, reserved or used on any node, but what is reserved is confirmed', async () => {
      const [held = 0n, free = 0n, late = 0n] = await issue([7, 7, 7]);
      const { policyId } = (await look(held)).coupon.terms;
      await change([reserve(held, 'held'), reserve(late, 'late')]);
      await change([{ kind: 'TIME_OUT', reservationId: 'late' }], store, NOW_MS + HOLD_MS);
      await suspend(policyId, 'The discount is wrong', node(1));
      const commands = [reserve(free, 'more'), use(free), { kind: 'CONFIRM', reservationId: 'late' } as const];
      for (const index of [0, 1, 2]) {
        expect(resultOf(await change(commands, node(index)))).toEqual([
          'POLICY_SUSPENDED',
          'POLICY_SUSPENDED',
          'RESERVATION_EXPIRED',
        ]);
        const asked = asks(policyId, 8);
        const { decision } = await node(index).issueBatch(asked, (loaded) =>
          decideIssues(loaded, asked, NOW_MS, nextId),
        );
        expect(decision.outcomes).toMatchObject([{ kind: 'refused', refusal: { code: 'POLICY_SUSPENDED' } }]);
      }
      expect(resultOf(await change([{ kind: 'CONFIRM', reservationId: 'held' }]))).toEqual(['done']);
      await suspend(policyId, undefined, node(2));
      expect(resultOf(await change([reserve(free, 'more')]))).toEqual(['done']);
    });

    it('a node that issued before by one statement issues nothing once another node has suspended the policy', async () => {
      const [first = 0n] = await issue([7], { maxIssuePerUser: 1 });
      const { policyId } = (await look(first)).coupon.terms;
      const issueTo = async (user: number) => {
        const asked = asks(policyId, user);
        return (await store.issueBatch(asked, (loaded) => decideIssues(loaded, asked, NOW_MS, nextId))).decision.issued;
      };
      expect(await issueTo(8)).toHaveLength(1);
      await suspend(policyId, 'wrong', node(1));
      expect(await issueTo(9)).toHaveLength(0);
      await suspend(policyId, undefined, node(1));
      expect(await issueTo(9)).toHaveLength(1);
    });
  });

  describe('using without a reservation', () => {
    const use = (couponId: bigint, orderId: string | null, userId = USER): LifecycleCommand => ({
      kind: 'USE',
      couponId,
      userId,
      orderId,
      orderAmount: 5_000n,
    });

    it('an order whose coupon was used directly gets no second coupon, by any way', async () => {
      const [a = 0n, b = 0n] = await issue([7, 7]);
      const [other = 0n] = await issue([8]);
      expect(resultOf(await change([use(a, 'one')]))).toEqual(['done']);
      expect(resultOf(await change([use(b, 'one')]))).toEqual(['COUPON_NOT_STACKABLE']);
      expect(resultOf(await change([reserve(b, 'r1', { orderId: 'one' })]))).toEqual(['COUPON_NOT_STACKABLE']);
      expect(resultOf(await change([use(other, 'one', 8n), use(a, 'one')]))).toEqual(['done', 'done']);
      await change([{ kind: 'RESTORE', couponId: a, orderId: 'one', unpaid: true }]);
      expect(resultOf(await change([use(b, 'one')]))).toEqual(['done']);
    });

    it('a late payment does not use the coupon of an order for which another was used directly', async () => {
      const [a = 0n, b = 0n] = await issue([7, 7]);
      await change([reserve(a, 'r1')]);
      await change([{ kind: 'TIME_OUT', reservationId: 'r1' }], store, NOW_MS + HOLD_MS);
      await change([use(b, 'order of r1')], store, NOW_MS + HOLD_MS);
      const decision = await change([{ kind: 'CONFIRM', reservationId: 'r1' }], store, NOW_MS + HOLD_MS);
      expect(resultOf(decision)).toEqual(['RESERVATION_EXPIRED']);
    });

    it('racing uses and reservations of one order take one coupon', async () => {
      const ids = await issue([7, 7, 7, 7, 7, 7]);
      const decisions = await Promise.all(
        ids.map((id, index) =>
          change([index % 2 === 0 ? use(id, 'one') : reserve(id, `r${index}`, { orderId: 'one' })], node(index)),
        ),
      );
      expect(decisions.flatMap(resultOf).sort()).toEqual([...Array(5).fill('COUPON_NOT_STACKABLE'), 'done'].sort());
    });
  });

  describe('reading what a user has', () => {
    const HOURS_3 = new Date(NOW_MS + 3 * HOUR_MS);
    const admin = manager('ADMIN');

    /** Of user 7: one in each state; the last two expire in one and in two hours. */
    async function oneOfEach(): Promise<bigint[]> {
      const ids = await issue([7, 7, 7, 7, 7]);
      const [paidFor = 0n, direct = 0n, taken = 0n, held = 0n] = ids;
      const [soon = 0n] = await issue([7], { validDays: undefined, expireAt: new Date(NOW_MS + HOUR_MS) });
      const [later = 0n] = await issue([7], { validDays: undefined, expireAt: new Date(NOW_MS + 2 * HOUR_MS) });
      await change([
        reserve(paidFor, 'paid', { orderAmount: 700n }),
        { kind: 'CONFIRM', reservationId: 'paid' },
        { kind: 'USE', couponId: direct, userId: USER, orderId: null, orderAmount: null },
        { kind: 'CANCEL', couponId: taken, manager: admin, note: '', returnStock: false, orderCancelled: false },
        reserve(held, 'held'),
      ]);
      return [...ids, soon, later];
    }

    it('the statistics of a user count usable, used and expired coupons and the discount, without withdrawn ones', async () => {
      await oneOfEach();
      const saved = 700n + 1_000n;
      const at = (ms: number) => store.statisticsOf(USER, new Date(ms));
      expect(await at(NOW_MS)).toEqual({ total: 6, available: 3, used: 2, expired: 0, saved });
      expect(await at(NOW_MS + HOUR_MS)).toEqual({ total: 6, available: 2, used: 2, expired: 1, saved });
      expect(await store.statisticsOf(8n, new Date(NOW_MS))).toEqual({
        total: 0,
        available: 0,
        used: 0,
        expired: 0,
        saved: 0n,
      });
    });

    it('expiring coupons are listed up to a time, the earliest first, without expired ones', async () => {
      const [, , , , , soon, later] = await oneOfEach();
      const list = async (nowMs: number, until: Date, limit = 10) =>
        (await store.expiring({ userId: USER, now: new Date(nowMs), until, limit })).map(({ coupon }) => coupon?.id);
      expect(await list(NOW_MS, HOURS_3)).toEqual([soon, later]);
      expect(await list(NOW_MS, HOURS_3, 1)).toEqual([soon]);
      expect(await list(NOW_MS, new Date(NOW_MS + HOUR_MS))).toEqual([soon]);
      expect(await list(NOW_MS + HOUR_MS, HOURS_3)).toEqual([later]);
    });

    it('a coupon past its expiry is shown as EXPIRED before and after a scheduled task stores it', async () => {
      const [, , , , , soon = 0n] = await oneOfEach();
      const now = new Date(NOW_MS + HOUR_MS);
      const shown = async () => {
        const list = await store.listOfUser({ userId: USER, filters: ['EXPIRED'], now, limit: 10 });
        return list.map(({ coupon }) => [coupon?.id, coupon?.status]);
      };
      expect(await shown()).toEqual([[soon, 'EXPIRED']]);
      await change([{ kind: 'EXPIRE', couponId: soon }], store, now.getTime());
      expect(await shown()).toEqual([[soon, 'EXPIRED']]);
    });
  });

  describe('racing writers', () => {
    it('racing orders reserve one coupon once', async () => {
      const [id = 0n] = await issue([7]);
      const decisions = await Promise.all(
        Array.from({ length: 12 }, (_, index) => change([reserve(id, `r${index}`)], node(index))),
      );
      expect(decisions.flatMap(resultOf).sort()).toEqual(['done', ...Array(11).fill('RESERVATION_CONFLICT')].sort());
      expect((await look(id)).reservations).toHaveLength(1);
    });

    it('racing requests with one reservation id reserve one of many coupons', async () => {
      const ids = await issue(Array(6).fill(7));
      const decisions = await Promise.all(ids.map((id, index) => change([reserve(id, 'the same')], node(index))));
      expect(decisions.flatMap(resultOf).sort()).toEqual(['done', ...Array(5).fill('RESERVATION_CONFLICT')].sort());
    });

    it('racing requests of one order reserve one coupon', async () => {
      const ids = await issue([7, 7, 7, 7, 7, 7]);
      const decisions = await Promise.all(
        ids.map((id, index) => change([reserve(id, `r${index}`, { orderId: 'one' })], node(index))),
      );
      expect(decisions.flatMap(resultOf).sort()).toEqual([...Array(5).fill('COUPON_NOT_STACKABLE'), 'done'].sort());
    });

    it('racing requests of one user reserve no more than the maximum', async () => {
      const ids = await issue(Array(RESERVATIONS_MAX + 10).fill(7));
      const decisions = await Promise.all(ids.map((id, index) => change([reserve(id, `r${index}`)], node(index))));
      expect(decisions.flatMap(resultOf).filter((code) => code === 'done')).toHaveLength(RESERVATIONS_MAX);
      expect(kinds(decisions)).toEqual(Array(RESERVATIONS_MAX).fill('RESERVED'));
    });

    it('racing confirm, release and time-out of one reservation agree on one result', async () => {
      for (let round = 0; round < 8; round++) {
        const [id = 0n] = await issue([7]);
        const reservationId = `round ${round}`;
        await change([reserve(id, reservationId)]);
        const enders: LifecycleCommand[] = [
          { kind: 'CONFIRM', reservationId },
          { kind: 'RELEASE', reservationId },
          { kind: 'TIME_OUT', reservationId },
          paid(reservationId, `event of ${round}`),
        ];
        // The first one alternates.
        const order = enders.map((_, index) => enders[(index + round) % enders.length] as LifecycleCommand);
        const late = NOW_MS + HOLD_MS;
        const decisions = await Promise.all(order.map((command, index) => change([command], node(index), late)));
        const { coupon, reservations } = await look(id);
        const [reservation] = reservations;
        if (coupon.state.status === 'USED') expect(reservation).toMatchObject({ status: 'CONFIRMED' });
        else expect(coupon.state.status).toBe('ISSUED');
        const steps = kinds(decisions);
        expect(coupon.version).toBe(2 + steps.length);
        // A released reservation stays released; after a timeout the late payment reserves the coupon again, once.
        expect(['RELEASED', 'USED', 'RELEASED RESERVED USED']).toContain(steps.join(' '));
      }
    });

    it('one event, delivered ten times on three nodes, has one effect', async () => {
      const [id = 0n] = await issue([7]);
      await change([reserve(id, 'r1')]);
      const decisions = await Promise.all(
        Array.from({ length: 10 }, (_, index) => change([paid('r1', '55:3')], node(index))),
      );
      expect(decisions.flatMap(resultOf).sort()).toEqual(['done', ...Array(9).fill('ignored')].sort());
      expect(kinds(decisions)).toEqual(['USED']);
    });

    it('overlapping batches that withdraw, issue and reserve never deadlock, and all counts agree', async () => {
      const ids = await issue(Array.from({ length: 24 }, (_, user) => user + 1));
      const { policyId } = (await look(ids[0] ?? 0n)).coupon.terms;
      const admin = manager('ADMIN');
      const work = Array.from({ length: 48 }, async (_, index) => {
        const picked = ids.filter((_id, place) => (place * 7 + index * 5) % 6 === 0);
        const turned = index % 2 === 0 ? picked : picked.toReversed();
        if (index % 4 === 3) {
          const more = asks(policyId, 100 + index, 200 + index);
          const { decision } = await node(index).issueBatch(more, (snapshot) =>
            decideIssues(snapshot, more, NOW_MS, nextId),
          );
          return decision.issued.length;
        }
        const decision = await change(
          turned.map(
            (couponId): LifecycleCommand =>
              index % 4 === 0
                ? { kind: 'CANCEL', couponId, manager: admin, note: '', returnStock: true, orderCancelled: true }
                : reserve(couponId, `${index} ${couponId}`, { userId: BigInt(ids.indexOf(couponId) + 1) }),
          ),
          node(index),
        );
        return -decision.steps.filter(({ kind }) => kind === 'CANCELLED').length;
      });
      const changes = await Promise.all(work);
      const expected = changes.reduce((sum, each) => sum + each, ids.length);
      expect((await store.find(policyId))?.currentIssueCount).toBe(expected);
    });
  });
}
