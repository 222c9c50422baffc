import type { Clock } from '../../../platform/kernel/clock.ts';
import { isRefusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { ProductResponse, UpdateProductRequest } from '../api.ts';
import { editProduct } from '../domain/product-terms.ts';
import { changeGoods } from './change-goods.ts';
import { productAnswer, refusal } from './goods-answers.ts';
import type { GoodsReader, GoodsStore } from './goods-ports.ts';

/** Changes the version of a product that the caller has seen. */
export const updateProduct =
  (store: GoodsStore, reader: GoodsReader, clock: Clock) =>
  async ({ principal, productId, ...edit }: UpdateProductRequest): Promise<ProductResponse> => {
    const nowMs = clock();
    const changed = await changeGoods(store, principal, productId, (product) => {
      const edited = editProduct(product, edit, nowMs);
      return isRefusal(edited) ? edited : { product: edited };
    });
    if (isRefusal(changed)) return refusal(changed);
    const { product } = changed;
    const offer = await reader.findProduct(productId, new Date(nowMs));
    if (!offer) return refusal(refuse('PRODUCT_NOT_FOUND'));
    return productAnswer({ ...offer, product }, nowMs);
  };
