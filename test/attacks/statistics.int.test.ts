import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolvedDocument } from '../support/resolved-document.ts';
import { openPolicy, policyBody, type Stage, stage, storeOf, testUsers, until } from './support.ts';

let on: Stage;
const testUser = testUsers();
let foreign: string;
let own: string;
const DAYS = 'from=2026-01-01&to=2026-12-31';
const UNKNOWN = '7330011234567890';
beforeAll(async () => {
  on = await stage();
  foreign = await openPolicy(on);
  const token = on.token(testUser(411), 'OWNER');
  const json = policyBody({ storeId: await storeOf(on, testUser(411)) });
  own = (await on.call('POST', '/api/v1/coupon-policies', { token, json })).body.couponPolicyId;
  await on.call('POST', `/api/v1/admin/coupon-policies/${own}/activate`, { token });
  for (const policyId of [foreign, own]) {
    await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(testUser(401)) });
  }
  await until(async () => {
    const answers = await Promise.all(
      [foreign, own].map((id) => get(`coupon-policies/${id}/statistics`, '1', 'ADMIN')),
    );
    return answers.every(({ body }) => body.issued === 1);
  });
});
afterAll(() => on.stop());

const get = (path: string, user: string, role?: 'OWNER' | 'ADMIN') =>
  on.call('GET', `/api/v1/${path}`, { token: on.token(user, role) });
/** A problem document, less what differs with every request. */
const plain = ({ body }: { body: object }) => ({ ...body, instance: '', requestId: '' });
const year = () => {
  const at = new Date();
  return `from=${at.getUTCFullYear()}-01-01&to=${at.getUTCFullYear()}-12-31`;
};

describe('statistics under attack', () => {
  it('docs/attacks.md 32: a request for the statistics of another owner’s policy gets 404', async () => {
    for (const path of [
      (id: string) => `coupon-policies/${id}/statistics`,
      (id: string) => `statistics/daily?${DAYS}&policyId=${id}`,
    ]) {
      const [theirs, none] = await Promise.all([
        get(path(foreign), testUser(411), 'OWNER'),
        get(path(UNKNOWN), testUser(411), 'OWNER'),
      ]);
      expect([theirs.status, theirs.body.code]).toEqual([404, 'POLICY_NOT_FOUND']);
      expect(plain(theirs)).toEqual(plain(none));
      expect((await get(path(own), testUser(411), 'OWNER')).status).toBe(200);
    }
    const listed = await get(`statistics/daily?${year()}&limit=100`, testUser(411), 'OWNER');
    expect(listed.body.days.map((day: { couponPolicyId: string }) => day.couponPolicyId)).toEqual([own]);
    expect((await get(`statistics/daily?${year()}`, '412', 'OWNER')).body.days).toEqual([]);
  });

  it('docs/attacks.md 33: customers, machines without a scope and anonymous callers are refused statistics, with any method', async () => {
    for (const path of [
      `/api/v1/coupon-policies/${own}/statistics`,
      `/api/coupon-policies/${own}/statistics`,
      `/api/v1/statistics/daily?${DAYS}`,
    ]) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        for (const role of ['CUSTOMER', 'SERVICE'] as const) {
          const { status } = await on.call(method, path, { token: on.token(testUser(401), role) });
          expect([403, 405], `${role} ${method} ${path}`).toContain(status);
        }
        expect([401, 405], `${method} ${path}`).toContain((await on.call(method, path)).status);
      }
    }
  });

  it('docs/attacks.md 36: responses about statistics contain exactly the documented fields', async () => {
    const document = await resolvedDocument(on);
    const fieldsOf = (path: string) => {
      const { schema } = document.paths[path].get.responses['200'].content['application/json'];
      return schema.properties;
    };
    const one = await get(`coupon-policies/${own}/statistics`, testUser(411), 'OWNER');
    const ofPolicy = fieldsOf('/api/v1/coupon-policies/{id}/statistics');
    expect(Object.keys(one.body).sort()).toEqual(Object.keys(ofPolicy).sort());
    expect(Object.keys(one.body.byDay[0]).sort()).toEqual(Object.keys(ofPolicy.byDay.items.properties).sort());
    const list = await get(`statistics/daily?${year()}`, '1', 'ADMIN');
    const { days } = fieldsOf('/api/v1/statistics/daily');
    expect(Object.keys(list.body.days[0]).sort()).toEqual(Object.keys(days.items.properties).sort());
    const { byHour } = days.items.properties;
    expect(Object.keys(list.body.days[0].byHour[0]).sort()).toEqual(Object.keys(byHour.items.properties).sort());
  });

  it.each([
    ['a parameter twice', 'from=2026-01-01&from=2026-02-01&to=2026-12-31'],
    ['a list of policies', `${DAYS}&policyId=1&policyId=2`],
    ['an index', `${DAYS}&policyId[0]=1`],
    ['an unknown parameter', `${DAYS}&userId=1`],
    ['no days', ''],
    ['half of the days', 'from=2026-01-01'],
    ['a day that no calendar has', 'from=2026-02-30&to=2026-12-31'],
    ['a moment instead of a day', 'from=2026-01-01T00:00:00Z&to=2026-12-31'],
    ['days in the wrong order', 'from=2026-12-31&to=2026-01-01'],
    ['more than 366 days', 'from=2025-01-01&to=2026-12-31'],
    ['a policy that is no id', `${DAYS}&policyId=-1`],
    ['a policy above 63 bits', `${DAYS}&policyId=9223372036854775808`],
    ['a store that is no id', `${DAYS}&storeId=1%20or%201=1`],
  ])('docs/attacks.md 39: the query %s gets 400', async (_, query) => {
    const { status, body } = await get(`statistics/daily?${query}`, '1', 'ADMIN');
    expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.errors.length).toBeGreaterThan(0);
  });

  it('docs/attacks.md 39: the statistics of a policy accept no parameters and no malformed id', async () => {
    for (const path of [`coupon-policies/${own}/statistics?from=2026-01-01`, 'coupon-policies/1e3/statistics']) {
      expect((await get(path, '1', 'ADMIN')).status, path).toBe(400);
    }
  });

  it.each(['1000000000', '101', '0', '-1', '1.5', '1&limit=2'])(
    'docs/attacks.md 49: a page of %s gets 400',
    async (limit) => {
      expect((await get(`statistics/daily?${DAYS}&limit=${limit}`, '1', 'ADMIN')).status).toBe(400);
    },
  );
});
