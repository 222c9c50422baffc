import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { type Answer, policyBody, type Stage, stage, storeOf, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const said = ({ status, body }: Answer): string => `${status} ${body?.code ?? ''}`.trim();
const admin = () => on.token(testUser(1), 'ADMIN');
const owner = (userId: string) => on.token(userId, 'OWNER');
const at = (what: string, id: string) => `/api/v1/${what}/${id}/subscription`;
const follow = (token: string, what: string, id: string, method = 'PUT') => on.call(method, at(what, id), { token });
const list = async (token: string, query = '') =>
  (await on.call('GET', `/api/v1/subscriptions${query}`, { token })).body.subscriptions;
const followersOf = async (storeId: string) => (await on.call('GET', `/api/v1/stores/${storeId}`)).body.followers;

async function policyOf(changes: object): Promise<string> {
  const json = policyBody({ validFrom: new Date(on.now() + HOUR_MS).toISOString(), ...changes }, on.now());
  const { body } = await on.call('POST', '/api/v1/coupon-policies', { token: admin(), json });
  return body.couponPolicyId;
}

describe('subscriptions', () => {
  it('a customer follows a store and a policy that opens later, lists both, and follows them no more', async () => {
    const storeId = await storeOf(on, testUser(11));
    const policyId = await policyOf({ storeId });
    const token = on.token(testUser(12));
    for (const method of ['PUT', 'PUT']) {
      expect(said(await follow(token, 'stores', storeId, method))).toBe('204');
      expect(said(await follow(token, 'coupon-policies', policyId, method))).toBe('204');
    }
    const policy = { type: 'policy', couponPolicyId: policyId, storeId, name: 'Opening day' };
    const store = { type: 'store', storeId, name: 'Cafe Sol', category: 'CAFE' };
    expect(await list(token)).toMatchObject([policy, store]);
    expect(await list(token, '?type=store')).toEqual([store]);
    expect(await list(token, '?type=policy')).toMatchObject([policy]);
    expect(await followersOf(storeId)).toBe(1);
    for (const method of ['DELETE', 'DELETE']) {
      expect(said(await follow(token, 'stores', storeId, method))).toBe('204');
      expect(said(await follow(token, 'coupon-policies', policyId, method))).toBe('204');
    }
    expect([await list(token), await followersOf(storeId)]).toEqual([[], 0]);
  });

  it('a policy that is open or has ended, and what does not exist, cannot be followed', async () => {
    const token = on.token(testUser(21));
    const open = await policyOf({ validFrom: new Date(on.now() - HOUR_MS).toISOString() });
    const ended = await policyOf({});
    await on.call('POST', `/api/v1/admin/coupon-policies/${ended}/end`, { token: admin() });
    expect(said(await follow(token, 'coupon-policies', open))).toBe('409 POLICY_ALREADY_OPEN');
    expect(said(await follow(token, 'coupon-policies', ended))).toBe('410 POLICY_ENDED');
    expect(said(await follow(token, 'coupon-policies', '4'))).toBe('404 POLICY_NOT_FOUND');
    expect(said(await follow(token, 'stores', '4'))).toBe('404 STORE_NOT_FOUND');
    const hidden = await storeOf(on, testUser(22), { status: 'PENDING' });
    expect(said(await follow(token, 'stores', hidden))).toBe('404 STORE_NOT_FOUND');
    expect(await list(token)).toEqual([]);
  });

  it('a policy that is moved or ends is listed as its events say', async () => {
    const token = on.token(testUser(31));
    const policyId = await policyOf({});
    await follow(token, 'coupon-policies', policyId);
    const validFrom = new Date(on.now() + 2 * HOUR_MS).toISOString();
    const json = { ...policyBody({ validFrom, name: 'Moved' }, on.now()), version: 1 };
    const moved = await on.call('PUT', `/api/v1/admin/coupon-policies/${policyId}`, { token: admin(), json });
    expect(moved.status).toBe(200);
    await until(async () => (await list(token))[0].name === 'Moved');
    expect((await list(token))[0].opensAt).toBe(validFrom);
    await on.call('POST', `/api/v1/admin/coupon-policies/${policyId}/end`, { token: admin() });
    await until(async () => (await list(token)).length === 0);
  });

  it('docs/attacks.md 32: what a user follows is theirs alone, and no user follows for another one', async () => {
    const storeId = await storeOf(on, testUser(41));
    await follow(on.token(testUser(42)), 'stores', storeId);
    expect(await list(on.token(testUser(43)))).toEqual([]);
    const query = await on.call('GET', `/api/v1/subscriptions?userId=${testUser(42)}`, {
      token: on.token(testUser(43)),
    });
    expect(said(query)).toBe('400 VALIDATION_FAILED');
    const json = { userId: testUser(42) };
    const other = await on.call('PUT', at('stores', storeId), { token: on.token(testUser(43)), json });
    expect(said(other)).toBe('400 VALIDATION_FAILED');
    await follow(on.token(testUser(43)), 'stores', storeId, 'DELETE');
    expect(await followersOf(storeId)).toBe(1);
    expect(said(await on.call('PUT', at('stores', storeId)))).toBe('401 UNAUTHENTICATED');
  });

  it('docs/attacks.md 61, 62: a machine follows for the customer of X-User-Id only, with the scope', async () => {
    const storeId = await storeOf(on, testUser(51));
    const as = (scope: string, userId?: string) => ({
      headers: {
        authorization: `Bearer ${on.token('8', 'SERVICE', scope)}`,
        ...(userId && { 'x-user-id': userId }),
      },
    });
    const put = async (machine: object) => said(await on.call('PUT', at('stores', storeId), machine));
    expect(await put(as('stores:read', testUser(52)))).toBe('403 SCOPE_MISSING');
    expect(await put(as('stores:write', testUser(52)))).toBe('204');
    const read = await on.call('GET', '/api/v1/subscriptions', as('stores:read', testUser(52)));
    expect(read.body.subscriptions).toMatchObject([{ storeId }]);
  });

  it('docs/attacks.md 63: one key of a machine follows for each of two customers', async () => {
    const storeId = await storeOf(on, testUser(61));
    for (const user of [testUser(62), testUser(63), testUser(62)]) {
      const headers = {
        authorization: `Bearer ${on.token('8', 'SERVICE', 'stores:write')}`,
        'x-user-id': user,
        'idempotency-key': `follow-${testUser(60)}`,
      };
      expect((await on.call('PUT', at('stores', storeId), { headers })).status).toBe(204);
    }
    expect(await followersOf(storeId)).toBe(2);
  });

  it('the follower of a store sees it in lists with its followers, and a store that closes is left out', async () => {
    const storeId = await storeOf(on, testUser(71), { category: `C${testUser(71)}` });
    await follow(on.token(testUser(72)), 'stores', storeId);
    const listed = await on.call('GET', `/api/v1/stores?category=C${testUser(71)}`);
    expect(listed.body.stores).toMatchObject([{ storeId, followers: 1 }]);
    const json = { status: 'CLOSED' };
    await on.call('PATCH', `/api/v1/stores/${storeId}`, { token: owner(testUser(71)), json });
    expect(await list(on.token(testUser(72)))).toEqual([]);
  });
});
