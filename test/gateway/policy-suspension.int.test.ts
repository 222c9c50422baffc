import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(() => on.stop());

const admin = () => ({ token: on.token(testUser(1), 'ADMIN') });
const as = (user: string) => ({ token: on.token(user) });
const issue = (policyId: string, user: string) =>
  on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, as(user));
const change = (policyId: string, what: string, json: object = {}) =>
  on.call('POST', `/api/v1/admin/coupon-policies/${policyId}/${what}`, { ...admin(), json });
const said = ({ status, body }: { status: number; body: { code?: string } | undefined }): string =>
  [status, body?.code].join(' ').trim();

it('a suspended policy gives, reserves and uses no coupon, shows it, and goes on within a second after it is resumed', async () => {
  const policyId = await openPolicy(on, { code: 'SUSPENDED-1', minimumOrderAmount: 0 });
  const [a, b, c] = [shop.newUser(), shop.newUser(), shop.newUser()];
  const [held, free] = [(await issue(policyId, a)).body.couponId, (await issue(policyId, b)).body.couponId];
  const reserve = (user: string, couponId: string) =>
    on.call('POST', '/api/v1/coupons/reserve', {
      ...as(user),
      json: { reservationId: `s-${couponId}`, couponId, orderAmount: 10_000 },
    });
  expect((await reserve(a, held)).status).toBe(200);

  const suspended = await change(policyId, 'suspend', { reason: 'The discount is wrong' });
  expect([suspended.status, suspended.body]).toEqual([
    200,
    expect.objectContaining({
      suspended: true,
      suspensionReason: 'The discount is wrong',
      status: 'ACTIVE',
      version: 2,
    }),
  ]);
  expect((await change(policyId, 'suspend', { reason: 'again' })).body.suspensionReason).toBe('The discount is wrong');
  expect(said(await issue(policyId, c))).toBe('409 POLICY_SUSPENDED');
  expect(said(await reserve(b, free))).toBe('409 POLICY_SUSPENDED');
  expect(said(await on.call('POST', `/api/v1/coupons/${free}/use`, { ...as(b), json: {} }))).toBe(
    '409 POLICY_SUSPENDED',
  );
  const order = { items: [{ productId: await shop.product(), quantity: 1 }], couponId: free };
  expect(said(await shop.post(b, 'orders', order))).toBe('409 POLICY_SUSPENDED');
  const shown = (await on.call('GET', `/api/v1/coupon-policies/${policyId}`, as(c))).body;
  expect([shown.suspended, 'suspensionReason' in shown]).toEqual([true, false]);
  expect((await on.call('GET', `/api/v1/coupons/policies/${policyId}/stock`, as(c))).body.available).toBe(false);
  const confirmed = await on.call('POST', `/api/v1/coupons/reservations/s-${held}/confirm?userId=${a}`, admin());
  expect([confirmed.status, confirmed.body.status]).toEqual([200, 'CONFIRMED']);

  const resumed = await change(policyId, 'resume');
  expect(resumed.body).toMatchObject({ suspended: false, suspensionReason: null, status: 'ACTIVE', version: 3 });
  expect((await reserve(b, free)).status).toBe(200);
  await sleep(1_000);
  await until(async () => (await issue(policyId, c)).status === 201);
});

it('the code of a suspended policy is answered as an unknown one', async () => {
  const policyId = await openPolicy(on, { distributionType: 'CODE', code: 'SUSPENDED-2' });
  await change(policyId, 'suspend', { reason: 'wrong' });
  const download = await on.call('POST', '/api/v1/coupons/download', {
    ...as(shop.newUser()),
    json: { couponCode: 'SUSPENDED-2' },
  });
  expect(said(download)).toBe('404 COUPON_CODE_NOT_FOUND');
});

it('a suspension needs a reason, and somebody who manages the policy', async () => {
  const policyId = await openPolicy(on);
  expect(said(await change(policyId, 'suspend', { reason: ' ' }))).toBe('400 VALIDATION_FAILED');
  expect(said(await change(policyId, 'suspend'))).toBe('400 VALIDATION_FAILED');
  const owner = { token: on.token(testUser(999), 'OWNER'), json: { reason: 'x' } };
  expect(said(await on.call('POST', `/api/v1/admin/coupon-policies/${policyId}/suspend`, owner))).toBe('403 FORBIDDEN');
});
