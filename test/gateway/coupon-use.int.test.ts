// @module-tag settings
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage({ reservationMinutes: 3 });
});
afterAll(() => on.stop());

it('a coupon is reserved, used and restored, and its discount is counted meanwhile', async () => {
  const policyId = await openPolicy(on, { restoreOnRefund: true, minimumOrderAmount: 1_000, validDays: 5 });
  const [mine, shop] = [{ token: on.token('71') }, { token: on.token('2', 'SERVICE', 'coupons:use coupons:read') }];
  const base = '/api/v1/coupons';
  const issued = await on.call('POST', `${base}/policies/${policyId}/issue`, mine);
  const { couponId } = issued.body;
  const json = { reservationId: 'till 1', userId: 71, couponId, orderAmount: 12_000, orderId: 'o-1' };

  const small = await on.call('POST', `${base}/reserve`, { ...mine, json: { ...json, orderAmount: 999 } });
  expect([small.status, small.body.code, small.body.minimumOrderAmount]).toEqual([400, 'MINIMUM_ORDER_NOT_MET', 1_000]);

  const reserved = await on.call('POST', `${base}/reserve`, { ...mine, json });
  expect(reserved.body).toMatchObject({ reservationId: 'till 1', couponId, success: true, discountAmount: 3_000 });
  const { reservedAt, expiresAt } = reserved.body;
  expect(Date.parse(expiresAt) - Date.parse(reservedAt)).toBe(3 * MINUTE_MS);

  // The same request again, also by the other name and route.
  const applied = await on.call('POST', '/api/coupons/apply', { ...mine, json });
  expect([applied.status, applied.body]).toEqual([
    200,
    {
      couponId,
      couponName: 'Opening day',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3_000,
      maxDiscountAmount: null,
      discountAmount: 3_000,
    },
  ]);
  const extended = await on.call('POST', `${base}/reservations/till%201/extend?userId=71`, shop);
  expect([extended.status, extended.body.status]).toEqual([200, 'PENDING']);
  expect(Date.parse(extended.body.expiresAt)).toBeGreaterThanOrEqual(Date.parse(expiresAt));

  const statistics = async () => (await on.call('GET', `${base}/users/71/statistics`, mine)).body;
  const expiring = async (days: number) =>
    (await on.call('GET', `${base}/users/71/expiring?days=${days}`, mine)).body.coupons.map(
      (coupon: { couponId: string }) => coupon.couponId,
    );
  expect(await expiring(7)).toEqual([]);
  const confirmed = await on.call('POST', `${base}/reservations/till%201/confirm?userId=71`, shop);
  expect(confirmed.body).toMatchObject({ status: 'CONFIRMED', orderId: 'o-1', orderAmount: 12_000, userId: '71' });
  expect(await statistics()).toEqual({
    totalCoupons: 1,
    availableCoupons: 0,
    usedCoupons: 1,
    expiredCoupons: 0,
    totalSavedAmount: 3_000,
  });

  const other = await on.call('POST', `${base}/${couponId}/restore`, { ...shop, json: { orderId: 'o-2' } });
  expect([other.status, other.body.code]).toEqual([409, 'RESERVATION_CONFLICT']);
  for (let time = 0; time < 2; time++) {
    const restored = await on.call('POST', `${base}/${couponId}/restore`, { ...shop, json: { orderId: 'o-1' } });
    expect([restored.status, restored.body.status, restored.body.orderId]).toEqual([200, 'ISSUED', null]);
  }
  expect(await statistics()).toMatchObject({ availableCoupons: 1, usedCoupons: 0, totalSavedAmount: 0 });
  expect([await expiring(7), await expiring(2)]).toEqual([[couponId], []]);

  const use = (json: object) => on.call('POST', `${base}/${couponId}/use`, { ...mine, json });
  for (const amount of [{}, { orderAmount: 999 }]) {
    const refused = await use({ orderId: 'o-3', ...amount });
    expect([refused.status, refused.body.code, refused.body.minimumOrderAmount]).toEqual([
      400,
      'MINIMUM_ORDER_NOT_MET',
      1_000,
    ]);
  }
  const used = await use({ orderId: 'o-3', orderAmount: 1_000 });
  expect(used.body).toMatchObject({
    couponId,
    couponPolicyId: policyId,
    status: 'USED',
    orderId: 'o-3',
    reservationId: null,
  });
  expect(await statistics()).toMatchObject({ totalSavedAmount: 1_000 });
});

it.each(['0', '366', 'x', '1.5', '-1'])('a list of coupons that expire within %s days is refused', async (days) => {
  const answer = await on.call('GET', `/api/v1/coupons/users/71/expiring?days=${days}`, { token: on.token('71') });
  expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
});
