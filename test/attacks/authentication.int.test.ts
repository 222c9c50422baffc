import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { rawRequest } from './raw.ts';
import {
  ADMIN,
  type Answer,
  call,
  configOf,
  openPolicy,
  SECRET,
  type Stage,
  stage,
  testUsers,
  until,
} from './support.ts';

let on: Stage;
const testUser = testUsers();
let policyId: string;
beforeAll(async () => {
  on = await stage();
  policyId = await openPolicy(on);
});
afterAll(() => on.stop());

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function forged(header: object, claims: object = {}, secret = SECRET): string {
  const iat = Math.floor(Date.now() / 1000) - 1;
  const payload = {
    iss: 'stampede',
    aud: 'stampede-api',
    token_use: 'access',
    sub: '1',
    role: 'ADMIN',
    iat,
    exp: iat + 900,
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part({ ...payload, ...claims })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** On a route behind Nest's guard and on the hot one: both have to say the same. */
async function ask(token: string): Promise<readonly Answer[]> {
  return [
    await on.call('GET', '/api/v1/coupons/users/1', { token }),
    await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token, json: { userId: '1' } }),
  ];
}
async function expectRefused(token: string): Promise<void> {
  for (const { status, body } of await ask(token)) expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
}

describe('authentication', () => {
  it('a token of the shop’s own login is accepted on every route', async () => {
    const [list, issued] = await ask(forged({}));
    expect([list?.status, issued?.status]).toEqual([200, 201]);
  });

  it('docs/attacks.md 20: a token with alg none is refused', async () => {
    const [, payload, signature] = forged({}).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      await expectRefused(`${part({ alg, typ: 'JWT' })}.${payload}.`);
      await expectRefused(`${part({ alg, typ: 'JWT' })}.${payload}.${signature}`);
    }
  });

  it('docs/attacks.md 21: a token with another algorithm in its header is refused, although its HMAC is valid', async () => {
    for (const alg of ['RS256', 'ES256', 'HS512', 'PS256']) await expectRefused(forged({ alg }));
  });

  it('docs/attacks.md 22: a token with a kid, jku, x5u or jwk header is refused without an outgoing request', async () => {
    let calls = 0;
    const lure = createServer((_request, response) => {
      calls += 1;
      response.end('{"keys":[]}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => lure.once('listening', resolve));
    const url = `http://127.0.0.1:${(lure.address() as AddressInfo).port}/jwks.json`;
    for (const header of [
      { kid: '../../../dev/null' },
      { kid: url },
      { jku: url },
      { x5u: url },
      { jwk: { kty: 'oct', k: 'AA' } },
    ]) {
      await expectRefused(forged(header));
    }
    lure.close();
    expect(calls).toBe(0);
  });

  it('docs/attacks.md 23: a token with a wrong audience, issuer, use or type is refused', async () => {
    for (const claims of [{ aud: 'x' }, { iss: 'x' }, { token_use: 'refresh' }, { aud: undefined }]) {
      await expectRefused(forged({}, claims));
    }
    await expectRefused(forged({ typ: 'refresh+jwt' }));
  });

  it('docs/attacks.md 23: a refresh token is refused as an access token', async () => {
    const { body } = await on.call('POST', '/api/v1/auth/login', { json: ADMIN });
    expect((await on.call('GET', '/api/v1/auth/profile', { token: body.accessToken })).status).toBe(200);
    await expectRefused(body.refreshToken);
  });

  it('docs/attacks.md 24: a token is refused a second too early or too late, also when it was just accepted', {
    tags: 'settings',
  }, async () => {
    let offsetMs = 0;
    const other = await stage({}, { presentAt: (databaseMs) => databaseMs + offsetMs });
    const second = Math.ceil(Date.now() / 1000) + 5;
    const token = forged({}, { iat: second, exp: second + 10, sub: '240' });
    const statusAt = async (ms: number): Promise<number> => {
      offsetMs = ms - Date.now();
      return (await other.call('GET', `/api/v1/coupons/users/${testUser(240)}`, { token })).status;
    };
    // The clock runs on during a request, and the node knows the database's time to some milliseconds. So the moments lie within a
    // second, not on its edge.
    const statuses = [
      await statusAt(second * 1000 - 900),
      await statusAt(second * 1000 + 100),
      await statusAt((second + 9) * 1000 + 100),
      await statusAt((second + 10) * 1000 + 100),
    ];
    await other.stop();
    expect(statuses).toEqual([401, 200, 200, 401]);
  });

  it('docs/attacks.md 25: a logged-out session is refused at once on its node, and soon on another node', {
    tags: 'settings',
  }, async () => {
    const other = await startServer(configOf(on.database.url));
    const login = await on.call('POST', '/api/v1/auth/login', { json: ADMIN });
    const { accessToken: token, refreshToken } = login.body;
    const onOther = () => call(other.url, 'GET', '/api/v1/auth/profile', { token });
    // Warm: both nodes have accepted this very token.
    expect([(await on.call('GET', '/api/v1/auth/profile', { token })).status, (await onOther()).status]).toEqual([
      200, 200,
    ]);
    await on.call('POST', '/api/v1/auth/logout', { json: { refreshToken } });
    await expectRefused(token);
    await until(async () => (await onOther()).status === 401);
    await other.stop();
  });

  it('docs/attacks.md 26: of two tokens that differ in one character at most one is valid', async () => {
    const token = on.token(testUser(260));
    const dot = token.indexOf('.');
    for (const place of [dot + 1, dot + 20, token.length - 43, token.length - 1]) {
      const twin = token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
      const [mine, theirs] = await Promise.all(
        [token, twin].map((each) => on.call('GET', `/api/v1/coupons/users/${testUser(260)}`, { token: each })),
      );
      expect([mine?.status, theirs?.status]).toEqual([200, 401]);
    }
  });

  it('docs/attacks.md 27: a token of 1 MB is refused while other requests continue', { tags: 'bytes' }, async () => {
    const huge = rawRequest(on.url, 'GET', '/api/v1/coupons/users/1', {
      Authorization: `Bearer ${'a'.repeat(1024 * 1024)}`,
    });
    const others = Array.from({ length: 20 }, () => on.call('GET', '/healthz'));
    expect((await Promise.all(others)).every(({ status }) => status === 200)).toBe(true);
    const answer = await huge;
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE' });
  });

  it('docs/attacks.md 27: a token of 12 kB, which fits the headers, is refused as well', async () => {
    await expectRefused(`${forged({})}${'a'.repeat(12_000)}`);
  });

  it('two credentials in one request, or an unknown key, are refused', async () => {
    const key = `sk_stampede_123_${'a'.repeat(43)}`;
    const both = await on.call('GET', '/api/v1/coupons/users/1', { token: forged({}), headers: { 'x-api-key': key } });
    const unknown = await on.call('GET', '/api/v1/coupons/users/1', { headers: { 'x-api-key': key } });
    const bearer = await on.call('GET', '/api/v1/coupons/users/1', { token: key });
    expect([both.status, unknown.status, bearer.status]).toEqual([401, 401, 401]);
  });

  it('a machine with an API key issues for users, until the key is revoked', async () => {
    const { body } = await on.call('POST', '/api/v1/auth/login', { json: ADMIN });
    const token: string = body.accessToken;
    const made = await on.call('POST', '/api/v1/auth/api-keys', {
      token,
      json: { name: 'till', scopes: ['coupons:issue'] },
    });
    const { apiKeyId: id, secret } = made.body;
    const issue = (userId: string) =>
      on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
        headers: { 'x-api-key': secret },
        json: { userId },
      });
    expect((await issue(testUser(271))).status).toBe(201);
    const onBehalf = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      headers: { authorization: `Bearer ${secret}`, 'x-user-id': '272' },
    });
    expect([onBehalf.status, onBehalf.body.userId]).toEqual([201, '272']);
    const unnamed = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      headers: { 'x-api-key': secret },
    });
    expect([unnamed.status, unnamed.body.errors[0].field]).toEqual([400, 'X-User-Id']);
    await on.call('DELETE', `/api/v1/auth/api-keys/${id}`, { token });
    await until(async () => (await issue(testUser(273))).status === 401);
    await sleep(0);
  });

  it('X-User-Id is ignored unless the caller is a machine', async () => {
    const answer = await on.call('GET', `/api/v1/coupons/policies/${policyId}/issued`, {
      token: on.token(testUser(280)),
      headers: { 'x-user-id': testUser(271) },
    });
    expect([answer.status, answer.body]).toEqual([200, false]);
  });
});
