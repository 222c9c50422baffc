import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../platform/kernel/contract.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { ADMIN, type CatalogFixture, catalogFixture, codeOf, fieldsOf, NOW_MS, resultIn } from './catalog-fixture.ts';

const OWNER: Principal = { userId: 7n, role: 'OWNER' };
const OTHER: Principal = { userId: 8n, role: 'OWNER' };
const CUSTOMER: Principal = { userId: 9n, role: 'CUSTOMER' };

let on: CatalogFixture;
beforeEach(async () => {
  on = await catalogFixture();
});
afterEach(() => on.close());

describe('products', () => {
  it('a product is created by those who may sell, and shown as it was created', async () => {
    const made = await on.product({ principal: OWNER, stock: 0 });
    const storeId = await on.storeOf(7n);
    expect(made).toMatchObject({ price: 1_000n, stock: 0, status: 'SOLD_OUT', version: 1, storeId, createdBy: 7n });
    expect(resultIn(await on.getProduct({ productId: made.id, principal: undefined }))).toEqual(made);
    for (const principal of [CUSTOMER, undefined, OWNER, OTHER]) {
      const asked = { principal, name: 'Chair', description: '', price: 1n, stock: 1 };
      expect(codeOf(await on.createProduct(asked))).toBe('FORBIDDEN');
    }
  });

  it('an owner sells by their own stores only, and no user by a store that does not exist', async () => {
    const storeId = await on.storeOf(7n);
    const ask = async (principal: Principal, of: bigint | undefined) =>
      codeOf(await on.createProduct({ principal, name: 'Chair', description: '', price: 1n, stock: 1, storeId: of }));
    expect([await ask(OWNER, undefined), await ask(OTHER, storeId), await ask(OWNER, 99n)]).toEqual(
      Array(3).fill('FORBIDDEN'),
    );
    expect([await ask(ADMIN, 99n), await ask(ADMIN, storeId), await ask(OWNER, storeId)]).toEqual([
      'STORE_NOT_FOUND',
      undefined,
      undefined,
    ]);
  });

  it.each([
    { price: 0n },
    { price: 1_000_000_001n },
    { stock: -1 },
    { stock: 1.5 },
    { stock: 1_000_000_001 },
    { name: ' ' },
    { name: 'a\nb' },
    { description: 'x'.repeat(2_001) },
  ])('a product with %o is refused', async (changes) => {
    const asked = { principal: ADMIN, name: 'Chair', description: '', price: 1_000n, stock: 1, ...changes };
    const answer = await on.createProduct(asked);
    expect([codeOf(answer), fieldsOf(answer)]).toEqual(['VALIDATION_FAILED', Object.keys(changes)]);
  });

  it('a product is edited by its owner and by administrators, field by field', async () => {
    const { id } = await on.product({ principal: OWNER });
    const edit = { productId: id, version: 1, price: 900n };
    for (const principal of [OTHER, CUSTOMER, undefined]) {
      expect(codeOf(await on.updateProduct({ ...edit, principal }))).toBe('FORBIDDEN');
    }
    const edited = resultIn(await on.updateProduct({ ...edit, principal: OWNER }));
    expect(edited).toMatchObject({ name: 'Chair', price: 900n, stock: 100, version: 2 });
    const again = resultIn(await on.updateProduct({ principal: ADMIN, productId: id, version: 2, addStock: -40 }));
    expect(again).toMatchObject({ stock: 60, price: 900n, version: 3 });
    expect(await on.units(id)).toEqual({ supplied: 60, stock: 60, reserved: 0, sold: 0 });
    expect(codeOf(await on.updateProduct({ ...edit, principal: ADMIN, productId: 1n }))).toBe('PRODUCT_NOT_FOUND');
  });

  it('a product that is hidden is visible only to those who may edit it', async () => {
    const { id } = await on.product({ principal: OWNER });
    await on.updateProduct({ principal: OWNER, productId: id, version: 1, hidden: true });
    const listed = async (principal: Principal | undefined) =>
      (await on.listProducts({ pageNumber: 1, page: undefined, principal })).products.map((product) => product.id);
    for (const principal of [OWNER, ADMIN]) {
      expect(resultIn(await on.getProduct({ productId: id, principal })).status).toBe('HIDDEN');
      expect(await listed(principal)).toEqual([id]);
    }
    for (const principal of [OTHER, CUSTOMER, undefined]) {
      expect(codeOf(await on.getProduct({ productId: id, principal }))).toBe('PRODUCT_NOT_FOUND');
      expect(codeOf(await on.updateProduct({ principal, productId: id, version: 2 }))).toBe('PRODUCT_NOT_FOUND');
      expect(await listed(principal)).toEqual([]);
    }
  });

  it('a product changed by two editors accepts one change for each version', async () => {
    const { id } = await on.product();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        on.updateProduct({ principal: ADMIN, productId: id, version: 1, addStock: n + 1 }),
      ),
    );
    const done = answers.flatMap((answer, n) => (codeOf(answer) === undefined ? [n + 1] : []));
    expect(answers.map(codeOf).filter((code) => code === 'OPTIMISTIC_LOCK_FAILURE').length).toBe(7);
    expect(await on.units(id)).toMatchObject({ stock: 100 + (done[0] ?? 0), supplied: 100 + (done[0] ?? 0) });
  });

  it('a product loses no more units than are free', async () => {
    const { id } = await on.product({ stock: 5 });
    await on.sql('update orders.products set stock = 2, reserved = 3 where id = $1', [id]);
    const take = (addStock: number) => on.updateProduct({ principal: ADMIN, productId: id, version: 1, addStock });
    expect(codeOf(await take(-3))).toBe('OUT_OF_STOCK');
    expect(resultIn(await take(-2))).toMatchObject({ stock: 0, reservedStock: 3, status: 'SOLD_OUT' });
  });
});

describe('lists of products', () => {
  it('lists of products are the same by cursor and by page: newest first, 20 a page', async () => {
    const storeId = await on.storeOf(5n);
    for (let n = 0; n < 45; n++) await on.product({ name: `Chair ${n}`, ...(n % 3 === 0 ? { storeId } : {}) });
    const pages: string[][] = [];
    for (const pageNumber of [1, 2, 3, 4]) {
      const { products } = await on.listProducts({ pageNumber, page: undefined, principal: undefined });
      pages.push(products.map(({ name }) => name));
    }
    expect(pages.map((page) => page.length)).toEqual([20, 20, 5, 0]);
    expect(pages.flat()).toEqual(Array.from({ length: 45 }, (_, n) => `Chair ${44 - n}`));
    const byCursor: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const answer = await on.listProducts({ pageNumber: 0, page: { limit: 7, cursor }, principal: undefined });
      byCursor.push(...answer.products.map(({ name }) => name));
      cursor = answer.nextCursor;
    }
    expect(byCursor).toEqual(pages.flat());
    const ofStore = await on.listProducts({ pageNumber: 1, page: undefined, storeId, principal: undefined });
    expect([ofStore.products.length, ofStore.nextCursor]).toEqual([15, undefined]);
    const second = await on.listProducts({ pageNumber: 2, page: undefined, principal: undefined });
    const third = { pageNumber: 0, page: { limit: 20, cursor: second.nextCursor ?? '' }, principal: undefined };
    expect((await on.listProducts(third)).products.map(({ name }) => name)).toEqual(pages[2]);
    for (const pageNumber of [501, -1, 1.5]) {
      expect((await on.listProducts({ pageNumber, page: undefined, principal: undefined })).products).toEqual([]);
    }
  });

  it('lists of products are sorted by the most sold, of all time and of the last days', async () => {
    const ids: bigint[] = [];
    for (let n = 0; n < 4; n++) ids.push((await on.product({ name: `Chair ${n}` })).id);
    const [first, second, third] = ids;
    const sold = async (id: bigint | undefined, day: string, quantity: number) => {
      await on.sql('update orders.products set sold = sold + $2, stock = stock - $2 where id = $1', [id, quantity]);
      await on.sql(`insert into orders.product_daily_sales (day, product_id, quantity) values ($1, $2, $3)`, [
        day,
        id,
        quantity,
      ]);
    };
    // It is 5 January, noon, in Seoul.
    await sold(first, '2026-01-05', 3);
    await sold(second, '2025-12-30', 9);
    await sold(second, '2026-01-04', 1);
    await sold(third, '2025-12-29', 4);
    const popular = async (days?: number, limit = 10) =>
      (await on.listPopularProducts({ limit, ...(days === undefined ? {} : { days }) })).products.map(
        ({ product, quantitySold }) => `${product?.name}: ${quantitySold}`,
      );
    expect(await popular()).toEqual(['Chair 1: 10', 'Chair 2: 4', 'Chair 0: 3']);
    expect(await popular(undefined, 1)).toEqual(['Chair 1: 10']);
    expect(await popular(1)).toEqual(['Chair 0: 3']);
    expect(await popular(2)).toEqual(['Chair 0: 3', 'Chair 1: 1']);
    expect(await popular(7)).toEqual(['Chair 1: 10', 'Chair 0: 3']);
    // Half an hour before midnight in Seoul it is still the day before.
    on.moveTo(Date.parse('2026-01-05T14:59:59.999Z'));
    expect(await popular(1)).toEqual(['Chair 0: 3']);
    on.moveTo(Date.parse('2026-01-05T15:00:00Z'));
    expect(await popular(1)).toEqual([]);
    await on.updateProduct({ principal: ADMIN, productId: second ?? 0n, version: 1, hidden: true });
    expect(await popular()).toEqual(['Chair 2: 4', 'Chair 0: 3']);
    expect(await popular(365)).toEqual(['Chair 2: 4', 'Chair 0: 3']);
  });

  it('lists of products use indexes for popular products and for pages', async () => {
    await on.sql(
      `insert into orders.products (id, name, description, price, supplied, stock, sold, created_by, created_at, updated_at)
       select n, 'p', '', 1, 100000, 100000 - n % 1000, n % 1000, 1, now(), now() from generate_series(1, 20000) n`,
    );
    await on.sql('vacuum analyze orders.products');
    const plan = async (text: string) => {
      const { rows } = await on.sql(`explain (format json) ${text}`);
      return JSON.stringify(rows);
    };
    const popular = await plan(
      'select * from orders.products where not hidden and not store_closed and sold > 0 order by sold desc, id desc limit 10',
    );
    expect(popular).toContain('products_popular_shown');
    expect(popular).not.toContain('"Sort"');
    const page = await plan(
      'select id from orders.products where not hidden and not store_closed order by id desc limit 21 offset 9980',
    );
    expect([page.includes('Index Only Scan'), page.includes('products_shown')]).toEqual([true, true]);
  });
});

it('a product is shown with its ACTIVE time sale, the cheapest when there are several', async () => {
  const { id } = await on.product();
  const shown = async () =>
    resultIn(await on.getProduct({ productId: id, principal: undefined })).activeTimeSale?.salePrice;
  await on.timeSale({ productId: id, salePrice: 800n });
  await on.timeSale({ productId: id, salePrice: 700n, startsAt: new Date(NOW_MS + 1) });
  expect(await shown()).toBe(800n);
  on.moveTo(NOW_MS + 1);
  expect(await shown()).toBe(700n);
  // Less than the price of the sale: the sale is not shown.
  await on.updateProduct({ principal: ADMIN, productId: id, version: 1, price: 600n });
  expect(await shown()).toBe(undefined);
  await on.updateProduct({ principal: ADMIN, productId: id, version: 2, price: 1_000n });
  on.moveTo(NOW_MS + HOUR_MS);
  expect(await shown()).toBe(undefined);
});
