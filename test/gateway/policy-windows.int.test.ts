// @module-tag rows
import { afterAll, beforeAll, expect, it } from 'vitest';
import { policyBody, type Stage, stage, until } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(async () => {
  await on.stop();
});

const create = async (fromMs: number, untilMs: number): Promise<string> => {
  const offset = (ms: number) => `${new Date(ms + 9 * 3_600_000).toISOString().slice(0, -1)}+09:00`; // as people in Seoul write it
  const json = policyBody({ validFrom: offset(fromMs), validUntil: offset(untilMs) });
  const { body } = await on.call('POST', '/api/v1/coupon-policies', { token: on.token('1', 'ADMIN'), json });
  return body.couponPolicyId;
};
const issue = async (policyId: string, userId: string) =>
  (await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) })).status;
const shown = async (policyId: string) => (await on.call('GET', `/api/v1/coupon-policies/${policyId}`)).body.status;
const written = async (policyId: string): Promise<string[]> => {
  const { rows } = await on.query<{ status: string; early: boolean }>(
    `select c.status, c.changed_at < case c.status when 'ACTIVE' then p.valid_from else p.valid_until end as early
     from coupon.coupon_policy_changes c join coupon.coupon_policies p on p.id = c.policy_id
     where c.policy_id = $1 and changed_by = 'clock' order by c.id`,
    [policyId],
  );
  return rows.map((row) => `${row.status}${row.early ? ' too early' : ''}`);
};

it('a policy opens and ends by itself, in this order, and never before its time', async () => {
  const nowMs = Date.now();
  const fromMs = nowMs + 2_000;
  const policyId = await create(fromMs, nowMs + 4_000);
  const early = await issue(policyId, '501');
  if (Date.now() < fromMs) expect([early, await written(policyId)]).toEqual([400, []]);
  await until(async () => (await written(policyId)).length === 1);
  expect(['ACTIVE', 'ENDED']).toContain(await shown(policyId));
  await until(async () => (await written(policyId)).length === 2);
  expect(await written(policyId)).toEqual(['ACTIVE', 'ENDED']);
  expect(await shown(policyId)).toBe('ENDED');
  expect(await issue(policyId, '502')).toBe(410);
});

it('a policy whose window is moved closer opens then', async () => {
  const nowMs = Date.now();
  const policyId = await create(nowMs + 3_600_000, nowMs + 7_200_000);
  expect(await shown(policyId)).toBe('PENDING');
  const json = { ...policyBody({ validFrom: new Date(Date.now() + 300).toISOString() }), version: 1 };
  const path = `/api/v1/admin/coupon-policies/${policyId}`;
  expect((await on.call('PUT', path, { token: on.token('1', 'ADMIN'), json })).status).toBe(200);
  await until(async () => (await written(policyId)).length === 1);
  expect(await written(policyId)).toEqual(['ACTIVE']);
  // A transition by the clock is no edit: the version stays the same.
  const again = await on.call('PUT', path, { token: on.token('1', 'ADMIN'), json: { ...policyBody(), version: 2 } });
  expect(again.status).toBe(200);
});
