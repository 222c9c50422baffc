import type { Clock } from '../../../../platform/kernel/clock.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { cutPage, PAGE_DEFAULT, readPage } from '../../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type Manager, managerOf, type StoreChecks } from '../../../store/api.ts';
import type { GetProductRequest, ListProductsRequest, ListProductsResponse, ProductResponse } from '../../api.ts';
import { isHidden, mayEdit } from '../../domain/catalog/product.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogReader, ProductsQuery } from './ports.ts';
import { toProductResponse, toProductView } from './views.ts';

/** The last page by number, because PostgreSQL walks over the skipped rows: about 4 ms at this page. Cursors have no limit. */
const PAGE_NUMBER_MAX = 500;

export const getProduct =
  (reader: CatalogReader, stores: StoreChecks, clock: Clock) =>
  async ({ productId, principal }: GetProductRequest): Promise<ProductResponse> => {
    const nowMs = clock();
    const listed = await reader.findProduct(productId, new Date(nowMs));
    if (!listed || (isHidden(listed.product) && !mayEdit(await managerOf(stores, principal), listed.product))) {
      return toRefusalResponse(refuse('PRODUCT_NOT_FOUND'));
    }
    return toProductResponse(listed, nowMs);
  };

export const listProducts =
  (reader: CatalogReader, stores: StoreChecks, clock: Clock) =>
  async ({ pageNumber, page, storeId, principal, mayLag }: ListProductsRequest): Promise<ListProductsResponse> => {
    const query = pageNumber === 0 ? readPage(page) : numberedPage(pageNumber);
    if (!query) return { products: [], nextCursor: undefined };
    const nowMs = clock();
    const { limit, before } = query;
    const skip = pageNumber === 0 ? 0 : (pageNumber - 1) * limit;
    const filter = {
      now: new Date(nowMs),
      storeId,
      hiddenOf: hiddenOf(await managerOf(stores, principal)),
      mayLag,
      before,
      skip,
    };
    const found = await reader.listProducts({ ...filter, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ product }) => product.id);
    return { products: rows.map((listed) => toProductView(listed, nowMs)), nextCursor };
  };

const numberedPage = (pageNumber: number): ReturnType<typeof readPage> =>
  Number.isInteger(pageNumber) && pageNumber >= 1 && pageNumber <= PAGE_NUMBER_MAX
    ? { limit: PAGE_DEFAULT, before: undefined }
    : undefined;

/** The rule of `mayEdit` for lists. */
const hiddenOf = (manager: Manager | undefined): ProductsQuery['hiddenOf'] =>
  isOperator(manager?.role) ? 'ALL' : [...(manager?.stores ?? [])];
