import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { cutPage, PAGE_DEFAULT, readPage } from '../../../platform/kernel/pages.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { GetProductRequest, ListProductsRequest, ListProductsResponse, ProductResponse } from '../api.ts';
import { mayEdit } from '../domain/product.ts';
import { productAnswer, refusal, shownProduct } from './goods-answers.ts';
import type { GoodsReader, ProductsQuery } from './goods-ports.ts';

/** Pages by number end here, because what they skip has to be walked over: some 4 ms at the last one. Cursors go on. */
const PAGE_NUMBER_MAX = 500;

export const getProduct =
  (reader: GoodsReader, clock: Clock) =>
  async ({ productId, principal }: GetProductRequest): Promise<ProductResponse> => {
    const nowMs = clock();
    const offer = await reader.findProduct(productId, new Date(nowMs));
    if (!offer || (offer.product.hidden && !mayEdit(principal, offer.product))) {
      return refusal(refuse('PRODUCT_NOT_FOUND'));
    }
    return productAnswer(offer, nowMs);
  };

export const listProducts =
  (reader: GoodsReader, clock: Clock) =>
  async ({ pageNumber, page, storeId, principal }: ListProductsRequest): Promise<ListProductsResponse> => {
    const wanted = pageNumber === 0 ? readPage(page) : numberedPage(pageNumber);
    if (!wanted) return { products: [], nextCursor: undefined };
    const nowMs = clock();
    const { limit, before } = wanted;
    const skip = pageNumber === 0 ? 0 : (pageNumber - 1) * limit;
    const filter = { now: new Date(nowMs), storeId, hiddenOf: hiddenOf(principal), before, skip };
    const found = await reader.listProducts({ ...filter, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ product }) => product.id);
    return { products: rows.map((offer) => shownProduct(offer, nowMs)), nextCursor };
  };

const numberedPage = (pageNumber: number): ReturnType<typeof readPage> =>
  Number.isInteger(pageNumber) && pageNumber >= 1 && pageNumber <= PAGE_NUMBER_MAX
    ? { limit: PAGE_DEFAULT, before: undefined }
    : undefined;

/** The same as `mayEdit`, for lists. */
function hiddenOf(principal: Principal | undefined): ProductsQuery['hiddenOf'] {
  if (principal?.role === 'ADMIN') return 'ALL';
  return principal?.role === 'OWNER' ? principal.userId : 'NONE';
}
