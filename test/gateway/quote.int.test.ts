import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { type Answer, keepEvents, openPolicy, type Stage, stage, storeOf, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(async () => {
  await on.stop();
});

const admin = () => on.token(testUser(1), 'ADMIN');
interface Quote {
  readonly couponId: string | null;
  readonly couponCode: string | null;
  readonly discountAmount: number;
  readonly isBest: boolean;
  readonly reason: { readonly code: string; readonly title: string; readonly detail: string } | null;
}
const ask = (user: string, json: object, headers = {}): Promise<Answer> =>
  on.call('POST', '/api/v1/coupons/quote', { token: on.token(user), json, headers });
async function quotes(user: string, json: object): Promise<readonly Quote[]> {
  const { status, body, text } = await ask(user, json);
  if (status !== 200) throw new Error(text);
  return body.quotes;
}
const resultOf = ({ discountAmount, reason }: Quote) => reason?.code ?? discountAmount;

/** Coupons of one user in every state that a quote distinguishes, and one of another user. */
async function wallet(user: string, storeId: string): Promise<readonly string[]> {
  const expiring = async (changes: object): Promise<string> => {
    const couponId = await shop.coupon(user, { ...changes });
    await on.query(`update coupon.coupon_issues set expires_at = now() where id = ${couponId}`);
    return couponId;
  };
  const suspended = await openPolicy(on, { discountValue: 500 });
  const ofSuspended = await shop.post(user, `coupons/policies/${suspended}/issue`, {});
  await shop.post('1', `admin/coupon-policies/${suspended}/suspend`, { reason: 'wrong' }, { token: admin() });
  const overdue = await shop.coupon(user, { discountValue: 1_234 });
  const held = await shop.coupon(user, { discountValue: 900 });
  const reserve = (couponId: string) =>
    shop.post(user, 'coupons/reserve', { reservationId: `hold-${couponId}`, couponId, orderAmount: 50_000 });
  await reserve(held);
  await reserve(overdue);
  await on.query(
    "update coupon.coupon_reservations set expires_at = now() - interval '2 seconds' where coupon_id = $1",
    [overdue],
  );
  const usedUp = await shop.coupon(user);
  await shop.post(user, `coupons/${usedUp}/use`, { orderAmount: 50_000 });
  return [
    await shop.coupon(user, { discountValue: 3_000 }),
    await shop.coupon(user, { discountType: 'PERCENTAGE', discountValue: 33.33 }),
    await shop.coupon(user, { discountType: 'PERCENTAGE', discountValue: 50, maxDiscountAmount: 2_000 }),
    await shop.coupon(user, { discountType: 'PERCENTAGE', discountValue: 0.01 }),
    await shop.coupon(user, { discountValue: 4_000, minimumOrderAmount: 20_000 }),
    await shop.coupon(user, { discountValue: 9_000, storeId }),
    await shop.coupon(user, { discountType: 'PERCENTAGE', discountValue: 10, storeId, minimumOrderAmount: 9_999 }),
    ofSuspended.body.couponId,
    overdue,
    held,
    usedUp,
    await expiring({ discountValue: 700 }),
    await shop.coupon(shop.newUser()),
    '7330011234567890',
  ];
}

describe('a quote', () => {
  it('a quote equals what reserving each coupon takes off a random cart, and what the checkout takes off', {
    tags: 'rows',
  }, async () => {
    const user = shop.newUser();
    const storeId = await storeOf(on, testUser(81));
    const couponIds = await wallet(user, storeId);
    const [cheap, odd, stores] = [
      { productId: await shop.product({ price: 1_000 }), price: 1_000 },
      { productId: await shop.product({ price: 7_777 }), price: 7_777 },
      { productId: await shop.product({ price: 9_999, storeId }), price: 9_999, storeId },
    ];
    let turn = 0;
    const seen = new Set<number | string>();
    const oneCart = fc.record({ cheap: fc.nat(3), odd: fc.nat(2), stores: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(
        oneCart.filter((cart) => cart.cheap + cart.odd + cart.stores > 0),
        async (cart) => {
          const items = (
            [
              [cheap, cart.cheap],
              [odd, cart.odd],
              [stores, cart.stores],
            ] as const
          ).flatMap(([product, quantity]) => (quantity > 0 ? [{ ...product, quantity }] : []));
          const lines = items.map(({ price, quantity, ...line }) => ({
            productId: line.productId,
            ...('storeId' in line ? { storeId: line.storeId } : {}),
            amount: price * quantity,
          }));
          const quoted = new Map((await quotes(user, { lines, couponIds })).map((quote) => [quote.couponId, quote]));
          expect([...quoted.keys()].sort()).toEqual([...couponIds].sort());
          for (const couponId of couponIds) {
            const reservationId = `r-${++turn}`;
            const expected = resultOf(quoted.get(couponId) as Quote);
            seen.add(typeof expected === 'number' ? 'discount' : expected);
            // A reservation would end the overdue one for good.
            const rollback = await overdueAgain(couponId);
            const reserved = await shop.post(user, 'coupons/reserve', { reservationId, couponId, lines });
            expect([couponId, reserved.body.code ?? reserved.body.discountAmount]).toEqual([couponId, expected]);
            if (reserved.status === 200)
              await on.call('DELETE', `/api/v1/coupons/apply/${reservationId}`, { token: on.token(user) });
            await rollback();
            const placed = await shop.post(user, 'orders', {
              items: items.map(({ productId, quantity }) => ({ productId, quantity })),
              couponId,
            });
            expect([couponId, placed.body.code ?? placed.body.couponDiscount]).toEqual([couponId, expected]);
            if (placed.status === 201) await shop.post(user, `orders/${placed.body.orderId}/cancel`, {});
            await rollback();
          }
        },
      ),
      // Eight random carts, after two that have every outcome between them: one run in 25 draws no cart without a product of the store.
      { numRuns: 10, examples: [[{ cheap: 1, odd: 0, stores: 0 }], [{ cheap: 3, odd: 2, stores: 2 }]] },
    );
    for (const code of ['COUPON_NOT_FOUND', 'COUPON_EXPIRED', 'COUPON_ALREADY_USED', 'RESERVATION_CONFLICT'])
      expect(seen).toContain(code);
    for (const code of ['POLICY_SUSPENDED', 'COUPON_NOT_APPLICABLE', 'MINIMUM_ORDER_NOT_MET', 'discount'])
      expect(seen).toContain(code);
  });

  it('a quote without couponIds has all coupons that the user could reserve, the best first, and stores nothing', {
    tags: 'rows',
  }, async () => {
    const user = shop.newUser();
    const storeId = await storeOf(on, testUser(82));
    const all = await wallet(user, storeId);
    const lines = [{ amount: 20_000 }, { storeId, amount: 10_000 }];
    const events = await keepEvents(on);
    const before = await snapshot();
    const found = await quotes(user, { lines });
    expect([await snapshot(), await events()]).toEqual([before, []]);
    // Not those that are held, used, expired or of others.
    expect(new Set(found.map(({ couponId }) => couponId))).toEqual(new Set(all.slice(0, 9)));
    expect(found.map(resultOf)).toEqual([9_999, 9_000, 4_000, 3_000, 2_000, 1_234, 1_000, 3, 'POLICY_SUSPENDED']);
    expect(found.map(({ isBest }) => isBest)).toEqual([true, ...Array(8).fill(false)]);
    // The best is taken by the checkout as it was quoted.
    const items = [
      { productId: await shop.product({ price: 20_000 }), quantity: 1 },
      { productId: await shop.product({ price: 10_000, storeId }), quantity: 1 },
    ];
    const order = await shop.placed(user, { items, couponId: found[0]?.couponId });
    expect(order.couponDiscount).toBe(9_999);
  });

  it('reservations that are overdue do not count against the user, as in reserving', { tags: 'rows' }, async () => {
    const user = shop.newUser();
    const [first, second] = [await shop.coupon(user), await shop.coupon(user)];
    const json = { reservationId: 'first', couponId: first, orderAmount: 50_000 };
    expect((await shop.post(user, 'coupons/reserve', json)).status).toBe(200);
    // As many more as a user may have, all of them overdue.
    await on.query(`insert into coupon.coupon_reservations
       select (jsonb_populate_record(held, jsonb_build_object('id', 'overdue-' || n, 'coupon_id', n,
         'expires_at', now() - interval '2 seconds'))).*
       from coupon.coupon_reservations as held, generate_series(1, 20) as n where held.coupon_id = ${first}`);
    const quoted = await quotes(user, { lines: [{ amount: 50_000 }], couponIds: [second] });
    expect(quoted.map(resultOf)).toEqual([3_000]);
    const reserved = await shop.post(user, 'coupons/reserve', { ...json, reservationId: 'second', couponId: second });
    expect(reserved.body.discountAmount).toBe(3_000);
  });

  it('of two equal discounts the one that expires first is the best', async () => {
    const user = shop.newUser();
    const later = await shop.coupon(user, { validDays: 60 });
    const sooner = await shop.coupon(user, { validDays: 5 });
    const found = await quotes(user, { lines: [{ amount: 9_000 }] });
    expect(found.map(({ couponId, isBest }) => [couponId, isBest])).toEqual([
      [sooner, true],
      [later, false],
    ]);
  });

  it('a reason is in the language of the caller, and no discount is the best', async () => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user, { minimumOrderAmount: 9_001 });
    const json = { lines: [{ amount: 9_000 }], couponIds: [couponId, couponId] };
    const [english, korean] = [await ask(user, json), await ask(user, json, { 'accept-language': 'ko' })];
    expect(english.body.quotes).toEqual([
      {
        couponId,
        couponCode: null,
        couponName: 'Opening day',
        discountType: 'FIXED_AMOUNT',
        discountValue: 3_000,
        minimumOrderAmount: 9_001,
        maxDiscountAmount: null,
        storeId: null,
        expiresAt: expect.stringMatching(/Z$/),
        discountAmount: 0,
        isBest: false,
        reason: {
          code: 'MINIMUM_ORDER_NOT_MET',
          title: 'Order is too small',
          detail: 'This coupon needs an order of at least 9001.',
        },
      },
    ]);
    expect(korean.body.quotes[0].reason).toMatchObject({ code: 'MINIMUM_ORDER_NOT_MET', title: /[가-힣]/ });
  });

  it('the quote of a code is what its coupon then takes off', async () => {
    const user = shop.newUser();
    await openPolicy(on, {
      distributionType: 'CODE',
      code: 'QUOTE-2026',
      discountType: 'PERCENTAGE',
      discountValue: 12.5,
      minimumOrderAmount: 8_000,
    });
    const [lines, codes] = [[{ amount: 9_999 }], ['quote 2026', 'NOTHING-LIKE-IT']];
    const [first, second] = await quotes(user, { lines, couponIds: [], codes });
    expect([first?.couponCode, first?.couponId, first && resultOf(first), first?.isBest]).toEqual([
      'quote 2026',
      null,
      1_249,
      true,
    ]);
    expect(second && [second.couponCode, resultOf(second)]).toEqual(['NOTHING-LIKE-IT', 'COUPON_CODE_NOT_FOUND']);
    const small = await quotes(user, { lines: [{ amount: 7_999 }], couponIds: [], codes: ['QUOTE-2026'] });
    expect(small.map(resultOf)).toEqual(['MINIMUM_ORDER_NOT_MET']);

    const { couponId } = (await shop.post(user, 'coupons/download', { couponCode: 'QUOTE-2026' })).body;
    const reserve = { reservationId: 'of-code', couponId, lines };
    expect((await shop.post(user, 'coupons/reserve', reserve)).body.discountAmount).toBe(1_249);
    const again = await quotes(user, { lines, codes: ['QUOTE-2026'] });
    expect(again.map(({ reason }) => reason?.code)).toEqual(['COUPON_ALREADY_ISSUED']);
    expect(again[0]?.reason?.detail).toContain(couponId);
  });

  it('a machine quotes for the user that it names, and a customer only for themself', async () => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    const json = { lines: [{ amount: 9_000 }] };
    const key = { name: 'till', scopes: ['coupons:use'] };
    const { secret } = (await on.call('POST', '/api/v1/auth/api-keys', { token: admin(), json: key })).body;
    const quote = (options: object) => on.call('POST', '/api/v1/coupons/quote', { token: secret, json, ...options });
    const named = await quote({ headers: { 'x-user-id': user } });
    const inBody = await quote({ json: { ...json, userId: user } });
    expect([named, inBody].map(({ body }) => body.quotes[0]?.couponId)).toEqual([couponId, couponId]);
    expect((await quote({})).body.errors[0].field).toBe('X-User-Id');
    const foreign = await ask(shop.newUser(), { ...json, userId: user });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'FORBIDDEN']);
  });
});

/** Returns a function that makes the reservation of this coupon overdue again, if it is the overdue one. */
async function overdueAgain(couponId: string): Promise<() => Promise<void>> {
  const tables = ['coupon.coupon_issues i', 'coupon.coupon_reservations r'] as const;
  const { rows } = await on.query(
    `select i.version, i.reservation_id, r.expires_at from ${tables[0]} join ${tables[1]} on r.id = i.reservation_id
     where i.id = $1 and i.status = 'RESERVED' and r.expires_at < now()`,
    [couponId],
  );
  const [was] = rows;
  if (was === undefined) return async () => {};
  return async () => {
    await on.query(`delete from coupon.coupon_history where coupon_id = $1 and version > $2`, [couponId, was.version]);
    await on.query(
      `update coupon.coupon_issues set status = 'RESERVED', reservation_id = $2, reserved_at = now(), version = $3 where id = $1`,
      [couponId, was.reservation_id, was.version],
    );
    await on.query(
      `update coupon.coupon_reservations set status = 'PENDING', expires_at = $2, ended_at = null where id = $1`,
      [was.reservation_id, was.expires_at],
    );
  };
}

/** The rows of coupons, their reservations and steps, and of keys. */
async function snapshot(): Promise<string> {
  const tables = ['coupon_issues', 'coupon_reservations', 'coupon_history', 'coupon_policies'];
  const all = await Promise.all(
    [...tables.map((table) => `coupon.${table}`), 'platform.command_results'].map(
      async (table) =>
        (await on.query(`select md5(string_agg(t::text, '' order by t::text)) as sum from ${table} t`)).rows[0].sum,
    ),
  );
  return all.join(' ');
}
