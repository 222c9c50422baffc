import { ProductResponse } from '../../../gen/stampede/order/v1/order.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { executeOnce } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CreateProductRequest } from '../api.ts';
import type { Product } from '../domain/product.ts';
import { checkProduct } from '../domain/product-terms.ts';
import { productAnswer, refusal } from './goods-answers.ts';
import type { GoodsStore } from './goods-ports.ts';

/** Puts a product on sale. It belongs to who made it. */
export const createProduct =
  (store: GoodsStore, clock: Clock, nextId: IdSource) =>
  async (request: CreateProductRequest): Promise<ProductResponse> => {
    const { principal, name, description, price, stock, storeId, commandKey } = request;
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
    const respond = (inserted: Product) => productAnswer({ product: inserted, activeTimeSale: null }, nowMs);
    const responding = { type: ProductResponse, refused: refusal, respond };
    return await executeOnce(commandKey, responding, (keep) => store.insertProduct(product, keep));
  };
