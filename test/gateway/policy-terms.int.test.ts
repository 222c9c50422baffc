import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

const admin = () => ({ token: on.token(testUser(1), 'ADMIN') });
const as = (userId: string) => ({ token: on.token(userId) });
let reservations = 0;

/** Sends back the policy as it was read, with changes. */
async function edit(policyId: string, changes: object) {
  const { body } = await on.call('GET', `/api/v1/coupon-policies/${policyId}`, admin());
  const { couponPolicyId, currentIssueCount, status, createdAt, updatedAt, ...read } = body;
  const json = { ...read, ...changes };
  return await on.call('PUT', `/api/v1/admin/coupon-policies/${policyId}`, { ...admin(), json });
}
async function issue(policyId: string, userId: string): Promise<string> {
  return (await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, as(userId))).body.couponId;
}
async function discountOf(userId: string, couponId: string, orderAmount: number): Promise<number | string> {
  const json = { reservationId: `terms-${++reservations}`, couponId, orderAmount };
  const { body } = await on.call('POST', '/api/v1/coupons/reserve', { ...as(userId), json });
  await on.call('DELETE', `/api/v1/coupons/apply/${json.reservationId}`, as(userId));
  return body.code ?? body.discountAmount;
}

it('a coupon that a customer holds keeps its terms when the policy is edited, until an edit applies to issued coupons', async () => {
  const policyId = await openPolicy(on, { discountValue: 5_000, minimumOrderAmount: 0 });
  const held = await issue(policyId, testUser(501));
  const edited = await edit(policyId, { discountValue: 50, minimumOrderAmount: 100_000 });
  expect([edited.status, edited.body]).toEqual([200, expect.objectContaining({ termsVersion: 2, termsFloor: 1 })]);
  const fresh = await issue(policyId, testUser(502));

  const shown = async (userId: string) => {
    const { discountValue, minimumOrderAmount } = (await on.call('GET', `/api/v1/coupons/users/${userId}`, as(userId)))
      .body.coupons[0];
    return { discountValue, minimumOrderAmount };
  };
  expect(await shown(testUser(501))).toEqual({ discountValue: 5_000, minimumOrderAmount: 0 });
  expect(await shown(testUser(502))).toEqual({ discountValue: 50, minimumOrderAmount: 100_000 });
  expect(await discountOf(testUser(501), held, 20_000)).toBe(5_000);
  expect(await discountOf(testUser(502), fresh, 20_000)).toBe('MINIMUM_ORDER_NOT_MET');

  const applied = await edit(policyId, { discountValue: 700, minimumOrderAmount: 0, applyToIssued: true });
  expect([applied.status, applied.body]).toEqual([200, expect.objectContaining({ termsVersion: 3, termsFloor: 3 })]);
  for (const [userId, couponId] of [
    [testUser(501), held],
    [testUser(502), fresh],
  ] as const) {
    expect(await shown(userId)).toEqual({ discountValue: 700, minimumOrderAmount: 0 });
    expect(await discountOf(userId, couponId, 20_000)).toBe(700);
  }
});

it('customers do not see the versions of the terms, and an edit cannot set them', async () => {
  const policyId = await openPolicy(on);
  const { body } = await on.call('GET', `/api/v1/coupon-policies/${policyId}`, as('503'));
  expect(Object.keys(body).filter((name) => name.startsWith('terms'))).toEqual([]);
  const edited = await edit(policyId, { name: 'Renamed', termsVersion: 9, termsFloor: 9 });
  expect([edited.status, edited.body]).toEqual([200, expect.objectContaining({ termsVersion: 1, termsFloor: 1 })]);
});
