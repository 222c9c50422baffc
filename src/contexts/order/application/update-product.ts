import { ProductResponse } from '../../../gen/stampede/order/v1/order.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { isRefusal } from '../../../platform/kernel/refusal.ts';
import type { UpdateProductRequest } from '../api.ts';
import { editProduct } from '../domain/product-terms.ts';
import { changeGoods } from './change-goods.ts';
import { productAnswer } from './goods-answers.ts';
import type { GoodsReader, GoodsStore } from './goods-ports.ts';

/** Changes the version of a product that the caller has seen. */
export const updateProduct =
  (store: GoodsStore, reader: GoodsReader, clock: Clock) =>
  async (request: UpdateProductRequest): Promise<ProductResponse> => {
    const nowMs = clock();
    const offer = await reader.findProduct(request.productId, new Date(nowMs));
    const edit = (product: Parameters<typeof editProduct>[0]) => {
      const edited = editProduct(product, request, nowMs);
      return isRefusal(edited) ? edited : { product: edited };
    };
    return await changeGoods(store, request, edit, {
      type: ProductResponse,
      respond: ({ product }) => productAnswer({ product, activeTimeSale: offer?.activeTimeSale ?? null }, nowMs),
    });
  };
