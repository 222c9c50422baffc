// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { type Answer, call, configOf, openPolicy, type Stage, stage, until } from '../attacks/support.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';

let on: Stage;
let issuer: SigningIssuer;
let subjects = 0;
beforeAll(async () => {
  issuer = await startSigningIssuer('login');
  on = await stage({ issuers: [issuer.settings()] });
});
afterAll(async () => {
  await on.stop();
  await issuer.stop();
});

const admin = (): string => on.token('1', 'ADMIN');
const machine = (): string => on.token('2', 'SERVICE', 'admin');
const newSubject = (): string => `auth0|customer ${++subjects}`;
const ext = (subject: string): string => `ext:login:${subject.replaceAll(' ', '%20')}`;
const inPath = (subject: string): string => encodeURIComponent(ext(subject));
const profileOf = async (subject: string): Promise<Answer> =>
  await on.call('GET', '/api/v1/auth/profile', { token: await issuer.sign({ sub: subject }) });
const idOf = async (subject: string): Promise<string> => (await profileOf(subject)).body.userId;

describe('a user of another issuer', () => {
  it('has one id on any number of nodes, also when the first requests come at the same time', async () => {
    const second = await startServer(configOf(on.database.programUrl, { issuers: [issuer.settings()] }));
    const names = Array.from({ length: 40 }, newSubject);
    const ids = await Promise.all(
      names.flatMap((sub) =>
        [on.url, second.url].map(async (url) => {
          const token = await issuer.sign({ sub });
          return [sub, (await call(url, 'GET', '/api/v1/auth/profile', { token })).body.userId].join(' ');
        }),
      ),
    );
    expect(new Set(ids).size).toBe(40);
    await second.stop();
  });

  it('has a profile without an address and without a password', async () => {
    const sub = newSubject();
    const token = await issuer.sign({ sub });
    const profile = await on.call('GET', '/api/v1/auth/profile', { token });
    expect(profile.body).toMatchObject({ email: null, role: 'CUSTOMER', name: '', emailVerified: false });
    const renamed = await on.call('PATCH', '/api/v1/auth/profile', { token, json: { name: 'Minji' } });
    expect([renamed.status, renamed.body.name]).toEqual([200, 'Minji']);
    const password = { currentPassword: '', newPassword: 'correct horse battery' };
    for (const currentPassword of ['', 'correct horse battery']) {
      const changed = await on.call('PUT', '/api/v1/auth/password', { token, json: { ...password, currentPassword } });
      expect([400, 401]).toContain(changed.status);
    }
  });

  it('is found by the external id, in lists as well', async () => {
    const sub = newSubject();
    const id = await idOf(sub);
    const query = new URLSearchParams({ externalId: ext(sub) });
    const { body } = await on.call('GET', `/api/v1/users?${query}`, { token: admin() });
    expect(body.users).toMatchObject([{ userId: id, externalId: ext(sub), email: null, status: 'ACTIVE' }]);
    const read = await on.call('GET', `/api/v1/users/${inPath(sub)}`, { token: admin() });
    expect(read.body).toMatchObject({ userId: id, externalId: ext(sub) });
    for (const unknown of ['ext:login:nobody', 'ext:other:nobody', 'nobody'])
      expect((await on.call('GET', `/api/v1/users?externalId=${unknown}`, { token: admin() })).body.users).toEqual([]);
  });

  it('is refused while locked, whoever signed the token, on every node', async () => {
    const sub = newSubject();
    const id = await idOf(sub);
    const second = await startServer(configOf(on.database.programUrl, { issuers: [issuer.settings()] }));
    const tokens = [await issuer.sign({ sub }), on.token(id)];
    const reasons = (url: string) =>
      Promise.all(tokens.map(async (token) => (await call(url, 'GET', '/api/v1/auth/profile', { token })).body.reason));
    expect(await reasons(second.url)).toEqual([undefined, undefined]);
    const change = (status: string) =>
      on.call('PATCH', `/api/v1/users/${inPath(sub)}`, { token: admin(), json: { status } });
    expect((await change('LOCKED')).body.status).toBe('LOCKED');
    expect(await reasons(on.url)).toEqual(['USER_BLOCKED', 'USER_BLOCKED']);
    await until(async () => (await reasons(second.url)).every((reason) => reason === 'USER_BLOCKED'));
    const third = await startServer(configOf(on.database.programUrl, { issuers: [issuer.settings()] }));
    expect(await reasons(third.url)).toEqual(['USER_BLOCKED', 'USER_BLOCKED']);
    expect((await change('ACTIVE')).status).toBe(200);
    expect(await reasons(on.url)).toEqual([undefined, undefined]);
    await until(async () => (await reasons(second.url)).every((reason) => reason === undefined));
    await second.stop();
    await third.stop();
  });

  it('does not come back as another user after deleting the account: an administrator restores the same one', async () => {
    const sub = newSubject();
    const id = await idOf(sub);
    const token = await issuer.sign({ sub });
    expect((await on.call('DELETE', '/api/v1/auth/profile', { token })).status).toBe(204);
    expect((await profileOf(sub)).body).toMatchObject({ status: 401, reason: 'USER_BLOCKED' });
    const restore = (by: string) => on.call('PATCH', `/api/v1/users/${id}`, { token: by, json: { status: 'ACTIVE' } });
    expect((await restore(machine())).body.code).toBe('USER_NOT_FOUND');
    expect((await restore(admin())).body).toMatchObject({ userId: id, status: 'ACTIVE', externalId: ext(sub) });
    expect(await idOf(sub)).toBe(id);
  });
});

describe('an external id', () => {
  it('names a user wherever a machine names one, and stands beside the id in every response', async () => {
    const sub = newSubject();
    const policyId = await openPolicy(on);
    const token = machine();
    const json = { userId: ext(sub) };
    const unknown = await on.call('GET', `/api/v1/points/users/${inPath(sub)}/balance`, { token });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'USER_NOT_FOUND']);
    const issued = await on.call('POST', '/api/v1/coupons/issue', { token, json: { policyId, ...json } });
    expect([issued.status, issued.body.externalId]).toEqual([201, ext(sub)]);
    const shown = { userId: issued.body.userId, externalId: ext(sub) };
    expect(await idOf(sub)).toBe(shown.userId);

    const headers = { 'idempotency-key': `earn-${sub.length}-${subjects}` };
    const earn = { ...json, amount: 500, reason: 'A review' };
    const earned = await on.call('POST', '/api/v1/points/earn', { token, json: earn, headers });
    expect(earned.body).toMatchObject(shown);
    const repeated = await on.call('POST', '/api/v1/points/earn', { token, json: earn, headers });
    expect([repeated.headers.get('idempotent-replayed'), repeated.body]).toEqual(['true', earned.body]);
    const balance = await on.call('GET', `/api/v1/points/users/${inPath(sub)}/balance`, { token });
    expect(balance.body).toMatchObject({ ...shown, balance: 500 });
    const coupons = await on.call('GET', `/api/v1/coupons/users/${inPath(sub)}`, { token });
    expect(coupons.body.coupons).toMatchObject([{ ...shown, couponId: issued.body.couponId }]);
    const query = new URLSearchParams({ userId: ext(sub) });
    const ofPolicy = await on.call('GET', `/api/v1/coupon-policies/${policyId}/coupons?${query}`, { token: admin() });
    expect(ofPolicy.body.coupons).toMatchObject([shown]);
    expect((await on.call('GET', `/api/v1/coupons/policies/${policyId}/issued?${query}`, { token })).body).toBe(true);
    const csv = await on.call('GET', `/api/v1/coupon-policies/${policyId}/coupons`, {
      token: admin(),
      headers: { accept: 'text/csv' },
    });
    const [header, line] = csv.text.split('\r\n');
    expect([header?.split(',').at(-1), line?.split(',').at(-1)]).toEqual(['externalId', ext(sub)]);
  });

  it('names the customer for whom a machine acts: one who was never seen is added for a command, and not for a read', async () => {
    const sub = newSubject();
    const policyId = await openPolicy(on);
    const headers = { 'x-user-id': ext(sub) };
    const token = machine();
    const read = await on.call('GET', '/api/v1/subscriptions', { token, headers });
    expect([read.status, read.body.reason]).toEqual([401, 'ACTING_USER_UNKNOWN']);
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token, json: {}, headers });
    expect([issued.status, issued.body.externalId]).toEqual([201, ext(sub)]);
    expect((await on.call('GET', '/api/v1/subscriptions', { token, headers })).status).toBe(200);
    const malformed = await on.call('GET', '/api/v1/subscriptions', { token, headers: { 'x-user-id': 'ext:' } });
    expect(malformed.status).toBe(401);
  });

  it('names users in lists and files of direct issues', async () => {
    const policyId = await openPolicy(on, { distributionType: 'DIRECT' });
    const [one, two] = [newSubject(), newSubject()];
    const direct = await on.call('POST', '/api/v1/coupons/direct-issue', {
      token: admin(),
      json: { couponPolicyId: policyId, userIds: [ext(one), '4242', ext(two)], issuedBy: 'jane' },
    });
    expect(direct.body.results).toMatchObject([{ externalId: ext(one) }, { userId: '4242' }, { externalId: ext(two) }]);
    expect(direct.body.results[1].externalId).toBeUndefined();
    const [three] = [newSubject()];
    const response = await fetch(`${on.url}/api/v1/coupon-policies/${policyId}/direct-issue.csv`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin()}`, 'content-type': 'text/csv' },
      body: `userId\r\n${ext(three)}\r\next:other:1\r\n`,
    });
    const { jobId } = (await response.json()) as { jobId: string };
    const job = async () => (await on.call('GET', `/api/v1/jobs/${jobId}`, { token: admin() })).body;
    await until(async () => ['COMPLETED', 'FAILED'].includes((await job()).status) || (await job()).done === 2);
    expect(await job()).toMatchObject({ total: 2, failed: 1 });
    const issued = new URLSearchParams({ userId: await idOf(three) });
    expect(
      (await on.call('GET', `/api/v1/coupons/policies/${policyId}/issued?${issued}`, { token: admin() })).body,
    ).toBe(true);
  });

  it('names the owner of a store, who may never have been seen, and stands beside the id of the owner', async () => {
    const sub = newSubject();
    const store = { name: 'Cafe Sol', category: 'CAFE', ownerId: ext(sub) };
    const created = await on.call('POST', '/api/v1/stores', { token: admin(), json: store });
    expect([created.status, created.body.ownerExternalId]).toEqual([201, ext(sub)]);
    expect(created.body.ownerId).toBe(await idOf(sub));
    const path = `/api/v1/stores/${created.body.storeId}`;
    expect((await on.call('GET', path, { token: admin() })).body).toMatchObject({ ownerExternalId: ext(sub) });
    expect((await on.call('GET', path)).body.ownerExternalId).toBeUndefined();
  });

  it('finds the lines of the audit log about a user', async () => {
    const sub = newSubject();
    const id = await idOf(sub);
    await on.call('PATCH', `/api/v1/users/${id}`, { token: admin(), json: { status: 'LOCKED' } });
    const linesOf = (subject: string) =>
      on.call('GET', `/api/v1/audit-log?${new URLSearchParams({ subject })}`, { token: admin() });
    // Lines arrive with events.
    await until(async () => (await linesOf(id)).body.lines.length === 1);
    expect((await linesOf(ext(sub))).body.lines).toMatchObject([{ subject: id, operation: 'updateUser' }]);
    expect((await linesOf(ext('never seen'))).body.code).toBe('USER_NOT_FOUND');
  });

  it('in a request of a customer is refused, and finds out nothing', async () => {
    const [one, two] = [newSubject(), newSubject()];
    await idOf(two);
    const token = await issuer.sign({ sub: one });
    for (const sub of [two, 'never seen']) {
      const read = await on.call('GET', `/api/v1/points/users/${inPath(sub)}/balance`, { token });
      expect([read.status, read.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    }
    const own = await on.call('GET', `/api/v1/points/users/${await idOf(one)}/balance`, { token });
    expect([own.status, own.body.externalId]).toEqual([200, undefined]);
  });
});
