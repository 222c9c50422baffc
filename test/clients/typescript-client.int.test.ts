import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type StampedeClient, type StoredTokens, unwrap } from '../../clients/typescript/src/index.ts';
import { newEmail, openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';
import { type LosingProxy, losingProxy } from './losing-proxy.ts';

const ISSUE = '/api/v1/coupons/policies/{policyId}/issue';
const BALANCE = '/api/v1/points/users/{userId}/balance';

let on: Stage;
let proxy: LosingProxy;
const userId = testUsers();
let users = 0;
const newUser = (): string => userId(++users);

beforeAll(async () => {
  on = await stage();
  proxy = await losingProxy(on.url);
});
afterAll(async () => {
  await proxy?.stop();
  await on?.stop();
});

const clientOf = (token: string): StampedeClient =>
  createClient({ baseUrl: proxy.url, credentials: { token }, retry: { delayMs: 1 } });
const admin = (): StampedeClient => clientOf(on.token('1', 'ADMIN'));

async function apiKey(...scopes: ('coupons:issue' | 'coupons:read')[]): Promise<string> {
  const { secret } = unwrap(await admin().POST('/api/v1/auth/api-keys', { body: { name: 'shop', scopes } }));
  if (secret === undefined) throw new Error('the key of a first request has its secret');
  return secret;
}

describe('a call', () => {
  it('issues a coupon, and has the first one in the problem of the second', async () => {
    const policyId = await openPolicy(on);
    const client = clientOf(on.token(newUser()));
    const options = { params: { path: { policyId } } };
    const { couponId } = unwrap(await client.POST(ISSUE, options));
    const { error } = await client.POST(ISSUE, options);
    expect(error?.code === 'COUPON_ALREADY_ISSUED' && error.couponId).toBe(couponId);
  });

  it('charges points once when responses are lost', async () => {
    const user = newUser();
    proxy.loseResponses(2);
    const body = { userId: user, amount: 500 };
    const { data, response } = await admin().POST('/api/v1/points/charge', { body });
    expect(data).toMatchObject({ status: 'COMPLETED', balance: 500 });
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    const options = { params: { path: { userId: user } } };
    expect(unwrap(await admin().GET(BALANCE, options)).balance).toBe(500);
  });

  it('of a machine acts for the user that it names', async () => {
    const policyId = await openPolicy(on);
    const user = newUser();
    const machine = createClient({ baseUrl: on.url, credentials: { apiKey: await apiKey('coupons:issue') } });
    const issued = await machine.forUser(user).POST(ISSUE, { params: { path: { policyId } } });
    expect(unwrap(issued).userId).toBe(user);
    const { error } = await machine.GET('/api/v1/coupons/{couponId}', {
      params: { path: { couponId: unwrap(issued).couponId } },
    });
    expect(error?.code === 'SCOPE_MISSING' && error.scope).toBe('coupons:read');
  });
});

describe('a list', () => {
  it('has every coupon of a user, from pages of two', async () => {
    const user = newUser();
    const client = clientOf(on.token(user));
    const issued: string[] = [];
    for (let policies = 0; policies < 5; policies++) {
      const options = { params: { path: { policyId: await openPolicy(on) } } };
      issued.push(unwrap(await client.POST(ISSUE, options)).couponId);
    }
    const listed: string[] = [];
    const options = { params: { path: { userId: user }, query: { limit: 2 } } };
    for await (const { couponId } of client.list('/api/v1/coupons/users/{userId}', options)) listed.push(couponId);
    expect(listed.sort()).toEqual(issued.sort());
  });
});

describe('a stream', () => {
  it('of stock goes on after its connection was cut', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 10 });
    const issue = async () =>
      unwrap(await clientOf(on.token(newUser())).POST(ISSUE, { params: { path: { policyId } } }));
    const seen: (number | null)[] = [];
    for await (const { remainingStock } of admin().streams.stock(policyId)) {
      seen.push(remainingStock);
      if (remainingStock === 9 && seen.length === 2) proxy.cut();
      if (remainingStock === 8) break;
      if (seen.length !== 2) await issue();
    }
    expect([seen[0], seen.at(-1)]).toEqual([10, 8]);
  });

  it('of a job ends with the job', async () => {
    const policyId = await openPolicy(on, { distributionType: 'CODE' });
    const options = { params: { path: { id: policyId } }, body: { count: 500 } };
    const { jobId } = unwrap(await admin().POST('/api/v1/coupon-policies/{id}/codes', options));
    const statuses: string[] = [];
    for await (const { status } of admin().streams.job(jobId)) statuses.push(status);
    expect(statuses.at(-1)).toBe('DONE');
  });

  it('of notices begins with the count of unread ones and the position', async () => {
    for await (const event of clientOf(on.token(newUser())).streams.notices()) {
      expect(event).toEqual({ type: 'unread', id: '0', unreadCount: 0 });
      break;
    }
  });
});

describe('a session', () => {
  it('is renewed once for concurrent calls, ends with a log-out, and begins again for an account', async () => {
    const email = newEmail('client');
    const account = { email, password: 'a long enough password' };
    let kept: StoredTokens | undefined;
    const store = {
      load: () => kept,
      save(tokens: StoredTokens | undefined) {
        kept = tokens;
      },
    };
    const client = createClient({ baseUrl: on.url, credentials: { store } });
    unwrap(await client.POST('/api/v1/auth/signup', { body: { ...account, name: 'Ada', role: 'CUSTOMER' } }));
    const first = unwrap(await client.logIn(account));
    kept = { ...(kept as unknown as StoredTokens), renewAtMs: 0 };
    const profiles = await Promise.all(Array.from({ length: 10 }, () => client.GET('/api/v1/auth/profile')));
    expect(profiles.map(({ data }) => data?.email)).toEqual(Array(10).fill(email));
    expect((kept as unknown as StoredTokens).refreshToken).not.toBe(first.refreshToken);
    await client.logOut();
    expect((await client.GET('/api/v1/auth/profile')).error?.code).toBe('UNAUTHENTICATED');
    const again = createClient({ baseUrl: on.url, credentials: account });
    expect(unwrap(await again.GET('/api/v1/auth/profile')).email).toBe(email);
  });
});
