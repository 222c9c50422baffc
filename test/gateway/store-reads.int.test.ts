import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { openPolicy, type Stage, stage, storeOf, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(() => on.stop());

const admin = () => on.token(testUser(1), 'ADMIN');
const owner = (userId: string) => on.token(userId, 'OWNER');
const get = (path: string, token?: string) => on.call('GET', `/api/v1/${path}`, token === undefined ? {} : { token });

it('the policies of a store are listed for everybody, newest first, by pages', async () => {
  const storeId = await storeOf(on, testUser(71));
  await openPolicy(on);
  await openPolicy(on, { storeId: await storeOf(on, testUser(72)) });
  const ids: string[] = [];
  for (const code of ['OF-STORE-1', 'OF-STORE-2', 'OF-STORE-3'])
    ids.unshift(await openPolicy(on, { storeId, code, distributionType: 'CODE' }));
  const path = `stores/${storeId}/coupon-policies`;
  type Page = { readonly policies: readonly { readonly couponPolicyId: string; readonly code: string | null }[] };
  const of = ({ policies }: Page) => policies.map(({ couponPolicyId }) => couponPolicyId);

  const all = (await get(path)).body;
  expect([of(all), all.hasMore]).toEqual([ids, false]);
  const first = (await get(`${path}?limit=2`)).body;
  const second = (await get(`${path}?limit=2&cursor=${first.nextCursor}`)).body;
  expect([...of(first), ...of(second), first.hasMore, second.hasMore]).toEqual([...ids, true, false]);
  expect(of((await get(`${path}?status=PAUSED`)).body)).toEqual([]);
  expect(of((await get(`${path}?distributionType=CODE`)).body)).toEqual(ids);
  // docs/attacks.md: codes are for the owner of the store and administrators.
  const codes = async (token?: string) =>
    (await get(path, token)).body.policies.map(({ code }: { code: string }) => code ?? null);
  expect(await codes(owner(testUser(71)))).toEqual(['OF-STORE-3', 'OF-STORE-2', 'OF-STORE-1']);
  for (const token of [undefined, on.token(testUser(7101)), owner(testUser(72))])
    expect(await codes(token)).toEqual([null, null, null]);
});

it('the policies and figures of a store that is not open, or does not exist, are missing', async () => {
  const storeId = await storeOf(on, testUser(73));
  await on.call('PATCH', `/api/v1/stores/${storeId}`, { token: owner(testUser(73)), json: { status: 'CLOSED' } });
  for (const id of [storeId, '123']) {
    const refused = await get(`stores/${id}/coupon-policies`);
    expect([refused.status, refused.body.code]).toEqual([404, 'STORE_NOT_FOUND']);
  }
  expect((await get(`stores/${storeId}/coupon-policies`, owner(testUser(73)))).status).toBe(200);
  expect((await get('stores/123/statistics', admin())).body.code).toBe('STORE_NOT_FOUND');
});

it('the statistics of a store are the sums over its policies, and of no others', async () => {
  const storeId = await storeOf(on, testUser(74));
  const lines = [{ storeId, amount: 20_000 }];
  const [one, two, other] = [
    await openPolicy(on, { storeId }),
    await openPolicy(on, { storeId, discountValue: 500 }),
    await openPolicy(on),
  ];
  const issueTo = async (policyId: string): Promise<readonly [string, string]> => {
    const user = shop.newUser();
    return [user, (await shop.post(user, `coupons/policies/${policyId}/issue`, {})).body.couponId];
  };
  for (const policyId of [one, two, other, one]) {
    const [user, couponId] = await issueTo(policyId);
    await shop.post(user, `coupons/${couponId}/use`, { lines });
  }
  await issueTo(one);
  const path = `stores/${storeId}/statistics`;
  await until(async () => {
    const { body } = await get(path, admin());
    return body.issued === 4 && body.used === 3;
  });
  const { body } = await get(path, owner(testUser(74)));
  const counts = { issued: 4, reserved: 0, used: 3, released: 0, cancelled: 0, expired: 0, restored: 0 };
  expect(body).toEqual({
    storeId,
    ...counts,
    discountGiven: 6_500,
    usageRate: 75,
    byDay: [{ day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), ...counts, discountGiven: 6_500 }],
  });
});

it('the statistics of a store without activity are zero', async () => {
  const storeId = await storeOf(on, testUser(75));
  const { body } = await get(`stores/${storeId}/statistics`, owner(testUser(75)));
  expect(body).toMatchObject({ storeId, issued: 0, used: 0, discountGiven: 0, usageRate: 0, byDay: [] });
});

it('docs/attacks.md 32: the statistics of a store of another owner are missing', async () => {
  const storeId = await storeOf(on, testUser(76));
  await storeOf(on, testUser(77));
  const withoutIds = (body: object) => ({ ...body, instance: '', requestId: '' });
  const [one, none] = [
    await get(`stores/${storeId}/statistics`, owner(testUser(77))),
    await get('stores/123/statistics', owner(testUser(77))),
  ];
  expect([one.status, withoutIds(one.body)]).toEqual([404, withoutIds(none.body)]);
  expect((await get(`stores/${storeId}/statistics`, on.token(testUser(7601)))).status).toBe(403);
  expect((await get(`stores/${storeId}/statistics`)).status).toBe(401);
});
