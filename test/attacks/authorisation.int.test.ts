import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from './raw.ts';
import { openPolicy, policyBody, type Stage, stage, storeOf, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
let policyId: string;
beforeAll(async () => {
  on = await stage();
  policyId = await openPolicy(on);
});
afterAll(() => on.stop());

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const ADMIN_ROUTES = () => [
  '/api/v1/admin/coupon-policies',
  `/api/v1/admin/coupon-policies/${policyId}`,
  `/api/v1/admin/coupon-policies/${policyId}/activate`,
  `/api/v1/admin/coupon-policies/${policyId}/pause`,
  `/api/v1/admin/coupon-policies/${policyId}/end`,
];

describe('authorisation', () => {
  it('docs/attacks.md 32: a request for the coupons of another user gets 404, whether they exist or not', async () => {
    await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(testUser(301)) });
    const token = on.token(testUser(302));
    for (const path of ['users/301', 'users/999999', 'user/301', `policies/${policyId}/issued?userId=301`]) {
      for (const base of ['/api/v1/coupons/', '/api/coupons/']) {
        const { status, body } = await on.call('GET', base + path, { token });
        expect([path, status, body.code]).toEqual([path, 404, 'NOT_FOUND']);
      }
    }
    const answers = await Promise.all(
      [testUser(301), '999999'].map((user) => on.call('GET', `/api/v1/coupons/users/${user}`, { token })),
    );
    const [one, other] = answers.map(({ body }) => ({ ...body, instance: '', requestId: '' }));
    expect(one).toEqual(other);
  });

  it('docs/attacks.md 32: an owner cannot change the policy of another owner', async () => {
    const mine = await on.call('POST', '/api/v1/coupon-policies', {
      token: on.token(testUser(311), 'OWNER'),
      json: policyBody({ storeId: await storeOf(on, testUser(311)) }),
    });
    await storeOf(on, testUser(312));
    const token = on.token(testUser(312), 'OWNER');
    const id: string = mine.body.couponPolicyId;
    const answers = await Promise.all([
      on.call('PUT', `/api/v1/admin/coupon-policies/${id}`, {
        token,
        json: { ...policyBody(), version: mine.body.version },
      }),
      on.call('POST', `/api/v1/admin/coupon-policies/${id}/activate`, { token }),
      on.call('POST', `/api/v1/admin/coupon-policies/${id}/end`, { token }),
      on.call('PATCH', `/api/v1/coupon-policies/${id}/remaining-quantity`, {
        token,
        json: { newMaxIssueCount: 5, modifiedBy: 'x', reason: 'y' },
      }),
    ]);
    expect(answers.every(({ status }) => status === 403 || status === 404)).toBe(true);
    const after = await on.call('GET', `/api/v1/coupon-policies/${id}`, { token: on.token(testUser(311), 'OWNER') });
    expect(after.body).toEqual(mine.body);
  });

  it('docs/attacks.md 32: an owner cannot issue from a policy by list or by file, not even from their own, because they have no subscribers', async () => {
    const json = policyBody({ distributionType: 'DIRECT' });
    const owned = { ...json, storeId: await storeOf(on, testUser(313)) };
    const mine = await on.call('POST', '/api/v1/coupon-policies', {
      token: on.token(testUser(313), 'OWNER'),
      json: owned,
    });
    const id: string = mine.body.couponPolicyId;
    const list = { couponPolicyId: id, userIds: ['1'], issuedBy: 'x' };
    const csv = { text: '1\n2', headers: { 'content-type': 'text/csv' } };
    const issue = (token: string) => {
      return Promise.all([
        on.call('POST', '/api/v1/coupons/direct-issue', { token, json: list }),
        on.call('POST', `/api/v1/coupon-policies/${id}/direct-issue.csv`, { token, ...csv }),
      ]);
    };
    for (const userId of [testUser(313), '314']) {
      const refused = await issue(on.token(userId, 'OWNER'));
      expect(refused.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([403, 'FORBIDDEN']));
    }
    const stock = await on.call('GET', `/api/v1/coupons/policies/${id}/stock`);
    expect(stock.body.remainingStock).toBe(100);
    expect((await issue(on.token(testUser(1), 'ADMIN'))).map(({ status }) => status)).toEqual([201, 202]);
  });

  it('docs/attacks.md 32: a request for a job gets 404 unless it is from the owner of the store or an administrator', async () => {
    const json = policyBody({ distributionType: 'CODE', storeId: await storeOf(on, testUser(315)) });
    const owner = on.token(testUser(315), 'OWNER');
    const mine = await on.call('POST', '/api/v1/coupon-policies', { token: owner, json });
    const begun = await on.call('POST', `/api/v1/coupon-policies/${mine.body.couponPolicyId}/codes.csv`, {
      token: owner,
      text: 'code\n!',
      headers: { 'content-type': 'text/csv' },
    });
    const { jobId } = begun.body;
    for (const tail of ['', '/events', '/errors', '/errors.csv']) {
      const ask = (id: string, token: string) => on.call('GET', `/api/v1/jobs/${id}${tail}`, { token });
      const [one, other] = await Promise.all([
        ask(jobId, on.token(testUser(316), 'OWNER')),
        ask('999', on.token(testUser(316), 'OWNER')),
      ]);
      expect([tail, one.status, one.body.code]).toEqual([tail, 404, 'JOB_NOT_FOUND']);
      expect({ ...one.body, instance: '', requestId: '' }).toEqual({ ...other.body, instance: '', requestId: '' });
      expect((await ask(jobId, on.token(testUser(315)))).status).toBe(403);
      expect((await on.call('GET', `/api/v1/jobs/${jobId}${tail}`)).status).toBe(401);
      expect((await ask(jobId, owner)).status).toBe(200);
      expect((await ask(jobId, on.token(testUser(1), 'ADMIN'))).status).toBe(200);
    }
  });

  it('docs/attacks.md 33: a customer is refused on the routes of administrators, with any method', async () => {
    const token = on.token(testUser(303));
    const before = await on.call('GET', `/api/v1/coupon-policies/${policyId}`);
    for (const path of ADMIN_ROUTES()) {
      for (const method of METHODS) {
        const { status } = await on.call(method, path, { token, ...(method === 'GET' ? {} : { json: policyBody() }) });
        expect([403, 405], `${method} ${path}`).toContain(status);
      }
      const anonymous = await on.call('POST', path, { json: policyBody() });
      expect([401, 405], `anonymous ${path}`).toContain(anonymous.status);
    }
    for (const path of ['/api/v1/coupon-policies', '/api/coupon-policies']) {
      expect((await on.call('POST', path, { token, json: policyBody() })).status).toBe(403);
    }
    expect((await on.call('GET', `/api/v1/coupon-policies/${policyId}`)).body).toEqual(before.body);
    for (const base of ['/api/v1', '/api']) {
      const paths = [`${base}/coupons/direct-issue`, `${base}/coupon-policies/${policyId}/direct-issue.csv`];
      for (const path of paths) {
        const json = { couponPolicyId: policyId, userIds: [testUser(303)], issuedBy: 'x' };
        const asked = path.endsWith('.csv')
          ? { text: testUser(303), headers: { 'content-type': 'text/csv' } }
          : { json };
        expect((await on.call('POST', path, { token, ...asked })).status, path).toBe(403);
        expect((await on.call('POST', path, asked)).status, path).toBe(401);
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          expect([404, 405], `${method} ${path}`).toContain((await on.call(method, path, { token })).status);
        }
      }
    }
  });

  it.each([
    '/api/v1/%61dmin/coupon-policies',
    '/api/v1/%2561dmin/coupon-policies',
    '//api/v1/admin/coupon-policies',
    '/api/v1//admin/coupon-policies',
    '/api/v1/admin/coupon-policies/',
    '/api/v1/admin;x/coupon-policies',
    '/api/v1/admin;x=1/coupon-policies',
    '/api/v1/ADMIN/coupon-policies',
    '/api/v1/Admin/Coupon-Policies',
    '/api/v1/./admin/coupon-policies',
    '/api/v1/x/../admin/coupon-policies',
    '/api/v1/admin%2fcoupon-policies',
    '/api/v1/admin/coupon-policies?x=/public',
    '/api/v1/admin/coupon-policies#x',
    '/api/v1/admin%00/coupon-policies',
    'http://test/api/v1/admin/coupon-policies',
  ])('docs/attacks.md 34: the path %s is refused like its plain spelling', async (path) => {
    const names = async (): Promise<number> =>
      (await on.call('GET', '/api/v1/coupon-policies?limit=100')).body.policies.length;
    const before = await names();
    const body = JSON.stringify(policyBody());
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '0' };
    const anonymous = await rawRequest(on.url, 'POST', path, headers);
    const customer = await rawRequest(on.url, 'POST', path, {
      ...headers,
      Authorization: `Bearer ${on.token(testUser(304))}`,
    });
    expect(body.length).toBeGreaterThan(0);
    const [denied, refused] = [
      [400, 401, 404],
      [400, 403, 404],
    ];
    expect(denied).toContain(anonymous.status);
    expect(refused).toContain(customer.status);
    expect(await names()).toBe(before);
  });

  it.each([
    '/api/v1/%61dmin/coupon-policies',
    '//api/v1/admin/coupon-policies',
    '/api/v1/admin/coupon-policies/',
    '/api/v1/admin;x/coupon-policies',
    '/api/v1/ADMIN/coupon-policies',
  ])('docs/attacks.md 34: the path %s gets 401 and 403, as its plain spelling does', async (path) => {
    const headers = { 'Content-Length': '0' };
    const anonymous = await rawRequest(on.url, 'POST', path, headers);
    const customer = await rawRequest(on.url, 'POST', path, {
      ...headers,
      Authorization: `Bearer ${on.token(testUser(304))}`,
    });
    expect([anonymous.status, customer.status]).toEqual([401, 403]);
  });

  it.each([
    '{"__proto__":{"role":"ADMIN"}}',
    '{"constructor":{"prototype":{"role":"ADMIN"}}}',
    '{"\\u005f_proto__":{"role":"ADMIN"}}',
    '{"prototype":1}',
    '{"userId":{"__proto__":1}}',
  ])('docs/attacks.md 35: a body with %s gets 400 on both kinds of routes', async (text) => {
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      token: on.token(testUser(305)),
      text,
    });
    const created = await on.call('POST', '/api/v1/coupon-policies', { token: on.token(testUser(1), 'ADMIN'), text });
    expect([issued.status, issued.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect([created.status, created.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('docs/attacks.md 35: __proto__ and constructor as query parameters get 400', async () => {
    for (const query of ['__proto__=1', 'constructor=1', '__proto__[role]=ADMIN', 'constructor.prototype.role=ADMIN']) {
      expect((await on.call('GET', `/api/v1/coupon-policies?${query}`)).status, query).toBe(400);
      const issue = `/api/v1/coupons/policies/${policyId}/issue?${query}`;
      expect((await on.call('POST', issue, { token: on.token(testUser(306)) })).status, query).toBe(400);
    }
  });

  it('docs/attacks.md 36: a customer gets the public fields of a policy and no others', async () => {
    await openPolicy(on, { distributionType: 'CODE', code: 'SECRET-2026' });
    const customer = await on.call('GET', '/api/v1/coupon-policies?limit=100', { token: on.token(testUser(307)) });
    const anonymous = await on.call('GET', '/api/coupon-policies?limit=100');
    expect(customer.body).toEqual(anonymous.body);
    expect(customer.text).not.toContain('SECRET-2026');
    expect(Object.keys(customer.body.policies[0])).not.toEqual(expect.arrayContaining(['version']));
    const admin = await on.call('GET', '/api/v1/coupon-policies?limit=100', { token: on.token(testUser(1), 'ADMIN') });
    expect(admin.text).toContain('SECRET-2026');
  });
});
