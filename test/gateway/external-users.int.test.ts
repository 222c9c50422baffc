// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { raw } from '../attacks/raw.ts';
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
const isKnown = async (subject: string): Promise<boolean> => {
  const query = new URLSearchParams({ externalId: ext(subject) });
  return (await on.call('GET', `/api/v1/users?${query}`, { token: admin() })).body.users.length > 0;
};
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
    for (const currentPassword of ['x', 'correct horse battery']) {
      const json = { ...password, currentPassword };
      const headers = { 'idempotency-key': `password-${currentPassword.length}` };
      const changed = await on.call('PUT', '/api/v1/auth/password', { token, json, headers });
      expect([changed.status, changed.body.reason]).toEqual([401, 'WRONG_PASSWORD']);
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
    const deleted = await on.call('GET', `/api/v1/users/${inPath(sub)}`, { token: admin() });
    expect([deleted.body.userId, deleted.body.status]).toEqual([id, 'DELETED']);
    expect(deleted.text).not.toContain('auth0');
    expect((await restore(admin())).body).toMatchObject({ userId: id, status: 'ACTIVE' });
    expect(await idOf(sub)).toBe(id);
  });
});

describe('an external id', () => {
  it.each<readonly [string, string, string, (name: string) => object]>([
    ['a field that the body lacks', 'admin', '/api/v1/points/earn', (userId) => ({ userId })],
    [
      'a field that no route has',
      'admin',
      '/api/v1/points/earn',
      (userId) => ({ userId, amount: 5, reason: 'x', extra: 1 }),
    ],
    [
      'a wrong list',
      'admin',
      '/api/v1/coupons/direct-issue',
      (name) => ({ couponPolicyId: '1', userIds: [name, 'x'], issuedBy: 'j' }),
    ],
    [
      'a scope of another route',
      'stores:write',
      '/api/v1/points/earn',
      (userId) => ({ userId, amount: 5, reason: 'x' }),
    ],
    [
      'a hot route and a field too many',
      'admin',
      '/api/v1/coupons/issue',
      (userId) => ({ policyId: '1', userId, extra: 1 }),
    ],
    ['no field for a user in the route', 'admin', '/api/v1/auth/logout', (userId) => ({ userId })],
  ])('docs/attacks.md 96: adds no user for a request with %s', async (_, scope, path, bodyOf) => {
    const [named, acting] = [newSubject(), newSubject()];
    const token = on.token('2', 'SERVICE', scope);
    const headers = { 'idempotency-key': `refused-${subjects}` };
    const refused = await on.call('POST', path, { token, json: bodyOf(ext(named)), headers });
    expect([400, 403]).toContain(refused.status);
    const byHeader = { ...headers, 'x-user-id': ext(acting) };
    expect([400, 403]).toContain((await on.call('POST', path, { token, json: bodyOf('1'), headers: byHeader })).status);
    expect([await isKnown(named), await isKnown(acting)]).toEqual([false, false]);
  });

  it('docs/attacks.md 96: in X-User-Id adds no user when a path is not found or a scope is none of this system', async () => {
    const [one, two] = [newSubject(), newSubject()];
    const token = on.token('2', 'SERVICE', 'openid profile');
    const json = { userId: '1', amount: 5, reason: 'x' };
    await on.call('DELETE', '/api/v1/no-such-path', { token, headers: { 'x-user-id': ext(one) } });
    const earned = await on.call('POST', '/api/v1/points/earn', { token, json, headers: { 'x-user-id': ext(two) } });
    expect(earned.body.code).toBe('SCOPE_MISSING');
    expect([await isKnown(one), await isKnown(two)]).toEqual([false, false]);
  });

  it('docs/attacks.md 96: of thousands of users in one list leaves room for a user whose own token is new', async () => {
    const policyId = await openPolicy(on, { distributionType: 'DIRECT' });
    const names = Array.from({ length: 5_000 }, () => ext(newSubject()));
    const json = { couponPolicyId: policyId, userIds: names, issuedBy: 'jane' };
    const headers = { 'idempotency-key': `thousands-${subjects}` };
    const issue = () => on.call('POST', '/api/v1/coupons/direct-issue', { token: admin(), json, headers });
    const [first, profile] = await Promise.all([issue(), profileOf(newSubject())]);
    // A busy machine may refuse so long a list, once its users are added.
    let direct = first;
    while (direct.status === 503) direct = await issue();
    expect([direct.status, direct.body.totalRequested, profile.status]).toEqual([201, 5_000, 200]);
  });

  it('docs/attacks.md 96: in a file of an OWNER adds no user', async () => {
    const policyId = await openPolicy(on, { distributionType: 'DIRECT' });
    const sub = newSubject();
    await fetch(`${on.url}/api/v1/coupon-policies/${policyId}/direct-issue.csv`, {
      method: 'POST',
      headers: { authorization: `Bearer ${on.token('77', 'OWNER')}`, 'content-type': 'text/csv' },
      body: `userId\r\n${ext(sub)}\r\n`,
    });
    expect(await isKnown(sub)).toBe(false);
  });

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

  it('names the customer for whom a machine acts: one who was never seen reads what a customer without data has, and stays the same', async () => {
    const sub = newSubject();
    const policyId = await openPolicy(on);
    const headers = { 'x-user-id': ext(sub) };
    const token = machine();
    const read = await on.call('GET', '/api/v1/subscriptions', { token, headers });
    expect([read.status, read.body.subscriptions]).toEqual([200, []]);
    const id = await idOf(sub);
    const balance = await on.call('GET', `/api/v1/points/users/${id}/balance`, { token, headers });
    expect([balance.status, balance.body.balance]).toEqual([200, 0]);
    const coupon = await on.call('GET', '/api/v1/coupons/7330011234567890', { token, headers });
    expect([coupon.status, coupon.body.code]).toEqual([404, 'COUPON_NOT_FOUND']);
    const unlisted = await on.call('GET', '/api/v1/subscriptions', {
      token,
      headers: { 'x-user-id': 'ext:other:one' },
    });
    expect([unlisted.status, unlisted.body.reason]).toEqual([401, 'ACTING_USER_UNKNOWN']);
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token, json: {}, headers });
    expect([issued.status, issued.body.externalId]).toEqual([201, ext(sub)]);
    expect((await on.call('GET', '/api/v1/subscriptions', { token, headers })).status).toBe(200);
    const malformed = await on.call('GET', '/api/v1/subscriptions', { token, headers: { 'x-user-id': 'ext:' } });
    expect(malformed.status).toBe(401);
  });

  it('docs/attacks.md 99: two names in X-User-Id, or one without its escapes, are no name of a third user', async () => {
    const [one, two] = [newSubject(), newSubject()];
    const token = machine();
    const headers = [
      `authorization: Bearer ${token}`,
      `x-user-id: ${ext(one)}`,
      `x-user-id: ${ext(two)}`,
      'connection: close',
    ];
    const request = ['GET /api/v1/auth/profile HTTP/1.1', 'host: test', ...headers, '', ''].join('\r\n');
    expect(await raw(on.url, request)).toMatch(/^HTTP\/1\.1 401 .*ACTING_USER_MALFORMED/s);
    for (const name of [
      `${ext(one)}, ${ext(two)}`,
      `${ext(one)}, x`,
      `ext:login:${one}`,
      `${ext(one)}:1`,
      'ext:login:\xeb\xaf\xbc',
    ]) {
      const acting = await on.call('GET', '/api/v1/auth/profile', { token, headers: { 'x-user-id': name } });
      expect([acting.status, acting.body.reason]).toEqual([401, 'ACTING_USER_MALFORMED']);
      const json = { userId: name, amount: 100 };
      const charged = await on.call('POST', '/api/v1/points/charge', {
        ...{ token, json, headers: { 'idempotency-key': `unescaped-${++subjects}` } },
      });
      expect([charged.status, charged.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    }
    const { rows } = await on.query("select subject from identity.users where subject like $1 || '_%'", [one]);
    expect(rows).toEqual([]);
  });

  it('is read in a path and in a query with the escapes of its URL alone', async () => {
    const sub = `us-east-1:customer, ${++subjects}/1`;
    const userId = await idOf(sub);
    const name = `ext:login:${encodeURIComponent(sub)}`;
    for (const inUrl of [name, encodeURIComponent(name)]) {
      const read = await on.call('GET', `/api/v1/users/${inUrl}`, { token: admin() });
      expect([read.status, read.body.userId]).toEqual([200, userId]);
      const { body } = await on.call('GET', `/api/v1/users?externalId=${inUrl}`, { token: admin() });
      expect(body.users).toMatchObject([{ userId, externalId: name }]);
      const lines = await on.call('GET', `/api/v1/audit-log?subject=${inUrl}`, { token: admin() });
      expect(lines.status).toBe(200);
    }
  });

  it('docs/attacks.md 96: a list is refused with each user of an issuer that is not listed here, and adds none of the others', async () => {
    const policyId = await openPolicy(on, { distributionType: 'DIRECT' });
    const [sub, acting] = [newSubject(), newSubject()];
    const json = { couponPolicyId: policyId, userIds: ['ext:other:1', ext(sub), '42', 'ext:none:2'], issuedBy: 'jane' };
    const refused = await on.call('POST', '/api/v1/coupons/direct-issue', { token: admin(), json });
    expect([refused.status, refused.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual(['userIds.0', 'userIds.3']);
    const headers = { 'x-user-id': ext(acting), 'idempotency-key': `unlisted-${subjects}` };
    const single = await on.call('POST', '/api/v1/points/use', {
      ...{ token: machine(), headers, json: { userId: 'ext:other:1', amount: 1 } },
    });
    expect(single.status).toBeGreaterThanOrEqual(400);
    expect([await isKnown(sub), await isKnown(acting)]).toEqual([false, false]);
  });

  it('stands beside every id of a person: the actor and the subject of a line of the audit log, the staff of a store, and who changed a coupon', async () => {
    const [boss, clerk] = [newSubject(), newSubject()];
    const bossToken = await issuer.sign({ sub: boss, roles: ['shop-admin'] });
    const [bossId, clerkId] = [
      (await on.call('GET', '/api/v1/auth/profile', { token: bossToken })).body.userId,
      await idOf(clerk),
    ];
    await on.call('PATCH', `/api/v1/users/${clerkId}`, { token: bossToken, json: { status: 'LOCKED' } });
    await on.call('PATCH', `/api/v1/users/${clerkId}`, { token: bossToken, json: { status: 'ACTIVE' } });
    const path = `/api/v1/audit-log?${new URLSearchParams({ subject: clerkId })}`;
    await until(async () => (await on.call('GET', path, { token: admin() })).body.lines.length === 2);
    const line = {
      ...{ actor: `user:${bossId}`, actorExternalId: ext(boss) },
      ...{ subject: clerkId, subjectExternalId: ext(clerk) },
    };
    expect((await on.call('GET', path, { token: admin() })).body.lines).toMatchObject([line, line]);
    const csv = await on.call('GET', path, { token: admin(), headers: { accept: 'text/csv' } });
    const [header, first] = csv.text.split('\r\n').map((row) => row.split(','));
    expect(header?.slice(-2)).toEqual(['actorExternalId', 'subjectExternalId']);
    expect(first?.slice(-2)).toEqual([ext(boss), ext(clerk)]);

    const store = { name: 'Cafe Luna', category: 'CAFE', ownerId: ext(boss) };
    const { storeId } = (await on.call('POST', '/api/v1/stores', { token: admin(), json: store })).body;
    for (const user of [inPath(clerk), '4243'])
      await on.call('PUT', `/api/v1/stores/${storeId}/staff/${user}`, { token: admin(), json: {} });
    const shown = await on.call('GET', `/api/v1/stores/${storeId}`, { token: admin() });
    expect(shown.body.staff.toSorted()).toEqual([clerkId, '4243'].toSorted());
    expect(shown.body.staffExternalIds).toEqual({ [clerkId]: ext(clerk) });

    const policyId = await openPolicy(on);
    const issued = await on.call('POST', '/api/v1/coupons/issue', {
      token: admin(),
      json: { policyId, userId: ext(clerk) },
    });
    const withdrawn = await on.call('POST', `/api/v1/coupons/${issued.body.couponId}/cancel`, {
      token: bossToken,
      json: { reason: 'x' },
    });
    expect(withdrawn.status).toBe(200);
    const record = await on.call('GET', `/api/v1/coupons/${issued.body.couponId}`, { token: admin() });
    expect(record.body.history.at(-1)).toMatchObject({ changedBy: `ADMIN ${bossId}`, changedByExternalId: ext(boss) });
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

  it('docs/attacks.md 97: in a request of a customer or an OWNER is refused, and finds out nothing', async () => {
    const [one, two, store] = [newSubject(), newSubject(), '7330011234567890'];
    await idOf(two);
    const token = await issuer.sign({ sub: one });
    const requests: readonly (readonly [string, string, (name: string) => object | undefined])[] = [
      ['GET', '/api/v1/points/users/NAME/balance', () => undefined],
      ['GET', '/api/v1/coupons/policies/1/issued?userId=NAME', () => undefined],
      ['PUT', `/api/v1/stores/${store}/staff/NAME`, () => ({})],
      ['POST', '/api/v1/coupons/issue', (userId) => ({ policyId: '1', userId })],
      ['POST', '/api/v1/coupons/direct-issue', (name) => ({ couponPolicyId: '1', userIds: [name], issuedBy: 'jane' })],
      ['PATCH', '/api/v1/auth/profile', (userId) => ({ userId })],
    ];
    for (const caller of [token, on.token('77', 'OWNER')]) {
      for (const [method, path, body] of requests) {
        const responses = await Promise.all(
          [two, 'never seen'].map(async (sub) => {
            const json = body(ext(sub));
            const at = path.replace('NAME', inPath(sub));
            const { status, body: problem } = await on.call(method, at, { token: caller, ...(json && { json }) });
            return [status, problem.code];
          }),
        );
        expect(responses[0]).toEqual(responses[1]);
        expect([400, 403]).toContain(responses[0]?.[0]);
      }
    }
    expect(await isKnown('never seen')).toBe(false);
    const own = await on.call('GET', `/api/v1/points/users/${await idOf(one)}/balance`, { token });
    expect([own.status, own.body.externalId]).toEqual([200, undefined]);
  });
});
