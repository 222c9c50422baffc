import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from './raw.ts';
import { shopOn } from './shop.ts';
import { ADMIN, afterChange, openPolicy, policyBody, type Stage, stage, storeOf, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

const create = (key: string, json: unknown, token = on.token(testUser(1), 'ADMIN')) =>
  on.call('POST', '/api/v1/coupon-policies', { token, json, headers: { 'idempotency-key': key } });
const countOf = async (name: string): Promise<number> => {
  const { body } = await on.call('GET', '/api/v1/coupon-policies?limit=100');
  return body.policies.filter((policy: { name: string }) => policy.name === name).length;
};

describe('idempotency keys', () => {
  it('a repeat with the same key and body gets the same bytes and has no effect', async () => {
    const json = policyBody({ name: 'once' });
    const first = await create('k-repeat', json);
    const second = await create('k-repeat', json);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(await countOf('once')).toBe(1);
  });

  it('a request that was refused leaves its key free', async () => {
    const refused = await create('k-refused', { name: 'nothing else' });
    const accepted = await create('k-refused', policyBody({ name: 'after a refusal' }));
    expect([refused.status, accepted.status]).toEqual([400, 201]);
  });

  it('docs/attacks.md 14: a request with the same key with another body gets 422', async () => {
    await create('k-body', policyBody({ name: 'first body' }));
    const second = await create('k-body', policyBody({ name: 'second body' }));
    expect([second.status, second.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await countOf('second body')).toBe(0);
  });

  it('docs/attacks.md 15: the same key of another user is independent', async () => {
    const ask = async (userId: string) => {
      const json = policyBody({ name: 'two owners', storeId: await storeOf(on, userId) });
      return await create('k-shared', json, on.token(userId, 'OWNER'));
    };
    const [mine, theirs] = [await ask('11'), await ask('12')];
    expect([mine.status, theirs.status, theirs.headers.get('idempotent-replayed')]).toEqual([201, 201, null]);
    expect(mine.body.couponPolicyId).not.toBe(theirs.body.couponPolicyId);
  });

  it('docs/attacks.md 63: one key of a machine that acts for two users is independent', async () => {
    const policyId = await openPolicy(on);
    const made = await on.call('POST', '/api/v1/auth/api-keys', {
      token: on.token(testUser(1), 'ADMIN'),
      json: { name: 'till', scopes: ['coupons:issue'] },
    });
    const issueFor = (user: string) =>
      on.call('POST', '/api/v1/coupons/issue', {
        json: { policyId },
        headers: { 'x-api-key': made.body.secret, 'x-user-id': user, 'idempotency-key': 'k-acting' },
      });
    const [one, two] = [await issueFor('101'), await issueFor('102')];
    expect([one, two].map(({ status, body }) => [status, body.userId])).toEqual([
      [201, '101'],
      [201, '102'],
    ]);
    expect(two.headers.get('idempotent-replayed')).toBeNull();
  });

  describe('docs/attacks.md 63: one key of an administrator', () => {
    const forUser = (path: string, json: object) => async (shop: ReturnType<typeof shopOn>, userId: string) => {
      await shop.charge(userId, 10_000);
      return { path, json: { ...json, userId } };
    };
    it.each([
      ['charges points', forUser('points/charge', { amount: 10 })],
      ['gives points', forUser('points/earn', { amount: 10, reason: 'A review' })],
      ['uses points', forUser('points/use', { amount: 10 })],
      [
        'uses points, and was refused',
        async (_: unknown, userId: string) => ({ path: 'points/use', json: { amount: 999_999, userId } }),
      ],
      [
        'places an order',
        async (shop: ReturnType<typeof shopOn>, userId: string) => ({
          path: 'orders',
          json: { userId, items: [{ productId: await shop.product(), quantity: 1 }] },
        }),
      ],
      [
        'places an order at a time sale',
        async (shop: ReturnType<typeof shopOn>, userId: string) => ({
          path: `time-sales/${await shop.timeSale(await shop.product())}/orders`,
          json: { userId, quantity: 1 },
        }),
      ],
      [
        'pays an order',
        async (shop: ReturnType<typeof shopOn>, userId: string) => {
          await shop.charge(userId, 50_000);
          return { path: 'payments', json: { userId, method: 'POINTS', orderId: (await shop.placed(userId)).orderId } };
        },
      ],
    ])('%s for one user, and does nothing for another one', async (what, prepare) => {
      const shop = shopOn(on);
      const [one, two] = [`8${Date.now()}`, `9${Date.now()}`];
      const token = on.token(testUser(1), 'ADMIN');
      const ask = async ({ path, json }: { readonly path: string; readonly json: object }) =>
        on.call('POST', `/api/v1/${path}`, { token, json, headers: { 'idempotency-key': `k-for ${what}` } });
      const [asked, other] = [await prepare(shop, one), await prepare(shop, two)];
      const pointsBefore = await shop.points(two);
      const [first, second, repeat] = [await ask(asked), await ask(other), await ask(asked)];
      expect([second.status, second.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
      expect([repeat.status, repeat.headers.get('idempotent-replayed')]).toEqual([first.status, 'true']);
      expect({ ...repeat.body, requestId: '' }).toEqual({ ...first.body, requestId: '' });
      expect(await shop.points(two)).toEqual(pointsBefore);
    });
  });

  it('docs/attacks.md 14: one key of a customer pays one order, and no other one', async () => {
    const shop = shopOn(on);
    const user = '7999';
    await shop.charge(user, 100_000);
    const [one, two] = [await shop.placed(user), await shop.placed(user)];
    const paid = await shop.pay(user, one.orderId, 'POINTS', { key: 'k-two-orders' });
    const other = await shop.pay(user, two.orderId, 'POINTS', { key: 'k-two-orders' });
    const repeat = await shop.pay(user, one.orderId, 'POINTS', { key: 'k-two-orders' });
    expect([paid.status, other.status, repeat.status]).toEqual([201, 422, 201]);
    expect([repeat.text, (await shop.order(user, two.orderId)).status]).toEqual([paid.text, 'RESERVED']);
  });

  it('docs/attacks.md 63: one key of a machine that charges two users, each named by X-User-Id, is independent', async () => {
    const made = await on.call('POST', '/api/v1/auth/api-keys', {
      token: on.token(testUser(1), 'ADMIN'),
      json: { name: 'kiosk', scopes: ['points:charge'] },
    });
    const chargeFor = (user: string) =>
      on.call('POST', '/api/v1/points/charge', {
        json: { amount: 10 },
        headers: { 'x-api-key': made.body.secret, 'x-user-id': user, 'idempotency-key': 'k-kiosk' },
      });
    const answers = [await chargeFor('7101'), await chargeFor('7102'), await chargeFor('7101')];
    expect(
      answers.map(({ status, body, headers }) => [status, body.userId, headers.get('idempotent-replayed')]),
    ).toEqual([
      [201, '7101', null],
      [201, '7102', null],
      [201, '7101', 'true'],
    ]);
  });

  it('aliases of an operation share its keys', async () => {
    const json = policyBody({ name: 'by two routes' });
    const options = { token: on.token(testUser(1), 'ADMIN'), json, headers: { 'idempotency-key': 'k-alias' } };
    const first = await on.call('POST', '/api/v1/admin/coupon-policies', options);
    const again = await on.call('POST', '/api/coupon-policies', options);
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
  });

  it('docs/attacks.md 15: the same key on another resource of the same route is refused, not replayed', async () => {
    const [one, two] = [await openPolicy(on), await openPolicy(on)];
    const token = on.token(testUser(13));
    const headers = { 'idempotency-key': 'k-two-policies' };
    const first = await on.call('POST', `/api/v1/coupons/policies/${one}/issue`, { token, headers });
    const second = await on.call('POST', `/api/v1/coupons/policies/${two}/issue`, { token, headers });
    expect([first.status, second.status]).toEqual([201, 422]);
  });

  it.each([
    ['of 10 kB', 'k'.repeat(10_000)],
    ['of 256 characters', 'k'.repeat(256)],
    ['with a tab', 'k\tk'],
    ['that is not ASCII', 'ké'],
    ['that is empty', ''],
  ])('docs/attacks.md 17: a key %s gets 400 on every route that takes one', async (_, key) => {
    const policyId = await openPolicy(on);
    const headers = { 'idempotency-key': key };
    const issued = await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
      token: on.token(testUser(14)),
      headers,
    });
    expect([issued.status, issued.body.errors?.[0]?.field]).toEqual([400, 'Idempotency-Key']);
    const created = await create(key, policyBody());
    expect([created.status, created.body.code]).toEqual([400, 'VALIDATION_FAILED']);
  });

  it.each([
    ['the same', 'k-one', 'k-one'],
    ['different', 'k-one', 'k-two'],
    ['one empty', 'k-one', ''],
  ])('docs/attacks.md 17: two keys in two headers, %s, get 400 on every route', async (_, one, two) => {
    const policyId = await openPolicy(on);
    const send = async (method: string, path: string, token: string) => {
      const { status, text } = await rawRequest(on.url, method, `/api/v1/${path}`, {
        authorization: `Bearer ${token}`,
        // Two spellings of one name are two headers of this object.
        'Idempotency-Key': one,
        'idempotency-key': two,
      });
      return [status, text];
    };
    const refused = [400, expect.stringContaining('"field":"Idempotency-Key","code":"REPEATED"')];
    const user = on.token(testUser(18));
    expect(await send('POST', `coupons/policies/${policyId}/issue`, user)).toEqual(refused);
    expect(await send('POST', 'orders', user)).toEqual(refused);
    expect(await send('GET', `coupon-policies/${policyId}`, user)).toEqual(refused);
    const admin = on.token(testUser(1), 'ADMIN');
    expect(await send('POST', `admin/coupon-policies/${policyId}/pause`, admin)).toEqual(refused);
  });

  it('docs/attacks.md 17: one key with a comma and a space is accepted', async () => {
    expect((await create('k-one, k-two', policyBody())).status).toBe(201);
  });

  it('docs/attacks.md 17: a key of 255 printable characters is accepted', async () => {
    expect((await create('~'.repeat(255), policyBody())).status).toBe(201);
  });

  it('docs/attacks.md 18: twenty concurrent requests with one key have one effect; the others get 409 or its response', async () => {
    const json = policyBody({ name: 'at once' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => create('k-at-once', json)));
    expect(await countOf('at once')).toBe(1);
    const made = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text));
    expect(made.size).toBe(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(
      others.every(
        ({ status, body, headers }) =>
          status === 409 && body.code === 'IDEMPOTENCY_KEY_IN_USE' && Number(headers.get('retry-after')) >= 1,
      ),
    ).toBe(true);
  });

  it('docs/attacks.md 18: twenty concurrent issues with one key issue one coupon, and a repeat gets the 201 again', async () => {
    const policyId = await openPolicy(on);
    const ask = () =>
      on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
        token: on.token(testUser(15)),
        headers: { 'idempotency-key': 'k-issue' },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const again = await ask();
    expect([again.status, again.headers.get('idempotent-replayed'), again.body.sequenceNo]).toEqual([201, 'true', 1]);
  });

  it('a sold-out refusal is not stored: with more stock the same key gets a coupon', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 1 });
    const issue = (user: string) =>
      on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, {
        token: on.token(user),
        headers: { 'idempotency-key': 'k-sold-out' },
      });
    expect((await issue(testUser(16))).status).toBe(201);
    expect((await issue(testUser(17))).status).toBe(410);
    await on.call('PATCH', `/api/v1/coupon-policies/${policyId}/remaining-quantity`, {
      token: on.token(testUser(1), 'ADMIN'),
      json: { newMaxIssueCount: 2, modifiedBy: 'jane', reason: 'more' },
    });
    const issued = await afterChange(
      () => issue(testUser(17)),
      ({ status }) => status === 201,
    );
    expect(issued.status).toBe(201);
  });

  it('docs/attacks.md 19: a replay after a log-out gets 401', async () => {
    const login = await on.call('POST', '/api/v1/auth/login', { json: ADMIN });
    const { accessToken, refreshToken } = login.body;
    const json = policyBody({ name: 'before logout' });
    expect((await create('k-logout', json, accessToken)).status).toBe(201);
    expect((await on.call('POST', '/api/v1/auth/logout', { json: { refreshToken } })).status).toBe(204);
    const replay = await afterChange(
      () => create('k-logout', json, accessToken),
      ({ status }) => status === 401,
    );
    expect([replay.status, replay.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});
