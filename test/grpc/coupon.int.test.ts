import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkoutFixture, codeOf, type Fixture, given } from '../checkout/fixture.ts';
import { TRANSPORTS } from '../support/transports.ts';

const keyed = () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32) });
const count = (codes: readonly string[]) =>
  Object.fromEntries([...new Set(codes)].toSorted().map((code) => [code, codes.filter((it) => it === code).length]));

describe.each(TRANSPORTS)('coupons %s', (_, reach) => {
  let on: Fixture;
  beforeEach(async () => {
    on = await checkoutFixture({ reach });
  });
  afterEach(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  test('60 users who want 20 coupons at once get 20 of them, and each user at most one', async () => {
    const policyId = await on.policy({ maxIssueCount: 20 });
    const users = Array.from({ length: 60 }, () => on.newUser());
    const issue = (userId: bigint) => on.reached.coupon.issueCoupon({ policyId, userId });
    const first = await Promise.all([...users, ...users.slice(0, 30)].map(issue));
    const codes = first.map((response) => codeOf(response));
    const holders = new Set(
      first.flatMap(({ outcome }) => (outcome?.$case === 'coupon' ? [outcome.value.userId] : [])),
    );
    expect([count(codes)['coupon'], holders.size]).toEqual([20, 20]);
    const [winner = 0n] = holders;
    const again = await issue(winner);
    expect([codeOf(again), again.outcome?.value]).toMatchObject([
      'COUPON_ALREADY_ISSUED',
      { details: { sequenceNo: expect.stringMatching(/^\d+$/) } },
    ]);
    const loser = users.find((user) => !holders.has(user)) ?? 0n;
    expect(codeOf(await issue(loser))).toBe('COUPON_SOLD_OUT');
  });

  test('a coupon is issued one after the other, whatever is lost on the way', async () => {
    const policyId = await on.policy({ maxIssueCount: 3 });
    const outcomes = [];
    for (let time = 0; time < 5; time++) {
      outcomes.push(await on.reached.coupon.issueCoupon({ policyId, userId: on.newUser() }));
    }
    expect(outcomes.map((outcome) => codeOf(outcome))).toEqual([
      ...['coupon', 'coupon', 'coupon'],
      ...['COUPON_SOLD_OUT', 'COUPON_SOLD_OUT'],
    ]);
    expect(outcomes.slice(0, 3).map((response) => given(response.outcome).sequenceNo)).toEqual([1, 2, 3]);
  });

  test('a command with a key has one effect however often it comes, and another request cannot use the key', async () => {
    const policyId = await on.policy({ maxIssueCount: 5, maxIssuePerUser: 5 });
    const request = { policyId, userId: on.newUser(), commandKey: keyed() };
    const same = () => on.reached.coupon.issueCoupon(request).catch(() => undefined);
    await Promise.all([same(), same(), same(), same()]);
    const replay = await on.reached.coupon.issueCoupon(request);
    expect([given(replay.outcome).sequenceNo, replay.replayed]).toEqual([1, true]);
    const commandKey = { ...request.commandKey, requestHash: new Uint8Array(32).fill(1) };
    const other = await on.reached.coupon.issueCoupon({ ...request, commandKey });
    expect(codeOf(other)).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('a coupon is used once: ten uses of different orders at once, and a use of one order again', async () => {
    const userId = on.newUser();
    const { id: couponId } = await on.couponOf(userId);
    const use = (orderId: string) =>
      on.reached.coupon.useCoupon({ couponId, userId, orderId, orderAmount: 10_000n, lines: [] });
    const uses = await Promise.all(Array.from({ length: 10 }, (_unused, index) => use(`order-${index}`)));
    expect(count(uses.map((response) => codeOf(response)))).toEqual({ COUPON_ALREADY_USED: 9, coupon: 1 });
    const winner = `order-${uses.findIndex((response) => codeOf(response) === 'coupon')}`;
    expect(given((await use(winner)).outcome).orderId).toBe(winner);
  });

  test('a coupon is reserved for one of two orders, released, and confirmed for the other', async () => {
    const userId = on.newUser();
    const { id: couponId } = await on.couponOf(userId);
    const { coupon } = on.reached;
    const reserve = (reservationId: string) =>
      coupon.reserveCoupon({ reservationId, userId, couponId, orderAmount: 10_000n, origin: 'CHECKOUT', lines: [] });
    const codes = await Promise.all(['a', 'b'].map(reserve));
    expect(count(codes.map((response) => codeOf(response)))).toEqual({ RESERVATION_CONFLICT: 1, reserved: 1 });
    const [held, other] = codeOf(codes[0] ?? {}) === 'reserved' ? ['a', 'b'] : ['b', 'a'];
    const of = (reservationId = '') => ({ reservationId, userId, origin: 'CHECKOUT' });
    expect(given((await coupon.releaseReservation(of(held))).outcome).reservation?.status).toBe('CANCELLED');
    expect(given((await reserve(other ?? '')).outcome).reservation?.status).toBe('PENDING');
    expect(given((await coupon.confirmReservation(of(other))).outcome).reservation?.status).toBe('CONFIRMED');
    expect(codeOf(await coupon.confirmReservation(of(held)))).toBe('RESERVATION_CONFLICT');
  });
});

describe.each(TRANSPORTS)('points %s', (_, reach) => {
  let on: Fixture;
  beforeEach(async () => {
    on = await checkoutFixture({ reach });
  });
  afterEach(async () => {
    const violations = await on.violations();
    await on.close();
    expect(violations).toEqual([]);
  });

  test('charges of many users and of one at once all count, and a repeat with its key counts once', async () => {
    const { point } = on.reached;
    const hot = on.newUser();
    const charges = [
      ...Array.from({ length: 20 }, (_unused, index) => ({ userId: hot, amount: 100n, key: `hot ${index}` })),
      ...Array.from({ length: 20 }, () => ({ userId: on.newUser(), amount: 7n, key: 'own' })),
    ];
    const answers = await Promise.all([...charges, ...charges].map((charge) => point.chargePoints(charge)));
    expect(new Set(answers.map(({ outcome }) => given(outcome).id)).size).toBe(40);
    expect(await on.points(hot)).toEqual([2_000n, 0n]);
    const other = await point.chargePoints({ userId: hot, amount: 101n, key: 'hot 0' });
    expect(codeOf(other)).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('points are held for one of two orders, and captured once', async () => {
    const { point } = on.reached;
    const userId = on.newUser();
    await on.charge(userId, 1_000n);
    const hold = (orderId: string) => point.holdPoints({ userId, orderId, amount: 800n });
    const codes = (await Promise.all(['a', 'b'].map(hold))).map((response) => codeOf(response));
    expect(codes.toSorted()).toEqual(['INSUFFICIENT_POINTS', 'hold']);
    const orderId = codes[0] === 'hold' ? 'a' : 'b';
    const captured = await Promise.all([1, 2, 3].map(() => point.captureHold({ userId, orderId })));
    expect(captured.map(({ outcome }) => given(outcome).state)).toEqual(['CAPTURED', 'CAPTURED', 'CAPTURED']);
    expect(await on.points(userId)).toEqual([200n, 0n]);
  });
});
