import type { Clock } from '../../../../platform/kernel/clock.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import { type ProductResponse, stored, type UpdateProductRequest } from '../../api.ts';
import { editProduct } from '../../domain/catalog/product-terms.ts';
import { type CatalogChanges, changeUnderProductLock } from './change-product.ts';
import type { CatalogReader } from './ports.ts';
import { toProductResponse } from './views.ts';

/** Edits the version of a product that the caller has read. */
export const updateProduct =
  (changes: CatalogChanges, reader: CatalogReader, clock: Clock) =>
  async (request: UpdateProductRequest): Promise<ProductResponse> => {
    const listed = await reader.findProduct(request.productId, new Date(clock()));
    const edit = (product: Parameters<typeof editProduct>[0], nowMs: number) => {
      const edited = editProduct(product, request, nowMs);
      return isRefusal(edited) ? edited : { product: edited, nowMs };
    };
    return await changeUnderProductLock(changes, request, edit, {
      type: stored.ProductResponse,
      respond: ({ product, nowMs }) =>
        toProductResponse({ product, activeTimeSale: listed?.activeTimeSale ?? null }, nowMs),
    });
  };
