import type { Clock } from '../../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CreateProductRequest } from '../../api.ts';
import { type ProductResponse, stored } from '../../api.ts';
import type { Product } from '../../domain/catalog/product.ts';
import { checkProduct } from '../../domain/catalog/product-terms.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogStore } from './ports.ts';
import { toProductResponse } from './views.ts';

/** Creates a product, which belongs to the user who creates it. */
export const createProduct =
  (store: CatalogStore, clock: Clock, nextId: IdSource) =>
  async (request: CreateProductRequest): Promise<ProductResponse> => {
    const { principal, name, description, price, stock, storeId, commandKey } = request;
    if (!principal || (!isOperator(principal.role) && principal.role !== 'OWNER'))
      return toRefusalResponse(refuse('FORBIDDEN'));
    const invalid = checkProduct({ name, description, price }, stock);
    if (invalid) return toRefusalResponse(invalid);
    const nowMs = clock();
    const product: Product = {
      id: nextId(),
      name,
      description,
      price,
      supplied: stock,
      stock,
      reserved: 0,
      sold: 0,
      storeId: storeId ?? null,
      hidden: false,
      createdBy: principal.userId,
      version: 1,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const respond = (inserted: Product) => toProductResponse({ product: inserted, activeTimeSale: null }, nowMs);
    const responding = { type: stored.ProductResponse, refused: toRefusalResponse, respond };
    return await executeOnce(commandKey, responding, (idempotency) => store.insertProduct(product, idempotency));
  };
