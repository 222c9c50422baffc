// @module-tag settings
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { openKeySet } from '../../src/platform/http/issuer-tokens/key-set.ts';
import { collectingOutage } from '../support/outages.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';
import { type Answer, call, configOf, newEmail, openPolicy, type Stage, stage, until } from './support.ts';

let [issuer, other]: SigningIssuer[] = [];
let on: Stage;
let policyId: string;
let subjects = 0;
beforeAll(async () => {
  issuer = await startSigningIssuer('login');
  other = await startSigningIssuer('partner');
  on = await stage({ issuers: [issuer.settings(), other.settings({ algorithms: ['ES256'] })] });
  policyId = await openPolicy(on, { maxIssueCount: 10_000 });
});
afterAll(async () => {
  await on.stop();
  await Promise.all([issuer, other].map((each) => each?.stop()));
});

const from = (): SigningIssuer => issuer as SigningIssuer;
const subject = (): string => `customer-${++subjects}`;
const admin = (of: Stage): string => of.token('1', 'ADMIN');
const customerOf = (name: string) => ({
  ...{ email: newEmail(name), password: 'correct horse battery', name },
  ...{ role: 'CUSTOMER', marketingConsent: false },
});
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1_000);

/** On a route behind Nest's guard and on the hot one: both have to say the same. */
const ask = async (token: string): Promise<readonly Answer[]> => [
  await on.call('GET', '/api/v1/auth/profile', { token }),
  await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token, json: {} }),
];
async function expectRefused(token: string, reason = 'TOKEN_INVALID'): Promise<void> {
  for (const { status, body } of await ask(token)) {
    expect([status, body.code, body.reason]).toEqual([401, 'UNAUTHENTICATED', reason]);
  }
}
async function expectAccepted(token: string): Promise<void> {
  const [profile, issued] = await ask(token);
  expect([profile?.status, issued?.status]).toEqual([200, 201]);
}

describe('a token of another issuer', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('is accepted when it is signed with %s', async (algorithm) => {
    const signer = await startSigningIssuer('many', algorithm);
    const stageOfMany = await stage({ issuers: [signer.settings({ algorithms: [algorithm] })] });
    const token = await signer.sign({ sub: subject() });
    expect((await stageOfMany.call('GET', '/api/v1/auth/profile', { token })).status).toBe(200);
    await stageOfMany.stop();
    await signer.stop();
  });

  it('docs/attacks.md 20: with alg none it is refused', async () => {
    const payload = encoded({ iss: from().url, aud: 'shop-api', sub: subject(), iat: now(), exp: now() + 60 });
    await expectRefused(`${encoded({ alg: 'none' })}.${payload}.AA`);
    await expectRefused(`${encoded({ alg: 'none' })}.${payload}.`);
  });

  it('docs/attacks.md 21: signed by HMAC with the public key of the issuer, or with an algorithm that is not the issuer’s, it is refused', async () => {
    const [jwk] = from().keys;
    const spki = await exportSPKI((await importJWK({ ...jwk }, 'ES256', { extractable: true })) as never);
    const payload = encoded({ iss: from().url, aud: 'shop-api', sub: subject(), iat: now(), exp: now() + 60 });
    for (const secret of [spki, spki.trim(), JSON.stringify(jwk)]) {
      const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${payload}`;
      await expectRefused(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    }
    await expectRefused(await from().sign({ sub: subject(), iss: other?.url ?? '' }));
  });

  it('docs/attacks.md 22: with a key, or the address of one, in its header it is refused, and no address is read', async () => {
    let read = 0;
    const trap = createServer((_, response) => {
      read += 1;
      response.end(JSON.stringify({ keys: from().keys }));
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks`;
    const [jwk] = from().keys;
    for (const header of [{ jku: address }, { x5u: address }, { jwk }, { x5c: ['AAAA'] }, { kid: 'made-up' }]) {
      await expectRefused(await from().sign({ sub: subject() }, header as never));
    }
    expect(read).toBe(0);
    trap.close();
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['another audience', { aud: 'another-api' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://login.example.com' }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject of two lines', { sub: 'a\nb' }],
    ['a hash of an access token, as in an ID token', { at_hash: 'x' }],
    ['the kind of a refresh token', { typ: 'Refresh' }],
    ['the kind of an ID token', { typ: 'ID' }],
    ['the use of an ID token', { token_use: 'id' }],
    ['the events of a logout token', { events: {} }],
    ['no expiry', { exp: undefined }],
    ['no time of issue', { iat: undefined }],
  ])('docs/attacks.md 23: with %s it is refused', async (_, claims) => {
    await expectRefused(await from().sign({ sub: subject(), ...claims }));
  });

  it('docs/attacks.md 23: with a life above JWT_MAX_LIFETIME it is refused', async () => {
    await expectRefused(await from().sign({ sub: subject(), exp: now() + 7_200 }), 'TOKEN_LIVES_TOO_LONG');
  });

  it('docs/attacks.md 23: of the type of a logout token it is refused', async () => {
    await expectRefused(await from().sign({ sub: subject() }, { typ: 'logout+jwt' }));
  });

  it('docs/attacks.md 24: is refused from the second of its expiry and before that of nbf, also after it was accepted', async () => {
    let aheadMs = 0;
    const moved = await stage({ issuers: [from().settings()] }, { presentAt: (databaseMs) => databaseMs + aheadMs });
    const status = async (token: string) => {
      const { status, body } = await moved.call('GET', '/api/v1/auth/profile', { token });
      return [status, body.reason];
    };
    const early = await from().sign({ sub: subject(), nbf: now() + 100 });
    expect(await status(early)).toEqual([401, 'TOKEN_NOT_YET_VALID']);
    const token = await from().sign({ sub: subject(), exp: now() + 100 });
    expect(await status(token)).toEqual([200, undefined]);
    aheadMs = 90_000;
    expect(await status(token)).toEqual([200, undefined]);
    aheadMs = 101_000;
    expect(await status(token)).toEqual([401, 'TOKEN_EXPIRED']);
    expect(await status(early)).toEqual([200, undefined]);
    await moved.stop();
  });

  it('docs/attacks.md 25: of a session or a user that the issuer has ended it is refused, also after it was accepted', async () => {
    const sub = subject();
    const [one, two] = [await from().sign({ sub, sid: 'one' }), await from().sign({ sub, sid: 'two' })];
    await expectAccepted(one);
    const logout = async (claims: Readonly<Record<string, unknown>>, path = 'login') => {
      const events = { [EVENT]: {} };
      const token = await from().sign({ aud: 'shop-web', jti: subject(), events, ...claims }, { typ: 'logout+jwt' });
      return await on.call('POST', `/api/v1/auth/backchannel-logout/${path}`, { json: { logout_token: token } });
    };
    for (const claims of [
      { nonce: 'n', sid: 'one' },
      { events: {}, sid: 'one' },
      { aud: 'shop-api', sid: 'one' },
      { jti: undefined, sid: 'one' },
      { exp: undefined, sid: 'one' },
      { exp: now() - 1, sid: 'one' },
      { events: { [EVENT]: [] }, sid: 'one' },
      { events: { [EVENT]: 'x' }, sid: 'one' },
      { events: [], sid: 'one' },
      { iat: now() - 600, sid: 'one' },
      {},
    ]) {
      expect((await logout(claims)).body).toMatchObject({ status: 400, code: 'LOGOUT_TOKEN_INVALID' });
    }
    expect((await logout({ sid: 'one' }, 'partner')).status).toBe(400);
    expect((await on.call('GET', '/api/v1/auth/profile', { token: one })).status).toBe(200);

    expect((await logout({ sub, sid: 'one' })).status).toBe(200);
    await expectRefused(one, 'SESSION_ENDED');
    expect((await on.call('GET', '/api/v1/auth/profile', { token: two })).status).toBe(200);
    expect((await logout({ sub })).status).toBe(200);
    await expectRefused(two, 'SESSION_ENDED');
    // A log-in after it.
    const again = await from().sign({ sub, sid: 'three', iat: now() + 3, exp: now() + 60 });
    expect((await on.call('GET', '/api/v1/auth/profile', { token: again })).status).toBe(200);
  });

  it('docs/attacks.md 26: that differs in one character is never accepted as another identity', async () => {
    const token = await from().sign({ sub: subject() });
    await expectAccepted(token);
    const places = [3, token.indexOf('.') + 5, token.lastIndexOf('.') + 9, token.length - 1];
    for (const place of places) {
      for (const char of ['A', 'B', '_', '=']) {
        const changed = `${token.slice(0, place)}${char}${token.slice(place + 1)}`;
        if (changed === token) continue;
        expect((await on.call('GET', '/api/v1/auth/profile', { token: changed })).status).toBe(401);
      }
    }
    expect((await on.call('GET', '/api/v1/auth/profile', { token: `${token}=` })).status).toBe(401);
  });

  it('of one issuer is no user of another one with the same subject', async () => {
    const sub = subject();
    const ids = [from(), other as SigningIssuer].map(async (each) => {
      const { body } = await on.call('GET', '/api/v1/auth/profile', { token: await each.sign({ sub }) });
      return body.userId as string;
    });
    expect(new Set(await Promise.all(ids)).size).toBe(2);
  });

  it('gives no role that is not mapped', async () => {
    const token = await from().sign({ sub: subject(), roles: ['ADMIN', 'admin'], role: 'ADMIN', scope: 'admin' });
    expect((await on.call('GET', '/api/v1/users', { token })).status).toBe(403);
    const admin = await from().sign({ sub: subject(), roles: ['shop-admin'] });
    expect((await on.call('GET', '/api/v1/users', { token: admin })).status).toBe(200);
  });

  it('docs/attacks.md 62: of an OWNER or ADMIN whose subject is an id here keeps machines from acting for or changing this user, on every node', async () => {
    const signer = await startSigningIssuer('ids');
    const changes = { issuers: [signer.settings({ subjectIsUserId: true })] };
    const own = await stage(changes);
    const second = await startServer(configOf(own.database.programUrl, changes));
    const machine = own.token('2', 'SERVICE', 'admin');
    const balanceOf = async (url: string, sub: string) =>
      (await call(url, 'GET', `/api/v1/points/users/${sub}/balance`, { token: machine })).status;
    const users = [
      ['8801', 'shop-owner'],
      ['8802', 'shop-admin'],
    ] as const;
    for (const [sub, role] of users) {
      expect(await balanceOf(second.url, sub)).toBe(200);
      const token = await signer.sign({ sub, roles: [role] });
      expect((await call(own.url, 'GET', '/api/v1/auth/profile', { token })).status).not.toBe(401);
      expect(await balanceOf(own.url, sub)).toBe(403);
    }
    for (const [sub] of users) await until(async () => (await balanceOf(second.url, sub)) === 403);
    const { userId } = (await own.call('POST', '/api/v1/auth/signup', { json: customerOf('ids') })).body;
    const lock = () => own.call('PATCH', `/api/v1/users/${userId}`, { token: machine, json: { status: 'LOCKED' } });
    const stated = await signer.sign({ sub: userId, roles: ['shop-admin'] });
    expect((await own.call('GET', '/api/v1/users', { token: stated })).status).toBe(200);
    expect([
      (await lock()).body.code,
      (await own.call('GET', `/api/v1/users/${userId}`, { token: admin(own) })).body.role,
    ]).toEqual(['FORBIDDEN', 'CUSTOMER']);
    const third = await startServer(configOf(own.database.programUrl, changes));
    for (const sub of ['8801', '8802', userId]) expect(await balanceOf(third.url, sub)).toBe(403);
    for (const server of [third, second, own]) await server.stop();
    await signer.stop();
  });

  it('docs/attacks.md 62: of an OWNER keeps machines from acting for its user', async () => {
    const sub = subject();
    const owner = await from().sign({ sub, roles: ['shop-owner'] });
    expect((await on.call('GET', '/api/v1/auth/profile', { token: owner })).body.role).toBe('OWNER');
    const scope = 'orders:read policies:read coupons:issue points:write';
    const machine = await from().sign({ sub: subject(), roles: ['shop-service'], scope });
    // The last one lacks its Idempotency-Key: a caller without access does not learn what else is missing.
    const requests: readonly (readonly ['GET' | 'POST', string, object?])[] = [
      ['GET', '/api/v1/orders'],
      // It names no user, so the guard alone refuses it.
      ['GET', `/api/v1/coupon-policies/${policyId}`],
      ['POST', `/api/v1/coupons/policies/${policyId}/issue`, {}],
      ['POST', '/api/v1/points/use', { amount: 1, orderId: 'order-1' }],
    ];
    const responsesFor = async (name: string) => {
      const responses: unknown[] = [];
      for (const [method, path, json] of requests) {
        const headers = { 'x-user-id': `ext:login:${name}` };
        const { status, body } = await on.call(method, path, { token: machine, headers, ...(json && { json }) });
        responses.push(status < 300 ? status : body.code);
      }
      return responses;
    };
    expect(await responsesFor(subject())).toEqual([200, 200, 201, 'IDEMPOTENCY_KEY_REQUIRED']);
    expect(await responsesFor(sub)).toEqual(Array.from(requests, () => 'FORBIDDEN'));
  });
});

describe('docs/attacks.md 75: the keys of an issuer', () => {
  it('that do not arrive are waited for once, and the last ones stay valid meanwhile', async () => {
    const signer = await startSigningIssuer('slow');
    const own = await stage({ issuers: [signer.settings()] });
    const status = async (token: string) => (await own.call('GET', '/api/v1/auth/profile', { token })).status;
    expect(await status(await signer.sign({ sub: subject() }))).toBe(200);
    signer.respondWith(() => {});
    const madeUp = status(await signer.sign({ sub: subject() }, { kid: 'made-up' }));
    await until(async () => signer.reads() === 2);
    expect(await status(await signer.sign({ sub: subject() }))).toBe(200);
    expect(await madeUp).toBe(401);
    for (const kid of ['other', 'another'])
      expect(await status(await signer.sign({ sub: subject() }, { kid }))).toBe(401);
    expect(signer.reads()).toBe(2);
    await own.stop();
    await signer.stop();
  });

  it('of another type are not used, and the last ones stay while what is read is no set of keys', async () => {
    const signer = await startSigningIssuer('replaced');
    const errors: unknown[] = [];
    let nowMs = 0;
    const keys = openKeySet(signer.settings(), { nowMs: () => nowMs, outage: collectingOutage(errors) });
    const header = (kid: string) => ({ alg: 'ES256', kid });
    expect(await keys.keyFor(header('replaced-1'))).toBeDefined();
    const secret = { kty: 'oct', k: 'AAAA', kid: 'made-up', alg: 'HS256' };
    for (const body of ['{}', '<html>', 'x'.repeat(300_000)]) {
      signer.respondWith((response) => response.end(body));
      nowMs += 10_000;
      expect(await keys.keyFor(header('made-up'))).toBeUndefined();
      expect(await keys.keyFor(header('replaced-1'))).toBeDefined();
    }
    signer.respondWith((response) => response.end(JSON.stringify({ keys: [secret] })));
    nowMs += 10_000;
    expect(await keys.keyFor({ alg: 'HS256', kid: 'made-up' })).toBeUndefined();
    expect(errors).toHaveLength(4);
    keys.stop();
    await signer.stop();
  });

  it('that are withdrawn, all of them, check no token any more, also one that was accepted before', async () => {
    const signer = await startSigningIssuer('withdrawn');
    const own = await stage({ issuers: [signer.settings()] });
    const status = async (token: string) => (await own.call('GET', '/api/v1/auth/profile', { token })).status;
    const token = await signer.sign({ sub: subject() });
    expect(await status(token)).toBe(200);
    signer.respondWith((response) => response.end('{"keys":[]}'));
    expect(await status(await signer.sign({ sub: subject() }, { kid: 'made-up' }))).toBe(401);
    expect(await status(token)).toBe(401);
    await own.stop();
    await signer.stop();
  });

  it('that were never read are no reason to refuse: the request may be sent again', async () => {
    const signer = await startSigningIssuer('away');
    const { url } = signer;
    const token = await signer.sign({ sub: subject() });
    await signer.stop();
    const own = await stage({ issuers: [signer.settings({ jwksUri: `${url}/jwks` })] });
    const answer = await own.call('GET', '/api/v1/auth/profile', { token });
    expect([answer.status, answer.body.code]).toEqual([503, 'DEPENDENCY_UNAVAILABLE']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await own.stop();
  });
});
