import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { type Answer, openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';

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
const withdraw = (policyId: string, json: object = { reason: 'The discount is wrong' }, by = admin()) =>
  on.call('POST', `/api/v1/admin/coupon-policies/${policyId}/withdraw`, { ...by, json });

async function ended(begun: Answer): Promise<Answer> {
  expect([begun.status, begun.headers.get('location')]).toEqual([202, `/api/v1/jobs/${begun.body.jobId}`]);
  for (;;) {
    const job = await on.call('GET', begun.headers.get('location') ?? '', admin());
    if (job.body.status === 'DONE' || job.body.status === 'FAILED') return job;
    await sleep(20);
  }
}

it('a withdrawal takes all unused coupons of a policy, leaves used ones, and names the reserved ones', async () => {
  const policyId = await openPolicy(on, { minimumOrderAmount: 0, maxIssueCount: null });
  const users = Array.from({ length: 7 }, () => shop.newUser());
  const coupons: string[] = [];
  for (const user of users) {
    coupons.push((await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, as(user))).body.couponId);
  }
  const [used, held] = [users[0] ?? '', users[1] ?? ''];
  await on.call('POST', `/api/v1/coupons/${coupons[0]}/use`, { ...as(used), json: {} });
  const json = { reservationId: 'kept', couponId: coupons[1], orderAmount: 10_000 };
  expect((await on.call('POST', '/api/v1/coupons/reserve', { ...as(held), json })).status).toBe(200);

  const job = await ended(await withdraw(policyId));
  expect(job.body).toMatchObject({ kind: 'WITHDRAW_COUPONS', status: 'DONE', total: 7, done: 7, failed: 1 });
  const statuses = await Promise.all(users.map((user, place) => shop.couponStatus(user, coupons[place] ?? '')));
  expect(statuses).toEqual(['USED', 'RESERVED', ...Array(5).fill('CANCELLED')]);
  const { text } = await on.call('GET', `/api/v1/jobs/${job.body.jobId}/errors.csv`, admin());
  expect(text).toContain(`2,${coupons[1]},RESERVATION_CONFLICT`);

  // Again: nothing but what was left.
  await on.call('DELETE', '/api/v1/coupons/apply/kept', as(held));
  expect((await ended(await withdraw(policyId))).body).toMatchObject({ status: 'DONE', total: 7, done: 7, failed: 0 });
  expect(await shop.couponStatus(held, coupons[1] ?? '')).toBe('CANCELLED');
  const { body } = await on.call('GET', `/api/v1/coupon-policies/${policyId}`, admin());
  expect(body.currentIssueCount).toBe(7);
});

it('a withdrawal of a policy without coupons is done at once, and one without a reason or by another owner is refused', async () => {
  const policyId = await openPolicy(on);
  expect((await ended(await withdraw(policyId))).body).toMatchObject({ status: 'DONE', total: 0, done: 0 });
  expect((await withdraw(policyId, {})).body.code).toBe('VALIDATION_FAILED');
  expect((await withdraw(policyId, { reason: ' ' })).body.code).toBe('VALIDATION_FAILED');
  expect((await withdraw(policyId, { reason: 'x' }, { token: on.token(testUser(999), 'OWNER') })).body.code).toBe(
    'FORBIDDEN',
  );
  expect((await withdraw(testUser(999), { reason: 'x' })).body.code).toBe('POLICY_NOT_FOUND');
});
