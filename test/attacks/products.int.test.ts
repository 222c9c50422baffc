import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/platform/http/access-token.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import { rawRequest } from './raw.ts';
import { type Answer, type Stage, stage, storeOf, testUsers } from './support.ts';

let on: Stage;
const testUser = testUsers();
/** Of the owner. */
let storeId: string;
beforeAll(async () => {
  on = await stage();
  storeId = await storeOf(on, testUser(601));
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const PRODUCTS = '/api/v1/products';
const SALES = '/api/v1/time-sales';
const admin = () => on.token(testUser(1), 'ADMIN');
const owner = (userId = testUser(601)) => on.token(userId, 'OWNER');

const productBody = (changes: object = {}) => ({ name: 'Ceramic mug', price: 1_000, stock: 50, storeId, ...changes });
const saleBody = (productId: string, changes: object = {}) => ({
  productId,
  salePrice: 700,
  quantity: 10,
  startsAt: new Date(on.now() - HOUR_MS).toISOString(),
  endsAt: new Date(on.now() + HOUR_MS).toISOString(),
  ...changes,
});
const post = (path: string, token: string, json: unknown, headers = {}): Promise<Answer> =>
  on.call('POST', path, { token, json, headers });
async function made(token = owner(), changes: object = {}): Promise<string> {
  const { status, text, body } = await post(PRODUCTS, token, productBody(changes));
  if (status !== 201) throw new Error(`no product: ${status} ${text}`);
  return body.productId;
}
const read = async (productId: string, token?: string) =>
  on.call('GET', `${PRODUCTS}/${productId}`, token === undefined ? {} : { token });
const withRaw = (body: object, field: string, raw: string): string =>
  JSON.stringify({ ...body, [field]: '@' }).replace('"@"', raw);

describe('products and time sales', () => {
  it('products and time sales are created, shown, changed and listed', { tags: 'alone' }, async () => {
    const created = await post(PRODUCTS, owner(), productBody());
    expect([created.status, created.body]).toEqual([
      201,
      {
        productId: expect.stringMatching(/^\d+$/),
        name: 'Ceramic mug',
        description: '',
        price: 1_000,
        stock: 50,
        reservedStock: 0,
        soldCount: 0,
        storeId,
        status: 'ON_SALE',
        version: 1,
        activeTimeSale: null,
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      },
    ]);
    const { productId } = created.body;
    const sale = await post(SALES, owner(), saleBody(productId));
    expect([sale.status, sale.body]).toEqual([
      201,
      {
        timeSaleId: expect.stringMatching(/^\d+$/),
        productId,
        productName: 'Ceramic mug',
        salePrice: 700,
        regularPrice: 1_000,
        quantity: 10,
        remaining: 10,
        soldQuantity: 0,
        limitPerUser: 1,
        startsAt: expect.stringMatching(/Z$/),
        endsAt: expect.stringMatching(/Z$/),
        status: 'ACTIVE',
      },
    ]);
    const patched = await on.call('PATCH', `${PRODUCTS}/${productId}`, {
      token: owner(),
      json: { version: 1, price: 900, addStock: 5 },
    });
    const shown = { ...created.body, version: 2, price: 900, stock: 45 };
    const withSale = { ...shown, activeTimeSale: { ...sale.body, regularPrice: 900 }, updatedAt: expect.any(String) };
    expect([patched.status, patched.body]).toEqual([200, withSale]);
    expect((await read(productId)).body).toEqual(withSale);
    expect((await on.call('GET', `${PRODUCTS}?page=1&storeId=${storeId}`)).body).toEqual({
      products: [withSale],
      nextCursor: null,
      hasMore: false,
    });
    expect((await on.call('GET', `${SALES}?status=ACTIVE&limit=1`)).body.timeSales).toEqual([withSale.activeTimeSale]);
    expect((await on.call('GET', `${SALES}/${sale.body.timeSaleId}`)).body).toEqual(withSale.activeTimeSale);
    expect((await on.call('GET', `${PRODUCTS}/popular?limit=10&days=7`)).body).toEqual({ products: [] });
  });

  it('of two edits of one version one succeeds, and the other gets the current version', async () => {
    const productId = await made();
    const change = (price: number) =>
      on.call('PATCH', `${PRODUCTS}/${productId}`, { token: owner(), json: { version: 1, price } });
    const answers = await Promise.all([change(1), change(2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'OPTIMISTIC_LOCK_FAILURE',
      currentVersion: 2,
    });
  });

  it('docs/attacks.md 18: concurrent requests with one key create one product, and one time sale', async () => {
    const key = { 'idempotency-key': 'eighteen' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post(PRODUCTS, owner(), productBody({ name: 'eighteen' }), key)),
    );
    // The first succeeds; while it runs the others get 409, and later ones get its response.
    expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
    const { products } = (await on.call('GET', `${PRODUCTS}?storeId=${storeId}`)).body;
    expect(products.filter(({ name }: { name: string }) => name === 'eighteen').length).toBe(1);
    const productId = answers.find(({ status }) => status === 201)?.body.productId;
    const times = saleBody(productId);
    await Promise.all(Array.from({ length: 5 }, () => post(SALES, owner(), times, { 'idempotency-key': 'sale' })));
    expect((await read(productId)).body.stock).toBe(40);
  });

  it.each(['-1', '0', '1.5', '9007199254740993', '1e309', '"1"', 'null', '1000000001', '[1]', 'true'])(
    'docs/attacks.md 7: %s gets 400 wherever a route takes money or a quantity',
    async (raw) => {
      const productId = await made();
      const asked: (readonly [method: string, path: string, body: object, field: string])[] = [
        ['POST', PRODUCTS, productBody(), 'price'],
        ['POST', SALES, saleBody(productId), 'salePrice'],
        ['POST', SALES, saleBody(productId), 'quantity'],
        ['POST', SALES, saleBody(productId), 'limitPerUser'],
        ['PATCH', `${PRODUCTS}/${productId}`, { version: 1 }, 'price'],
      ];
      // Nothing in stock is a stock, and to take one unit away is a change.
      if (raw !== '0') asked.push(['POST', PRODUCTS, productBody(), 'stock']);
      if (!['0', '-1'].includes(raw)) asked.push(['PATCH', `${PRODUCTS}/${productId}`, { version: 1 }, 'addStock']);
      for (const [method, path, body, field] of asked) {
        const answer = await on.call(method, path, { token: owner(), text: withRaw(body, field, raw) });
        expect([path, field, answer.status, answer.body.code]).toEqual([path, field, 400, 'VALIDATION_FAILED']);
      }
      expect((await read(productId)).body).toMatchObject({ version: 1, price: 1_000, stock: 50 });
    },
  );

  it.each([
    'soldCount',
    'reservedStock',
    'status',
    'createdBy',
    'version',
    'productId',
    'id',
    'supplied',
    'remaining',
    'soldQuantity',
    'role',
    'userId',
  ])('docs/attacks.md 8: a client that sends %s of its own is refused', async (field) => {
    const productId = await made();
    const asks: (readonly [string, string, object])[] = [
      ['POST', PRODUCTS, productBody()],
      ['POST', SALES, saleBody(productId)],
      ['PATCH', `${PRODUCTS}/${productId}`, { version: 1, price: 5 }],
    ];
    for (const [method, path, body] of asks) {
      if (field in body) continue;
      const answer = await on.call(method, path, { token: owner(), json: { ...body, [field]: 1 } });
      expect([method, path, answer.status]).toEqual([method, path, 400]);
    }
    expect((await read(productId)).body).toMatchObject({ version: 1, price: 1_000, stock: 50 });
  });

  it('docs/attacks.md 10: a sale whose end has passed by the server’s clock is refused', async () => {
    const productId = await made();
    for (const changes of [
      { endsAt: new Date(on.now() - 1).toISOString() },
      { startsAt: '2099-01-01T00:00:00Z' },
      { startsAt: 'yesterday' },
      { endsAt: 4102444800000 },
    ]) {
      expect((await post(SALES, owner(), saleBody(productId, changes))).status).toBe(400);
    }
    expect((await read(productId)).body.stock).toBe(50);
  });

  it('docs/attacks.md 32: an owner changes their own products only, and cannot see hidden ones of another owner', async () => {
    const productId = await made(owner(testUser(611)), { storeId: await storeOf(on, testUser(611)) });
    const stranger = owner(testUser(612));
    const change = { version: 1, price: 1 };
    const asks = () => [
      on.call('PATCH', `${PRODUCTS}/${productId}`, { token: stranger, json: change }),
      post(SALES, stranger, saleBody(productId)),
    ];
    for (const { status, body } of await Promise.all(asks())) expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
    const sale = await post(SALES, owner(testUser(611)), saleBody(productId));
    const hide = { version: 1, hidden: true };
    await on.call('PATCH', `${PRODUCTS}/${productId}`, { token: owner(testUser(611)), json: hide });
    const bodies = new Set<string>();
    for (const id of [productId, '999999']) {
      const answers = await Promise.all([
        on.call('PATCH', `${PRODUCTS}/${id}`, { token: stranger, json: change }),
        post(SALES, stranger, saleBody(id)),
        read(id, stranger),
        read(id),
      ]);
      for (const { status, body } of answers) {
        expect([id, status, body.code]).toEqual([id, 404, 'PRODUCT_NOT_FOUND']);
        bodies.add(JSON.stringify({ ...body, instance: '', requestId: '' }));
      }
    }
    expect(bodies.size).toBe(1);
    for (const tail of ['', '/stream']) {
      const path = `${SALES}/${sale.body.timeSaleId}${tail}`;
      expect((await on.call('GET', path, { token: stranger })).body.code).toBe('TIME_SALE_NOT_FOUND');
    }
    for (const path of [`${PRODUCTS}?limit=100`, `${PRODUCTS}?page=1`, `${SALES}?limit=100`]) {
      expect((await on.call('GET', path, { token: stranger })).text).not.toContain(productId);
    }
    expect((await read(productId, owner(testUser(611)))).body.status).toBe('HIDDEN');
    expect((await read(productId, admin())).body.status).toBe('HIDDEN');
  });

  it('docs/attacks.md 33: customers, machines without a scope and anonymous callers cannot change products, with any method', async () => {
    const productId = await made();
    const before = (await read(productId)).body;
    const roles: Role[] = ['CUSTOMER', 'SERVICE'];
    const asks: (readonly [string, string, object])[] = [
      ['POST', PRODUCTS, productBody()],
      ['POST', SALES, saleBody(productId)],
      ['PATCH', `${PRODUCTS}/${productId}`, { version: 1, price: 1 }],
    ];
    for (const [method, path, json] of asks) {
      for (const role of roles) {
        const { status, body } = await on.call(method, path, { token: on.token(testUser(601), role), json });
        const code = role === 'SERVICE' ? 'SCOPE_MISSING' : 'FORBIDDEN';
        expect([method, path, role, status, body.code]).toEqual([method, path, role, 403, code]);
      }
      expect((await on.call(method, path, { json })).status).toBe(401);
    }
    for (const method of ['PUT', 'DELETE', 'POST']) {
      for (const path of [`${PRODUCTS}/${productId}`, `${PRODUCTS}/popular`, `${SALES}/1`, `${SALES}/1/stream`]) {
        expect((await on.call(method, path, { token: admin(), json: {} })).status, `${method} ${path}`).toBe(405);
      }
    }
    expect((await read(productId)).body).toEqual(before);
  });

  it.each([
    '/api/v1/%70roducts',
    '/api/v1/%2570roducts',
    '//api/v1/products',
    '/api/v1/products/',
    '/api/v1/products;x=1',
    '/api/v1/PRODUCTS',
    '/api/v1/./products',
    '/api/v1/x/../products',
    '/api/v1/time%2dsales',
    '/api/v1/Time-Sales',
  ])('docs/attacks.md 34: the path %s is refused like its plain spelling', async (path) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '0' };
    const anonymous = await rawRequest(on.url, 'POST', path, headers);
    const customer = await rawRequest(on.url, 'POST', path, {
      ...headers,
      Authorization: `Bearer ${on.token(testUser(602))}`,
    });
    expect([400, 401, 404]).toContain(anonymous.status);
    expect([400, 403, 404]).toContain(customer.status);
  });

  it.each(['"__proto__":{"role":"ADMIN"}', '"constructor":{"prototype":1}', '"\\u005f_proto__":1', '"prototype":1'])(
    'docs/attacks.md 35: a body with %s gets 400',
    async (member) => {
      const productId = await made();
      const asks: (readonly [string, string, object])[] = [
        ['POST', PRODUCTS, productBody()],
        ['POST', SALES, saleBody(productId)],
        ['PATCH', `${PRODUCTS}/${productId}`, { version: 1, price: 5 }],
      ];
      for (const [method, path, body] of asks) {
        const text = JSON.stringify(body).replace('{', `{${member},`);
        const answer = await on.call(method, path, { token: owner(), text });
        expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 400, 'VALIDATION_FAILED']);
      }
    },
  );

  it('docs/attacks.md 36: every caller gets the same fields of a product, exactly the documented ones', async () => {
    const productId = await made();
    const document = await resolvedDocument(on);
    const { schema } = document.paths['/api/v1/products/{id}'].get.responses[200].content['application/json'];
    const documented = Object.keys(schema.properties).sort();
    const answers = await Promise.all(
      [undefined, on.token(testUser(603)), owner(testUser(604)), admin()].map((token) => read(productId, token)),
    );
    for (const { body } of answers) expect(Object.keys(body).sort()).toEqual(documented);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    // As a value: the digits may be part of an id.
    expect(answers[0]?.text).not.toMatch(/\b601\b/);
  });

  it('docs/attacks.md 39: repeated and unknown parameters, arrays for scalars and incomplete pages get 400', async () => {
    for (const query of [
      'products?page=1&page=2',
      'products?page[]=1',
      'products?page=1&limit=5',
      'products?page=1&cursor=MQ',
      'products?cursor=%0a',
      'products?unknown=1',
      'products?storeId=abc',
      'products/popular?days=0',
      'products/popular?days=366',
      'products/popular?days=7&days=8',
      'products/popular?cursor=MQ',
      'time-sales?status=OPEN',
      'time-sales?status=ACTIVE&status=ENDED',
      'time-sales?status[]=ACTIVE',
      'time-sales/1?x=1',
      'time-sales/1/stream?x=1',
      'products/abc',
      'time-sales/-1',
      'products/9223372036854775808',
    ]) {
      const answer = await on.call('GET', `/api/v1/${query}`);
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'VALIDATION_FAILED']);
    }
    for (const json of [[], 'text', 1, { ...productBody(), name: ['a'] }, { ...productBody(), price: [1] }]) {
      expect((await post(PRODUCTS, owner(), json)).status).toBe(400);
    }
    expect((await on.call('PATCH', `${PRODUCTS}/1`, { token: owner(), json: { version: 1 } })).status).toBe(400);
  });

  it('docs/attacks.md 49: a page of 10^9, by size or by number, gets 400, and a foreign cursor returns an empty page', async () => {
    for (const query of ['limit=1000000000', 'limit=0', 'limit=101', 'page=1000000000', 'page=0', 'page=501']) {
      expect((await on.call('GET', `${PRODUCTS}?${query}`)).status, query).toBe(400);
    }
    expect((await on.call('GET', `${SALES}?limit=101`)).status).toBe(400);
    expect((await on.call('GET', `${PRODUCTS}/popular?limit=101`)).status).toBe(400);
    expect((await on.call('GET', `${PRODUCTS}?page=500`)).body).toEqual({
      products: [],
      nextCursor: null,
      hasMore: false,
    });
    expect((await on.call('GET', `${PRODUCTS}?cursor=bm90IG91cnM`)).body.products).toEqual([]);
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'); drop table orders.products; --",
    '{{7*7}}',
  ])(
    'docs/attacks.md 54: the name %s is stored as it is, and returned as JSON that no browser shows as a page',
    async (name) => {
      const productId = await made(owner(), { name, description: name });
      const answer = await read(productId);
      expect([answer.body.name, answer.body.description]).toEqual([name, name]);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    },
  );

  it.each(['a\r\nX: 1', 'a\u0000b', '\ud800', ' ', ''])(
    'docs/attacks.md 38: a name like %j is refused',
    async (name) => {
      const answer = await post(PRODUCTS, owner(), productBody({ name }));
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'name']);
    },
  );
});
