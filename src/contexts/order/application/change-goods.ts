import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import { mayEdit, type Product } from '../domain/product.ts';
import type { GoodsChange, GoodsStore } from './goods-ports.ts';

/**
 * What every edit of a product and its time sales shares: its lock, and whose it is. Refused: FORBIDDEN, PRODUCT_NOT_FOUND;
 * the latter also for a hidden one of somebody else.
 */
export async function changeGoods<Change extends GoodsChange>(
  store: GoodsStore,
  principal: Principal | undefined,
  productId: bigint,
  decide: (product: Product) => Change | Refusal,
): Promise<Change | Refusal> {
  const changed = await store.change(productId, (product) => {
    if (mayEdit(principal, product)) return decide(product);
    return refuse(product.hidden ? 'PRODUCT_NOT_FOUND' : 'FORBIDDEN');
  });
  return changed ?? refuse('PRODUCT_NOT_FOUND');
}
