import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CreateProductRequest, ProductResponse } from '../api.ts';
import type { Product } from '../domain/product.ts';
import { checkProduct } from '../domain/product-terms.ts';
import { productAnswer, refusal } from './goods-answers.ts';
import type { GoodsStore } from './goods-ports.ts';

/** Puts a product on sale. It belongs to who made it. */
export const createProduct =
  (store: GoodsStore, clock: Clock, nextId: IdSource) =>
  async ({ principal, name, description, price, stock, storeId }: CreateProductRequest): Promise<ProductResponse> => {
    if (principal?.role !== 'ADMIN' && principal?.role !== 'OWNER') return refusal(refuse('FORBIDDEN'));
    const broken = checkProduct({ name, description, price }, stock);
    if (broken) return refusal(broken);
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
    await store.insertProduct(product);
    return productAnswer({ product, activeTimeSale: null }, nowMs);
  };
