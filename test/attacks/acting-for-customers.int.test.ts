import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolvedDocument } from '../support/resolved-document.ts';
import { type Shop, shopOn } from './shop.ts';
import { type Answer, RUN_NUMBER, type Stage, stage } from './support.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}
interface Media {
  readonly example?: object;
  readonly schema: { readonly $ref?: string; readonly properties?: object };
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
}
interface Row {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let on: Stage;
let shop: Shop;
/** A customer for whom the machines act, and another one, to whom everything in `ids` belongs. */
const [customer, other] = ['8301', '8302'];
let ids: Readonly<Record<string, string>>;
let rows: readonly Row[];
/** Machines that have every scope. */
let machines: readonly (readonly [string, Readonly<Record<string, string>>])[];
let keys = 0;

beforeAll(async () => {
  on = await stage({ sandbox: true });
  shop = shopOn(on);
  await shop.charge(other, 10_000);
  await shop.charge(customer, 10_000);
  const couponId = await shop.coupon(other);
  const { orderId } = await shop.placed(other, { usePoints: 1_000 });
  const paid = await shop.placed(other);
  const { paymentId } = (await shop.pay(other, paid.orderId, 'EXTERNAL')).body;
  const [spent, charge] = [
    await shop.post(other, 'points/use', { amount: 10 }),
    await shop.post(other, 'points/charge', { amount: 10 }),
  ];
  const reservationId = `r-of-another-${RUN_NUMBER}`;
  const reserved = await shop.post(other, 'coupons/reserve', {
    reservationId,
    couponId: await shop.coupon(other),
    orderAmount: 20_000,
  });
  expect([spent.status, charge.status, reserved.status]).toEqual([200, 201, 200]);
  const { transactionId } = spent.body;
  ids = { userId: other, couponId, orderId, paymentId, transactionId, chargeId: charge.body.chargeId, reservationId };

  const made = await on.call('POST', '/api/v1/auth/api-keys', {
    token: shop.admin(),
    json: { name: 'backend', scopes: ['admin'] },
  });
  machines = [
    ['an API key', { 'x-api-key': made.body.secret, 'x-user-id': customer }],
    ['a token', { authorization: `Bearer ${on.token('8', 'SERVICE', 'admin')}`, 'x-user-id': customer }],
  ];
  const body = await resolvedDocument(on);
  rows = Object.entries<Readonly<Record<string, Operation>>>(body.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
});
afterAll(() => on.stop());

/** Names what belongs to the other customer wherever the operation takes an id of such a thing: in path, query and body. */
function requestOf({ path, operation: { parameters, requestBody } }: Row) {
  let namesOther = false;
  const idOf = (name: string): string => {
    namesOther ||= name in ids;
    return ids[name] ?? '7330011234567890';
  };
  const concrete = path.replace(/\{(\w+)\}/g, (_, name: string) => idOf(name));
  const takesUser = parameters.some(({ name, in: place }) => place === 'query' && name === 'userId');
  const query = takesUser ? `?userId=${idOf('userId')}` : '';
  const media = requestBody?.content['application/json'];
  if (media === undefined) return { path: concrete + query, json: undefined, namesOther };
  const properties = Object.keys(media.schema.properties ?? {});
  const named = properties.filter((name) => name in ids && name !== 'reservationId');
  const json = { ...media.example, ...Object.fromEntries(named.map((name) => [name, idOf(name)])) };
  return { path: concrete + query, json, namesOther };
}

const takesStream = ({ path }: Row): boolean => /\/(stream|events)$/.test(path);
const isOfUsers = ({ operation: { security } }: Row): boolean =>
  security.some((each) => 'apiKey' in each) && !security.some((each) => Object.keys(each).length === 0);
const stateOfOther = async () => [
  await shop.points(other),
  await shop.couponStatus(other, ids['couponId'] ?? ''),
  (await shop.order(other, ids['orderId'] ?? '')).status,
];

describe('a machine that acts for a customer', () => {
  it('docs/attacks.md 85: gets from every operation what the customer gets with a token, and nothing of another customer', async () => {
    const before = await stateOfOther();
    const asked = rows.filter((row) => isOfUsers(row) && !takesStream(row));
    expect(asked.length).toBeGreaterThan(80);
    const refusedOf: string[] = [];
    for (const row of asked) {
      const { path, json, namesOther } = requestOf(row);
      const ask = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
        on.call(row.method, path, {
          headers: { ...headers, 'idempotency-key': `k-acting-${++keys}` },
          ...(json !== undefined && { json }),
        });
      const [expected, ...said] = [
        await ask({ authorization: `Bearer ${on.token(customer)}` }),
        ...(await Promise.all(machines.map(([, headers]) => ask(headers)))),
      ];
      const seen = ({ status, body }: Answer) => [row.name, status, body?.code];
      for (const answer of said) expect(seen(answer)).toEqual(seen(expected));
      if (namesOther) {
        expect([row.name, expected.status]).toEqual([row.name, expect.toBeOneOf([403, 404, 400])]);
        refusedOf.push(row.name);
      }
    }
    expect(refusedOf).toEqual(
      expect.arrayContaining([
        'GET /api/v1/points/users/{userId}/balance',
        'GET /api/v1/coupons/users/{userId}',
        'GET /api/v1/coupons/{couponId}',
        'GET /api/v1/orders/{orderId}',
        'GET /api/v1/payments/{paymentId}',
        'GET /api/v1/points/charges/{chargeId}',
        'POST /api/v1/points/use',
        'POST /api/v1/points/charge',
        'POST /api/v1/points/cancel',
        'POST /api/v1/coupons/{couponId}/use',
        'POST /api/v1/orders/{orderId}/cancel',
        'POST /api/v1/orders',
        'POST /api/v1/payments',
      ]),
    );
    expect(await stateOfOther()).toEqual(before);
  });

  it('docs/attacks.md 85: by an API key or a token, may do for the customer what the customer may do', async () => {
    const couponId = await shop.coupon(customer);
    const shown = await shop.post(customer, 'coupons/redeem', { redemptionCode: '0000-0000-0000-00' });
    for (const [, headers] of machines) {
      const ask = (method: string, path: string, json?: object) =>
        on.call(method, `/api/v1/${path}`, {
          headers: { ...headers, 'idempotency-key': `k-own-${++keys}` },
          ...(json !== undefined && { json }),
        });
      const balance = await ask('GET', `points/users/${customer}/balance`);
      const used = await ask('POST', 'points/use', { amount: 10, userId: customer });
      const coupon = await ask('GET', `coupons/${couponId}`);
      const charged = await ask('POST', 'points/charge', { amount: 10 });
      expect([balance.status, used.status, coupon.status]).toEqual([200, 200, 200]);
      // A customer pays for the points.
      expect([charged.status, charged.body.status]).toEqual([201, 'PENDING']);
      const redeemed = await ask('POST', 'coupons/redeem', { redemptionCode: '0000-0000-0000-00' });
      expect([redeemed.status, redeemed.body.code]).toEqual([shown.status, shown.body.code]);
    }
  });

  it.each(['0', '-1', 'abc', '9223372036854775808', '12,13'])(
    'is not authenticated when X-User-Id is %s',
    async (named) => {
      for (const [, headers] of machines) {
        const { status, body } = await on.call('GET', `/api/v1/points/users/${customer}/balance`, {
          headers: { ...headers, 'x-user-id': named },
        });
        expect([status, body.reason]).toEqual([401, 'ACTING_USER_MALFORMED']);
      }
    },
  );
});
