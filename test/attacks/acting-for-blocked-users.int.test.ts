// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { openNotices } from '../support/notice-client.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';
import { call, configOf, openPolicy, type Stage, stage, until } from './support.ts';

let on: Stage;
let second: Server;
let issuer: SigningIssuer;
let policyId: string;
/** Credentials of machines that have every scope. */
let machines: readonly Readonly<Record<string, string>>[];
let subjects = 0;

beforeAll(async () => {
  issuer = await startSigningIssuer('login');
  const changes = { issuers: [issuer.settings()] };
  on = await stage(changes);
  second = await startServer(configOf(on.database.programUrl, changes));
  policyId = await openPolicy(on, { maxIssueCount: 10_000 });
  const json = { name: 'shop', scopes: ['admin'] };
  const { body } = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(), json });
  machines = [{ 'x-api-key': body.secret }, { authorization: `Bearer ${on.token('2', 'SERVICE', 'admin')}` }];
});
afterAll(async () => {
  await second.stop();
  await on.stop();
  await issuer.stop();
});

const admin = (): string => on.token('1', 'ADMIN');
/** A user of another issuer, who is known, with both names of the user. */
async function newUser() {
  const sub = `blocked-${++subjects}`;
  const token = await issuer.sign({ sub });
  const { userId } = (await on.call('GET', '/api/v1/auth/profile', { token })).body as { userId: string };
  return { userId, token, names: [userId, `ext:login:${sub}`] };
}
const setStatus = (userId: string, status: string) =>
  on.call('PATCH', `/api/v1/users/${userId}`, { token: admin(), json: { status } });

/** A read, a command behind Nest's guard and one of a hot route, by every machine and by both names of the user. */
async function outcomes(url: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const requests: readonly (readonly [string, string, object?])[] = [
    ['GET', '/api/v1/subscriptions'],
    ['POST', '/api/v1/notifications/read-all', {}],
    ['POST', `/api/v1/coupons/policies/${policyId}/issue`, {}],
  ];
  const seen = machines.flatMap((credential) =>
    names.flatMap((name) =>
      requests.map(async ([method, path, json]) => {
        const headers = { ...credential, 'x-user-id': name };
        const { status, body } = await call(url, method, path, { headers, ...(json && { json }) });
        return body?.reason ?? (status < 300 || status === 409 ? 'ACCEPTED' : `${status} ${body?.code}`);
      }),
    ),
  );
  return new Set(await Promise.all(seen));
}
const ACCEPTED = new Set(['ACCEPTED']);
const BLOCKED = new Set(['ACTING_USER_BLOCKED']);
const isSame = (found: ReadonlySet<string>, expected: ReadonlySet<string>): boolean =>
  found.size === expected.size && [...found].every((outcome) => expected.has(outcome));

describe('docs/attacks.md 98: a machine', () => {
  it('a machine does not act for a locked user, by id or by external id, on any node, and acts again once the user is unlocked', async () => {
    const { userId, names } = await newUser();
    for (const url of [on.url, second.url]) expect(await outcomes(url, names)).toEqual(ACCEPTED);
    expect((await setStatus(userId, 'LOCKED')).body.status).toBe('LOCKED');
    expect(await outcomes(on.url, names)).toEqual(BLOCKED);
    await until(async () => isSame(await outcomes(second.url, names), BLOCKED));
    expect((await setStatus(userId, 'ACTIVE')).body.status).toBe('ACTIVE');
    expect(await outcomes(on.url, names)).toEqual(ACCEPTED);
    await until(async () => isSame(await outcomes(second.url, names), ACCEPTED));
  });

  it('a machine does not act for a user who deleted the account, also when an external id brings that user back', async () => {
    const { names, token } = await newUser();
    expect((await on.call('DELETE', '/api/v1/auth/profile', { token })).status).toBe(204);
    expect(await outcomes(on.url, names)).toEqual(BLOCKED);
    await until(async () => isSame(await outcomes(second.url, names), BLOCKED));
  });

  it('no request of a machine that begins after the response to a lock is accepted, however many were under way', async () => {
    const { userId, names } = await newUser();
    const before = Promise.all(Array.from({ length: 10 }, () => outcomes(on.url, names)));
    await setStatus(userId, 'LOCKED');
    const after = await Promise.all(Array.from({ length: 10 }, () => outcomes(on.url, names)));
    for (const found of after) expect(found).toEqual(BLOCKED);
    for (const found of await before) for (const outcome of found) expect([...ACCEPTED, ...BLOCKED]).toContain(outcome);
  });

  it('the stream of a machine ends when the user for whom it reads is locked', async () => {
    const { userId, names } = await newUser();
    const streams = await Promise.all(
      machines.flatMap((credential) => names.map((name) => openNotices(on.url, { ...credential, 'x-user-id': name }))),
    );
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await setStatus(userId, 'LOCKED');
    await Promise.all(streams.map(({ ended }) => ended));
  });

  it('a machine still names a locked user in a path or a body, so that the shop can correct what the user has', async () => {
    const { userId } = await newUser();
    await setStatus(userId, 'LOCKED');
    for (const headers of machines) {
      const balance = await on.call('GET', `/api/v1/points/users/${userId}/balance`, { headers });
      expect(balance.status).toBe(200);
    }
  });
});
