import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { afterChange, openPolicy, policyBody, type Stage, stage, storeOf, testUsers } from '../attacks/support.ts';

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
const get = (path: string, token = admin(), headers = {}) => on.call('GET', `/api/v1/${path}`, { token, headers });
const issueTo = async (policyId: string, user: string): Promise<string> =>
  (await shop.post(user, `coupons/policies/${policyId}/issue`, {})).body.couponId;
const step = (kind: string, changes: object = {}) => ({
  kind,
  at: expect.stringMatching(/Z$/),
  reason: null,
  reservationId: null,
  orderId: null,
  discountAmount: null,
  changedBy: null,
  note: null,
  ...changes,
});

describe('a coupon with its history', () => {
  it('the history of a coupon has its orders, reservations, reasons and who changed it, in order', async () => {
    const user = shop.newUser();
    const storeId = await storeOf(on, testUser(91));
    const couponId = await issueTo(await openPolicy(on, { storeId, restoreOnRefund: true }), user);
    const lines = [{ storeId, amount: 20_000 }];
    const cart = { couponId, lines, orderId: 'o-1' };
    await shop.post(user, 'coupons/reserve', { ...cart, reservationId: 'first' });
    await on.call('DELETE', '/api/v1/coupons/apply/first', { token: on.token(user) });
    await shop.post(user, 'coupons/reserve', { ...cart, reservationId: 'second' });
    await shop.post('1', `coupons/reservations/second/confirm?userId=${user}`, {}, { token: admin() });
    await shop.post('1', `coupons/${couponId}/restore`, { orderId: 'o-1' }, { token: admin() });
    await shop.post(
      testUser(91),
      `coupons/${couponId}/cancel`,
      { reason: 'A gift by mistake' },
      { token: owner(testUser(91)) },
    );

    const reserved = (reservationId: string) =>
      step('RESERVED', { reservationId, orderId: 'o-1', discountAmount: 3_000 });
    const history = [
      step('ISSUED'),
      reserved('first'),
      step('RELEASED', { reservationId: 'first', orderId: 'o-1', reason: 'RELEASED' }),
      reserved('second'),
      step('USED', { reservationId: 'second', orderId: 'o-1', discountAmount: 3_000 }),
      step('RESTORED', { reservationId: 'second', orderId: 'o-1', reason: 'REFUNDED', discountAmount: 3_000 }),
      step('CANCELLED', { reason: 'WITHDRAWN', changedBy: `OWNER ${testUser(91)}`, note: 'A gift by mistake' }),
    ];
    for (const token of [admin(), owner(testUser(91)), on.token('2', 'SERVICE', 'coupons:read')]) {
      const { status, body } = await get(`coupons/${couponId}`, token);
      expect([status, body.history]).toEqual([200, history]);
      expect(body).toMatchObject({ couponId, userId: user, status: 'CANCELLED', storeId, discountAmount: null });
      expect([body.hasEarlierSteps, body.couponName]).toEqual([false, 'Opening day']);
    }
    // Its owner does not see who of the staff did it.
    const own = await get(`coupons/${couponId}`, on.token(user));
    expect(own.body.history).toEqual(history.with(6, step('CANCELLED', { reason: 'WITHDRAWN' })));
  });

  it('a coupon is shown to the staff of its store', async () => {
    const storeId = await storeOf(on, testUser(92));
    const couponId = await issueTo(await openPolicy(on, { storeId }), shop.newUser());
    const asStaff = () => get(`coupons/${couponId}`, on.token(testUser(9201)));
    expect((await asStaff()).body.code).toBe('COUPON_NOT_FOUND');
    await on.call('PUT', `/api/v1/stores/${storeId}/staff/${testUser(9201)}`, { token: owner(testUser(92)) });
    expect((await asStaff()).body.couponId).toBe(couponId);
  });

  it('a history of more than 200 steps shows its issue and the latest 200', { tags: 'rows' }, async () => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    await on.query(`insert into coupon.coupon_history (coupon_id, version, policy_id, kind, order_id, group_id, at)
       select ${couponId}, 1 + n, 1, 'EXTENDED', 'o-' || n, 1, now() from generate_series(1, 201) n`);
    const { body } = await get(`coupons/${couponId}`, on.token(user));
    expect([body.history.length, body.history[0].kind, body.history[1].orderId, body.history[200].orderId]).toEqual([
      201,
      'ISSUED',
      'o-2',
      'o-201',
    ]);
    expect(body.hasEarlierSteps).toBe(true);
  });

  it('docs/attacks.md 32, 64: the coupon of another user is missing, as one that does not exist, for customers and other stores', async () => {
    const couponId = await issueTo(await openPolicy(on, { storeId: await storeOf(on, testUser(93)) }), shop.newUser());
    await storeOf(on, testUser(94));
    for (const token of [on.token(shop.newUser()), owner(testUser(94))]) {
      const [one, other] = await Promise.all([get(`coupons/${couponId}`, token), get('coupons/123', token)]);
      expect([one.status, one.body.code]).toEqual([404, 'COUPON_NOT_FOUND']);
      const withoutIds = (body: object) => ({ ...body, instance: '', requestId: '' });
      expect(withoutIds(one.body)).toEqual(withoutIds(other.body));
    }
    expect((await on.call('GET', `/api/v1/coupons/${couponId}`)).status).toBe(401);
  });
});

describe('the coupons of a policy', () => {
  it('the coupons of a policy are listed latest first, by pages, by status and by user', { tags: 'rows' }, async () => {
    const storeId = await storeOf(on, testUser(95));
    const policyId = await openPolicy(on, { storeId, maxIssuePerUser: 3 });
    const users = Array.from({ length: 5 }, () => shop.newUser());
    const ids: string[] = [];
    for (const user of users) ids.push(await issueTo(policyId, user));
    ids.push(await issueTo(policyId, users[0] as string));
    await shop.post(users[1] as string, `coupons/${ids[1]}/use`, { lines: [{ storeId, amount: 9_000 }] });
    await shop.post('1', `coupons/${ids[5]}/cancel`, { returnStock: true }, { token: admin() });
    await on.query(`update coupon.coupon_issues set expires_at = now() where id = ${ids[2]}`);
    const list = async (query = '', token = owner(testUser(95))) =>
      (await get(`coupon-policies/${policyId}/coupons${query}`, token)).body;
    const idsIn = (body: { readonly coupons: readonly { readonly couponId: string }[] }) =>
      body.coupons.map(({ couponId }) => couponId);

    const all = await list();
    expect([idsIn(all), all.hasMore]).toEqual([ids.toReversed(), false]);
    expect(all.coupons[0]).toMatchObject({
      couponPolicyId: policyId,
      userId: users[0],
      sequenceNo: 6,
      status: 'CANCELLED',
    });
    const first = await list('?limit=4');
    const second = await list(`?limit=4&cursor=${first.nextCursor}`);
    expect([...idsIn(first), ...idsIn(second), second.hasMore]).toEqual([...ids.toReversed(), false]);
    for (const [status, expected] of [
      ['USED', [ids[1]]],
      ['CANCELLED', [ids[5]]],
      ['EXPIRED', [ids[2]]],
      ['ISSUED', [ids[4], ids[3], ids[0]]],
      ['RESERVED', []],
    ] as const)
      expect([status, idsIn(await list(`?status=${status}`, admin()))]).toEqual([status, expected]);
    expect(idsIn(await list(`?userId=${users[0]}`))).toEqual([ids[5], ids[0]]);
    expect(idsIn(await list(`?userId=${users[0]}&status=ISSUED&limit=1`))).toEqual([ids[0]]);
    expect(idsIn(await list('?cursor=nonsense'))).toEqual([]);

    const csv = await get(`coupon-policies/${policyId}/coupons?status=USED`, owner(testUser(95)), {
      accept: 'text/csv',
    });
    expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    const [header, line, end] = csv.text.split('\r\n');
    expect([header?.split(',').slice(0, 5), line?.split(',').slice(0, 5), end]).toEqual([
      ['couponId', 'couponPolicyId', 'userId', 'couponCode', 'status'],
      [ids[1], policyId, users[1], '', 'USED'],
      '',
    ]);
  });

  it('a page of a status ends after 50,000 coupons, and the export goes on to the last one', {
    tags: 'rows',
  }, async () => {
    const policyId = await openPolicy(on, { maxIssueCount: null });
    // The first two of them are used.
    await on.query(`insert into coupon.coupon_issues (id, policy_id, user_id, sequence_no, slot, issued_at, expires_at, status)
       select ${policyId} + n, ${policyId}, n, n, 0, now(), now() + interval '1 day', case when n <= 2 then 'USED' else 'ISSUED' end
       from generate_series(1, 60000) n;
       update coupon.coupon_policies set current_issue_count = 60000, last_sequence_no = 60000 where id = ${policyId}`);
    const path = `coupon-policies/${policyId}/coupons?status=USED`;
    const first = (await get(path)).body;
    expect([first.coupons, first.hasMore]).toEqual([[], true]);
    const second = (await get(`${path}&cursor=${first.nextCursor}`)).body;
    expect([second.coupons.map(({ sequenceNo }: { sequenceNo: number }) => sequenceNo), second.hasMore]).toEqual([
      [2, 1],
      false,
    ]);
    const used = await get(path, admin(), { accept: 'text/csv' });
    expect(used.text.trimEnd().split('\r\n')).toHaveLength(3);
    const all = await get(`coupon-policies/${policyId}/coupons`, admin(), { accept: 'text/csv' });
    expect(all.text.trimEnd().split('\r\n')).toHaveLength(60_001);
  });

  it('docs/attacks.md 32, 64: the coupons of a policy are for administrators and the owner of its store', async () => {
    const policyId = await openPolicy(on, { storeId: await storeOf(on, testUser(96)) });
    await storeOf(on, testUser(97));
    for (const headers of [{}, { accept: 'text/csv' }]) {
      const ask = (token: string) => get(`coupon-policies/${policyId}/coupons`, token, headers);
      const refused = await Promise.all([ask(owner(testUser(97))), ask(on.token(testUser(9801)))]);
      expect(refused.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([403, 'FORBIDDEN']));
      expect((await ask(owner(testUser(96)))).status).toBe(200);
    }
    const missing = await get('coupon-policies/123/coupons', owner(testUser(97)), { accept: 'text/csv' });
    expect([missing.status, missing.body.code]).toEqual([404, 'POLICY_NOT_FOUND']);
  });

  it('docs/attacks.md 39, 49: malformed queries and pages of 10^9 get 400 on every list of coupons and policies', async () => {
    const policyId = await openPolicy(on);
    const storeId = await storeOf(on, testUser(98));
    for (const path of [`coupon-policies/${policyId}/coupons`, `stores/${storeId}/coupon-policies`])
      for (const query of [
        'limit=1000000000',
        'limit=0',
        'limit=5&limit=6',
        'status=WRONG',
        'status=USED&status=USED',
        'x=1',
      ])
        expect([query, (await get(`${path}?${query}`)).status]).toEqual([query, 400]);
    for (const path of [`stores/${storeId}/statistics`, 'coupons/123'])
      expect((await get(`${path}?x=1`)).body.code).toBe('VALIDATION_FAILED');
    expect((await get('coupons/1e3')).status).toBe(400);
    expect((await get('coupons/reservations/a?userId=1&userId=2')).status).toBe(400);
  });
});

describe('a reservation', () => {
  it('support reads a reservation by the id of its caller and its user, for any caller', {
    tags: 'rows',
  }, async () => {
    const [ann, ben] = [shop.newUser(), shop.newUser()];
    const found = async (query: string, token = admin()) => (await get(`coupons/reservations/${query}`, token)).body;
    const reserve = (user: string, couponId: string, ask = {}) =>
      shop.post(user, 'coupons/reserve', { reservationId: 'cart-1', userId: user, couponId, orderAmount: 9_000 }, ask);
    const [ofAnn, ofBen] = [await shop.coupon(ann), await shop.coupon(ben)];
    await reserve(ann, ofAnn);
    expect(await found(`cart-1?userId=${ann}`, on.token('2', 'SERVICE', 'coupons:read'))).toEqual({
      reservationId: 'cart-1',
      origin: 'CUSTOMER',
      couponId: ofAnn,
      userId: ann,
      orderId: null,
      orderAmount: 9_000,
      discountAmount: 3_000,
      status: 'PENDING',
      reservedAt: expect.stringMatching(/Z$/),
      expiresAt: expect.stringMatching(/Z$/),
    });
    // Without a user only what machines reserved.
    expect((await found('cart-1')).code).toBe('RESERVATION_NOT_FOUND');
    await reserve(ben, ofBen, { token: admin() });
    expect([(await found('cart-1')).userId, (await found('cart-1')).origin]).toEqual([ben, 'SERVICE']);
    await reserve(ann, await shop.coupon(ann), { token: admin() });
    expect((await found('cart-1')).code).toBe('RESERVATION_CONFLICT');
    expect((await found(`cart-1?userId=${shop.newUser()}`)).code).toBe('RESERVATION_NOT_FOUND');

    await on.query(`update coupon.coupon_reservations set expires_at = now() where coupon_id = ${ofBen}`);
    expect((await found(`cart-1?userId=${ben}`)).status).toBe('EXPIRED');
    expect((await get(`coupons/reservations/cart-1?userId=${ann}`, on.token(ann))).status).toBe(403);
  });
});

describe('a clone of a policy', () => {
  const clone = (id: string, json: object, token = admin(), key = `clone-${Math.random()}`) =>
    on.call('POST', `/api/v1/admin/coupon-policies/${id}/clone`, { token, json, headers: { 'idempotency-key': key } });

  it('a clone has the terms of its policy, and issues nothing before it is activated', async () => {
    const storeId = await storeOf(on, testUser(99));
    const json = {
      ...policyBody({
        distributionType: 'CODE',
        code: 'CLONE-ME-1',
        storeId,
        discountType: 'PERCENTAGE',
        discountValue: 12.5,
      }),
      ...{ maxDiscountAmount: 5_000, minimumOrderAmount: 100, maxIssuePerUser: 2, description: 'As printed' },
    };
    const source = await on.call('POST', '/api/v1/coupon-policies', { token: owner(testUser(99)), json });
    const id: string = source.body.couponPolicyId;
    await shop.post('1', 'coupons/download', { couponCode: 'CLONE-ME-1' });
    const made = await clone(id, {}, owner(testUser(99)));
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      ...source.body,
      couponPolicyId: made.body.couponPolicyId,
      code: null,
      status: 'PAUSED',
      currentIssueCount: 0,
      createdAt: made.body.createdAt,
      updatedAt: made.body.updatedAt,
    });
    expect(made.body.couponPolicyId).not.toBe(id);
    const { couponPolicyId } = made.body;
    const ofClone = await get(`coupon-policies/${couponPolicyId}/coupons`, owner(testUser(99)));
    expect(ofClone.body.coupons).toEqual([]);

    const coded = await clone(id, { name: 'Second', code: 'CLONE-TWO-1' });
    expect([coded.body.code, coded.body.name]).toEqual(['CLONE-TWO-1', 'Second']);
    const download = async (user: string) =>
      (await shop.post(user, 'coupons/download', { couponCode: 'clone two 1' })).status;
    expect(await download(shop.newUser())).toBe(404);
    await shop.post('1', `admin/coupon-policies/${coded.body.couponPolicyId}/activate`, {}, { token: admin() });
    const issued = await afterChange(
      () => download(shop.newUser()),
      (status) => status === 201,
    );
    expect(issued).toBe(201);
    expect((await clone(id, { code: 'clone-me 1' })).body.code).toBe('DUPLICATE_COUPON_CODE');
  });

  it('a clone with the same key is created once', async () => {
    const id = await openPolicy(on);
    const [first, again] = [await clone(id, {}, admin(), 'one-clone'), await clone(id, {}, admin(), 'one-clone')];
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await clone(id, { name: 'Other' }, admin(), 'one-clone')).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('a policy whose window is over is cloned with another one only', async () => {
    const at = (days: number) => new Date(on.now() + days * 86_400_000).toISOString();
    const over = { validFrom: at(-9), validUntil: at(-2) };
    const created = await on.call('POST', '/api/v1/coupon-policies', { token: admin(), json: policyBody(over) });
    const id: string = created.body.couponPolicyId;
    const refused = await clone(id, {});
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'validUntil']);
    const window = { validFrom: at(1), validUntil: at(2) };
    expect((await clone(id, window)).body).toMatchObject({ ...window, status: 'PAUSED' });
    expect((await clone(id, { validFrom: at(3), validUntil: at(2) })).body.code).toBe('VALIDATION_FAILED');
    expect((await clone(id, { ...window, expireAt: at(9) })).body.errors[0].field).toBe('expireAt');

    const fixed = { ...policyBody({ expireAt: at(3) }), validDays: null };
    const source = (await on.call('POST', '/api/v1/coupon-policies', { token: admin(), json: fixed })).body;
    const [later, expireAt] = [{ validFrom: at(4), validUntil: at(5) }, at(6)];
    expect((await clone(source.couponPolicyId, later)).body.errors[0].field).toBe('expireAt');
    expect((await clone(source.couponPolicyId, { ...later, expireAt })).body.expireAt).toBe(expireAt);
  });

  it('docs/attacks.md 32: an owner clones policies of their stores only, and not while the store is closed', async () => {
    const storeId = await storeOf(on, testUser(9901));
    await storeOf(on, testUser(9902));
    const id = await openPolicy(on, { storeId });
    for (const policyId of [id, await openPolicy(on)])
      expect((await clone(policyId, {}, owner(testUser(9902)))).body.code).toBe('FORBIDDEN');
    expect((await clone('123', {}, owner(testUser(9902)))).body.code).toBe('POLICY_NOT_FOUND');
    expect((await clone(id, { storeId: null }, owner(testUser(9901)))).status).toBe(400);
    await on.call('PATCH', `/api/v1/stores/${storeId}`, { token: owner(testUser(9901)), json: { status: 'CLOSED' } });
    expect((await clone(id, {}, owner(testUser(9901)))).body.code).toBe('STORE_NOT_OPEN');
  });
});
