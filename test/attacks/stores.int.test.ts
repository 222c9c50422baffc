import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  openPolicy,
  policyBody,
  RUN_NUMBER,
  type Stage,
  stage,
  storeOf,
  testUsers,
  until,
} from './support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

type Changes = Readonly<Record<string, unknown>>;
const POLICIES = '/api/v1/coupon-policies';
const admin = () => on.token(testUser(1), 'ADMIN');
const owner = (userId: string) => on.token(userId, 'OWNER');
const said = ({ status, body }: Answer): string => `${status} ${body?.code ?? ''}`.trim();
const createPolicy = (token: string, changes: Changes) =>
  on.call('POST', POLICIES, { token, json: policyBody(changes) });
const patch = (token: string, storeId: string, json: object) =>
  on.call('PATCH', `/api/v1/stores/${storeId}`, { token, json });
const statusOf = async (policyId: string): Promise<string> =>
  (await on.call('GET', `${POLICIES}/${policyId}`)).body.status;

describe('stores and what belongs to them', () => {
  it('docs/attacks.md 59: an owner makes policies of their stores only, and none that an event triggers', async () => {
    const theirs = await storeOf(on, testUser(5901));
    const own = await storeOf(on, testUser(5902));
    const event = { distributionType: 'EVENT', triggerEventType: 'user.signed_up' };
    const asked: readonly (readonly [what: string, token: string, changes: Changes])[] = [
      ['without a store, for the platform', owner(testUser(5903)), {}],
      ['without a store, for a store', owner(testUser(5903)), { storeId: theirs }],
      ['for another store', owner(testUser(5902)), { storeId: theirs }],
      ['for a store that does not exist', owner(testUser(5902)), { storeId: '99' }],
      ['for the platform', owner(testUser(5902)), {}],
      ['on an event', owner(testUser(5902)), event],
      ['on an event, for their store', owner(testUser(5902)), { ...event, storeId: own }],
    ];
    for (const [what, token, changes] of asked) {
      expect([what, said(await createPolicy(token, changes))]).toEqual([what, '403 FORBIDDEN']);
    }
    const made = await createPolicy(owner(testUser(5902)), { storeId: own });
    expect([made.status, made.body.storeId]).toEqual([201, own]);
    expect(said(await createPolicy(admin(), { storeId: '99' }))).toBe('404 STORE_NOT_FOUND');
  });

  it('docs/attacks.md 59: an owner moves no policy to another store, to the platform or to an event', async () => {
    const [own, second, theirs] = [
      await storeOf(on, testUser(5911)),
      await storeOf(on, testUser(5911)),
      await storeOf(on, testUser(5912)),
    ];
    const { body } = await createPolicy(owner(testUser(5911)), { storeId: own });
    const put = (token: string, version: number, changes: Changes) =>
      on.call('PUT', `/api/v1/admin/coupon-policies/${body.couponPolicyId}`, {
        token,
        json: { ...policyBody(changes), version },
      });
    const event = { distributionType: 'EVENT', triggerEventType: 'user.signed_up', storeId: own };
    for (const changes of [{ storeId: theirs }, {}, event]) {
      expect([changes, said(await put(owner(testUser(5911)), 1, changes))]).toEqual([changes, '403 FORBIDDEN']);
    }
    expect(said(await put(owner(testUser(5912)), 1, { storeId: theirs }))).toBe('403 FORBIDDEN');
    expect((await put(owner(testUser(5911)), 1, { storeId: second })).body.storeId).toBe(second);
    await on.call('POST', `/api/v1/coupons/policies/${body.couponPolicyId}/issue`, { token: on.token(testUser(5913)) });
    expect(said(await put(admin(), 2, {}))).toBe('400 VALIDATION_FAILED');
  });

  it('docs/attacks.md 59: an owner changes no policy, product or time sale of the platform or of another store', async () => {
    const theirs = await storeOf(on, testUser(5921));
    await storeOf(on, testUser(5922));
    const stranger = owner(testUser(5922));
    for (const storeId of [theirs, undefined]) {
      const policyId = await openPolicy(on, { storeId });
      const at = `/api/v1/admin/coupon-policies/${policyId}`;
      const product = { name: 'Mug', price: 1_000, stock: 10, storeId };
      const { productId } = (await on.call('POST', '/api/v1/products', { token: admin(), json: product })).body;
      const sale = {
        productId,
        salePrice: 1,
        quantity: 1,
        startsAt: new Date().toISOString(),
        endsAt: new Date(on.now() + 60_000).toISOString(),
      };
      const quantity = { newMaxIssueCount: 500, modifiedBy: 'x', reason: 'y' };
      const answers = await Promise.all([
        on.call('POST', '/api/v1/products', { token: stranger, json: product }),
        on.call('PATCH', `/api/v1/products/${productId}`, { token: stranger, json: { version: 1, price: 1 } }),
        on.call('POST', '/api/v1/time-sales', { token: stranger, json: sale }),
        on.call('POST', `${at}/pause`, { token: stranger }),
        on.call('POST', `${at}/end`, { token: stranger }),
        on.call('PATCH', `${POLICIES}/${policyId}/remaining-quantity`, { token: stranger, json: quantity }),
      ]);
      expect(answers.map(said)).toEqual(answers.map(() => '403 FORBIDDEN'));
      expect(await statusOf(policyId)).toBe('ACTIVE');
    }
  });

  it('docs/attacks.md 64: codes are shown to administrators and the owner of the store, alone and in lists', async () => {
    const own = await storeOf(on, testUser(6401));
    await storeOf(on, testUser(6402));
    const code = `STAFF-${Date.now()}`;
    const { couponPolicyId } = (
      await createPolicy(owner(testUser(6401)), { storeId: own, distributionType: 'CODE', code })
    ).body;
    const seen = async (token?: string): Promise<readonly unknown[]> => {
      const options = token === undefined ? {} : { token };
      const one = await on.call('GET', `${POLICIES}/${couponPolicyId}`, options);
      const list = await on.call('GET', `${POLICIES}?storeId=${own}`, options);
      return [one.body.code, list.body.policies[0]?.code, one.text.includes(code) || list.text.includes(code)];
    };
    for (const token of [undefined, on.token(testUser(6403)), owner(testUser(6402)), owner(testUser(6403))]) {
      expect(await seen(token)).toEqual([undefined, undefined, false]);
    }
    for (const token of [owner(testUser(6401)), admin()]) expect(await seen(token)).toEqual([code, code, true]);
    const taken = await createPolicy(owner(testUser(6402)), { storeId: own, distributionType: 'CODE', code });
    expect(said(taken)).toBe('403 FORBIDDEN');
  });

  it('docs/attacks.md 32: an owner cannot see, change, open, staff or delete a store of another owner', async () => {
    const theirs = await storeOf(on, testUser(3201), { status: 'PENDING' });
    const open = await storeOf(on, testUser(3201));
    const missing = async (token?: string) =>
      said(await on.call('GET', `/api/v1/stores/${theirs}`, token === undefined ? {} : { token }));
    for (const token of [undefined, on.token(testUser(3203)), owner(testUser(3202))]) {
      expect(await missing(token)).toBe('404 STORE_NOT_FOUND');
    }
    const attempts = (storeId: string) => [
      patch(owner(testUser(3202)), storeId, { status: 'OPEN' }),
      on.call('DELETE', `/api/v1/stores/${storeId}`, { token: owner(testUser(3202)) }),
      on.call('PUT', `/api/v1/stores/${storeId}/staff/3202`, { token: owner(testUser(3202)) }),
    ];
    for (const answer of await Promise.all(attempts(theirs))) expect(said(answer)).toBe('404 STORE_NOT_FOUND');
    for (const answer of await Promise.all(attempts(open))) expect(said(answer)).toBe('403 FORBIDDEN');
    // A user of the owner's id without the role may not, either.
    expect(said(await patch(on.token(testUser(3201)), open, { status: 'CLOSED' }))).toBe('403 FORBIDDEN');
    expect((await on.call('GET', `/api/v1/stores/${open}`)).body).toMatchObject({ status: 'OPEN', version: 1 });
    const mine = await on.call('GET', '/api/v1/stores/my', { token: owner(testUser(3202)) });
    expect(mine.body.stores).toEqual([]);
  });

  it('docs/attacks.md 32: an owner announces to the followers of their own open stores only, in the name of the store', async () => {
    const theirs = await storeOf(on, testUser(3211));
    const own = await storeOf(on, testUser(3212));
    const token = owner(testUser(3212));
    const texts = { ko: { title: '계정 정지', body: '확인' }, en: { title: 'Account locked', body: 'Confirm' } };
    const announce = (path: string, storeId: string, changes: object = {}) => {
      const json = { audience: { type: 'STORE_FOLLOWERS', storeId }, class: 'MARKETING', ...texts, ...changes };
      return on.call('POST', `/api/v1/notification-jobs${path}`, { token, json });
    };
    for (const path of ['', '/preview', '/test']) {
      expect([path, said(await announce(path, theirs))]).toEqual([path, '403 FORBIDDEN']);
      expect([path, said(await announce(path, '99'))]).toEqual([path, '403 FORBIDDEN']);
      const silent = await announce(path, own, { class: 'TRANSACTIONAL' });
      expect([path, said(silent)]).toEqual([path, '400 VALIDATION_FAILED']);
    }
    expect((await announce('/preview', own)).body.en.title).toBe('[Cafe Sol] Account locked');
    await patch(token, own, { version: 1, status: 'CLOSED' });
    expect(said(await announce('', own))).toMatch(/^4.. STORE_NOT_OPEN$/);
  });

  it('docs/attacks.md 8: an owner creates no store for another user, and states no version, id or time of it', async () => {
    const body = { name: 'Cafe Sol', category: 'CAFE' };
    const create = (json: object) => on.call('POST', '/api/v1/stores', { token: owner(testUser(801)), json });
    expect(said(await create({ ...body, ownerId: '802' }))).toBe('403 FORBIDDEN');
    for (const more of [
      { version: 7 },
      { storeId: '7' },
      { createdAt: '2026-01-01T00:00:00Z' },
      { status: 'CLOSED' },
    ]) {
      expect([more, said(await create({ ...body, ...more }))]).toEqual([more, '400 VALIDATION_FAILED']);
    }
  });

  it.each([
    [{ name: ' ' }],
    [{ name: 'a\nb' }],
    [{ category: '' }],
    [{ location: { lat: 91, lng: 0 } }],
    [{ location: { lat: 0 } }],
    [{ images: ['javascript:alert(1)'] }],
    [{ images: ['http://example.com/a.png'] }],
    [{ images: ['https://user:pass@example.com/a.png'] }],
    [{ images: Array(11).fill('https://example.com/a.png') }],
    [{ openingHours: [{ day: 'MONDAY', opens: '24:00', closes: '25:00' }] }],
    [{ openingHours: [{ day: 'Montag', opens: '08:00', closes: '09:00' }] }],
    [{ description: 'x'.repeat(2_001) }],
  ])('a store with %j is refused', async (changes) => {
    const json = { name: 'Cafe Sol', category: 'CAFE', ...changes };
    expect(said(await on.call('POST', '/api/v1/stores', { token: owner(testUser(901)), json }))).toBe(
      '400 VALIDATION_FAILED',
    );
  });
});

describe('the coupon of a store', () => {
  const reserve = (user: string, json: object) =>
    on.call('POST', '/api/v1/coupons/reserve', { token: on.token(user), json });
  const couponOf = async (user: string, changes: Changes): Promise<string> => {
    const policyId = await openPolicy(on, { distributionType: 'DOWNLOAD', ...changes });
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(user) });
    return issued.body.couponId;
  };

  it('docs/attacks.md 60: an order gets the discount of a store’s coupon on goods of that store only', async () => {
    const [own, other] = [await storeOf(on, testUser(6001)), await storeOf(on, testUser(6002))];
    const product = async (storeId?: string): Promise<string> => {
      const json = { name: 'Mug', price: 10_000, stock: 10, storeId };
      return (await on.call('POST', '/api/v1/products', { token: admin(), json })).body.productId;
    };
    const [mine, theirs, house] = [await product(own), await product(other), await product()];
    const place = async (products: readonly string[], key: string) =>
      on.call('POST', '/api/v1/orders', {
        token: on.token(testUser(6003)),
        headers: { 'idempotency-key': key },
        json: {
          items: products.map((productId) => ({ productId, quantity: 1 })),
          couponId: await couponOf(testUser(6003), { storeId: own, discountValue: 15_000 }),
        },
      });
    for (const [products, key] of [
      [[theirs], 'a'],
      [[house], 'b'],
      [[theirs, house], 'c'],
    ] as const) {
      expect(said(await place(products, key))).toBe('422 COUPON_NOT_APPLICABLE');
    }
    const mixed = await place([theirs, mine, house], 'd');
    expect([mixed.status, mixed.body.couponDiscount, mixed.body.total]).toEqual([201, 10_000, 20_000]);
    expect(mixed.body.items.map((item: { couponDiscount: number }) => item.couponDiscount)).toEqual([0, 10_000, 0]);
  });

  it('docs/attacks.md 60: a reservation from outside names lines of the store, or the coupon of a store is refused', async () => {
    const [own, other] = [await storeOf(on, testUser(6011)), await storeOf(on, testUser(6012))];
    const couponId = await couponOf('6013', { storeId: own, discountType: 'PERCENTAGE', discountValue: 50 });
    const ask = (reservationId: string, cart: object) => reserve('6013', { reservationId, couponId, ...cart });
    const lines = [
      { storeId: own, amount: 3_000 },
      { storeId: other, amount: 5_000 },
      { storeId: null, amount: 2_000 },
      { amount: 1 },
    ];
    expect(said(await ask('x-6013-1', { orderAmount: 10_000 }))).toBe('422 COUPON_NOT_APPLICABLE');
    expect(said(await ask('x-6013-2', { lines: lines.slice(1) }))).toBe('422 COUPON_NOT_APPLICABLE');
    expect(said(await ask('x-6013-3', { lines: [{ storeId: own, amount: 1 }] }))).toBe('422 COUPON_NOT_APPLICABLE');
    for (const wrong of [
      {},
      { lines: [] },
      { lines, orderAmount: 10_000 },
      { lines: [{ storeId: own, amount: 0 }] },
      { lines: [{ storeId: own, amount: -1 }] },
      { lines: [{ storeId: own, amount: 1.5 }] },
      { lines: Array(101).fill({ amount: 1 }) },
    ]) {
      expect([wrong, said(await ask('x-6013-4', wrong))]).toEqual([wrong, '400 VALIDATION_FAILED']);
    }
    const reserved = await ask(`x-6013-5-${RUN_NUMBER}`, { lines, orderAmount: 10_001 });
    expect([reserved.status, reserved.body.discountAmount]).toEqual([200, 1_500]);
    expect((await ask(`x-6013-5-${RUN_NUMBER}`, { lines })).body.discountAmount).toBe(1_500);
    const more = [{ storeId: own, amount: 10_001 }];
    expect(said(await ask(`x-6013-5-${RUN_NUMBER}`, { lines: more }))).toBe('409 RESERVATION_CONFLICT');
  });
});

describe('closing a store', () => {
  it('a policy of a store that is not open is refused, also by an administrator', async () => {
    const storeId = await storeOf(on, testUser(1001), { status: 'PENDING' });
    for (const token of [owner(testUser(1001)), admin()]) {
      expect(said(await createPolicy(token, { storeId }))).toBe('409 STORE_NOT_OPEN');
    }
    expect((await patch(owner(testUser(1001)), storeId, { status: 'OPEN' })).body.status).toBe('OPEN');
    expect((await createPolicy(owner(testUser(1001)), { storeId })).status).toBe(201);
  });

  it('closing a store ends its policies, and those of no other store', async () => {
    const [storeId, other] = [await storeOf(on, testUser(1011)), await storeOf(on, testUser(1011))];
    const [ending, staying] = [await openPolicy(on, { storeId }), await openPolicy(on, { storeId: other })];
    expect((await patch(owner(testUser(1011)), storeId, { status: 'CLOSED' })).body.status).toBe('CLOSED');
    await until(async () => (await statusOf(ending)) === 'ENDED');
    expect(await statusOf(staying)).toBe('ACTIVE');
    const asked = await on.call('POST', `/api/v1/coupons/policies/${ending}/issue`, {
      token: on.token(testUser(1012)),
    });
    expect(said(asked)).toBe('410 POLICY_ENDED');
    expect(said(await createPolicy(owner(testUser(1011)), { storeId }))).toBe('409 STORE_NOT_OPEN');
  });

  it('a deleted store is missing, its policies end, and it cannot be opened again', async () => {
    const storeId = await storeOf(on, testUser(1021));
    const policyId = await openPolicy(on, { storeId });
    const remove = () => on.call('DELETE', `/api/v1/stores/${storeId}`, { token: owner(testUser(1021)) });
    expect((await remove()).status).toBe(204);
    await until(async () => (await statusOf(policyId)) === 'ENDED');
    expect(said(await remove())).toBe('404 STORE_NOT_FOUND');
    expect(said(await patch(owner(testUser(1021)), storeId, { status: 'OPEN' }))).toBe('404 STORE_NOT_FOUND');
    expect(said(await createPolicy(admin(), { storeId }))).toBe('404 STORE_NOT_FOUND');
    expect(
      said(await on.call('POST', `/api/v1/admin/coupon-policies/${policyId}/end`, { token: owner(testUser(1021)) })),
    ).toBe('403 FORBIDDEN');
  });
});

describe('the products of a store that closes', () => {
  it('a product and its time sale are not sold while their store is closed', async () => {
    const storeId = await storeOf(on, testUser(1201));
    const json = { name: 'Mug', price: 10_000, stock: 10, storeId };
    const { productId } = (await on.call('POST', '/api/v1/products', { token: owner(testUser(1201)), json })).body;
    const window = { startsAt: new Date(on.now() - 1_000).toISOString(), endsAt: new Date(on.now() + 3_600_000) };
    const sale = await on.call('POST', '/api/v1/time-sales', {
      token: owner(testUser(1201)),
      json: { productId, salePrice: 7_000, quantity: 5, limitPerUser: 2, ...window },
    });
    expect(sale.status).toBe(201);
    const buy = async (key: string, more: object = {}) => {
      const items = [{ productId, quantity: 1, ...more }];
      const options = { token: on.token(testUser(1202)), headers: { 'idempotency-key': key }, json: { items } };
      return said(await on.call('POST', '/api/v1/orders', options));
    };
    const { timeSaleId } = sale.body;
    expect([await buy('regular'), await buy('sale', { timeSaleId })]).toEqual(['201', '201']);
    await patch(owner(testUser(1201)), storeId, { status: 'CLOSED' });
    await until(async () => (await buy(crypto.randomUUID())) === '404 PRODUCT_NOT_FOUND');
    expect(await buy('closed', { timeSaleId })).toBe('404 TIME_SALE_NOT_FOUND');
    expect(said(await on.call('GET', `/api/v1/products/${productId}`))).toBe('404 PRODUCT_NOT_FOUND');
    await patch(owner(testUser(1201)), storeId, { status: 'OPEN' });
    await until(async () => (await buy(crypto.randomUUID(), { timeSaleId })) === '201');
  });
});

describe('the routes of stores', () => {
  it('an owner creates, shows, changes, staffs and lists stores', async () => {
    const details = {
      name: '카페 솔',
      category: 'BAKERY',
      description: 'Roasts its own beans',
      address: 'Seoul',
      location: { lat: 37.5446, lng: 127.0559 },
      images: ['https://images.example.com/front.jpg'],
      openingHours: [{ day: 'MONDAY', opens: '08:00', closes: '02:00' }],
    };
    const created = await on.call('POST', '/api/v1/stores', { token: owner(testUser(1101)), json: details });
    const at = expect.stringMatching(/Z$/);
    const { storeId } = created.body;
    const shown = {
      ...details,
      storeId,
      ownerId: testUser(1101),
      uploadedImages: [],
      followers: 0,
      status: 'OPEN',
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    expect([created.status, created.body]).toEqual([201, { ...shown, staff: [] }]);
    expect((await on.call('GET', `/api/v1/stores/${storeId}`)).body).toEqual(shown);
    expect((await on.call('GET', '/api/v1/stores?category=BAKERY')).body).toEqual({
      stores: [shown],
      nextCursor: null,
      hasMore: false,
    });
    const changed = await patch(owner(testUser(1101)), storeId, { version: 1, location: null, name: 'Cafe Luna' });
    expect(changed.body).toMatchObject({ name: 'Cafe Luna', location: null, category: 'BAKERY', version: 2 });
    expect((await patch(owner(testUser(1101)), storeId, { version: 1, name: 'Sol' })).body).toMatchObject({
      code: 'OPTIMISTIC_LOCK_FAILURE',
      currentVersion: 2,
    });
    const staff = (method: string) =>
      on.call(method, `/api/v1/stores/${storeId}/staff/${testUser(1102)}`, { token: owner(testUser(1101)) });
    expect([(await staff('PUT')).status, (await staff('PUT')).status]).toEqual([204, 204]);
    const own = await on.call('GET', `/api/v1/stores/${storeId}`, { token: owner(testUser(1101)) });
    expect(own.body).toMatchObject({ staff: [testUser(1102)], version: 3 });
    await patch(owner(testUser(1101)), storeId, { status: 'CLOSED' });
    // Staff still see the store of which they are.
    expect((await on.call('GET', `/api/v1/stores/${storeId}`, { token: on.token(testUser(1102)) })).body.status).toBe(
      'CLOSED',
    );
    expect((await staff('DELETE')).status).toBe(204);
    expect((await on.call('GET', '/api/v1/stores?category=BAKERY')).body.stores).toEqual([]);
    const mine = await on.call('GET', '/api/v1/stores/my', { token: owner(testUser(1101)) });
    expect(mine.body.stores).toMatchObject([{ storeId, status: 'CLOSED', version: 5 }]);
  });

  it('an administrator creates a store for an owner, who then manages it', async () => {
    const json = { name: 'Cafe Sol', category: 'CAFE', ownerId: testUser(1111) };
    const { body } = await on.call('POST', '/api/v1/stores', { token: admin(), json });
    expect(body.ownerId).toBe(testUser(1111));
    expect((await patch(owner(testUser(1111)), body.storeId, { name: 'Sol' })).body.name).toBe('Sol');
  });
});
