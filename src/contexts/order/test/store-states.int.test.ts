import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../platform/kernel/contract.ts';
import { ADMIN, type CatalogFixture, catalogFixture, codeOf, resultIn } from './catalog-fixture.ts';

const OWNER: Principal = { userId: 7n, role: 'OWNER' };

let on: CatalogFixture;
beforeEach(async () => {
  on = await catalogFixture();
});
afterEach(() => on.close());

const stateOf = async (id: bigint, principal?: Principal): Promise<string | undefined> => {
  const found = await on.getProduct({ productId: id, principal });
  return codeOf(found) ?? resultIn(found).status;
};
const listed = async (): Promise<readonly bigint[]> =>
  (await on.listProducts({ pageNumber: 1, page: undefined, principal: undefined })).products.map(({ id }) => id);

describe('the products of a store that closes', () => {
  it('they are taken off sale with their time sales, and come back when the store opens again', async () => {
    const { id } = await on.product({ principal: OWNER });
    const other = await on.product();
    const sale = await on.timeSale({ productId: id });
    const storeId = await on.storeOf(7n);
    await on.storeEvent('store.closed', storeId, 2);
    expect([await stateOf(id), await stateOf(id, OWNER), await stateOf(other.id)]).toEqual([
      'PRODUCT_NOT_FOUND',
      'HIDDEN',
      'ON_SALE',
    ]);
    expect(await listed()).toEqual([other.id]);
    const found = await on.getTimeSale({ timeSaleId: sale.id, principal: undefined });
    expect(codeOf(found)).toBe('TIME_SALE_NOT_FOUND');
    expect((await on.listTimeSales({ status: undefined, page: undefined })).timeSales).toEqual([]);
    await on.storeEvent('store.opened', storeId, 3);
    expect([await stateOf(id), await listed()]).toEqual(['ON_SALE', [other.id, id]]);
  });

  it('a repeated or late closing changes nothing after the store was opened again', async () => {
    const { id } = await on.product({ principal: OWNER });
    const storeId = await on.storeOf(7n);
    for (const [topic, version] of [
      ['store.closed', 2],
      ['store.opened', 3],
      ['store.closed', 2],
    ] as const)
      await on.storeEvent(topic, storeId, version);
    expect(await stateOf(id)).toBe('ON_SALE');
    await on.storeEvent('store.closed', storeId, 4);
    expect(await stateOf(id)).toBe('PRODUCT_NOT_FOUND');
  });

  it('a product that is created in a closed store is not for sale', async () => {
    const storeId = await on.storeOf(7n);
    await on.storeEvent('store.closed', storeId, 2);
    const { id, status } = await on.product({ principal: OWNER });
    expect([status, await stateOf(id)]).toEqual(['HIDDEN', 'PRODUCT_NOT_FOUND']);
    await on.storeEvent('store.opened', storeId, 3);
    expect(await stateOf(id)).toBe('ON_SALE');
  });

  it('what an owner hid stays hidden when the store opens again, and an edit does not put a product on sale', async () => {
    const { id } = await on.product({ principal: OWNER });
    const shown = await on.product({ principal: OWNER });
    const storeId = await on.storeOf(7n);
    await on.updateProduct({ principal: OWNER, productId: id, version: 1, hidden: true });
    await on.storeEvent('store.closed', storeId, 2);
    await on.updateProduct({ principal: OWNER, productId: shown.id, version: 1, hidden: false, price: 900n });
    expect(await stateOf(shown.id)).toBe('PRODUCT_NOT_FOUND');
    await on.storeEvent('store.opened', storeId, 3);
    expect([await stateOf(id, ADMIN), await stateOf(shown.id)]).toEqual(['HIDDEN', 'ON_SALE']);
  });

  it('more products than one transaction changes are all taken off sale', async () => {
    const { id } = await on.product({ principal: OWNER });
    await on.sql(
      `insert into orders.products select (jsonb_populate_record(first, jsonb_build_object('id', n))).*
       from orders.products as first, generate_series(1, 450) as n where first.id = $1`,
      [id],
    );
    await on.storeEvent('store.closed', await on.storeOf(7n), 2);
    expect((await on.sql('select count(*)::int as n from orders.products where not store_closed')).rows).toEqual([
      { n: 0 },
    ]);
  });

  it('a closing waits for the lock of a product, and an edit meanwhile is not undone', async () => {
    const { id } = await on.product({ principal: OWNER });
    const storeId = await on.storeOf(7n);
    const lock = await on.lockProduct(id);
    const closing = on.storeEvent('store.closed', storeId, 2);
    await lock.awaited();
    await lock.release();
    await closing;
    expect(await stateOf(id)).toBe('PRODUCT_NOT_FOUND');
  });
});
