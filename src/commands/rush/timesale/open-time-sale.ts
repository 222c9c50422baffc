import { DAY_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { type AdminPost, textField } from '../admin.ts';
import { createProduct } from '../create-product.ts';

export const SALE_PRICE = 9_900;

/** Creates a product with this many units, and an open time sale of all of them. Returns the sale's id. */
export async function openTimeSale(
  post: AdminPost,
  { units, limitPerUser, nowMs }: { readonly units: number; readonly limitPerUser: number; readonly nowMs: number },
): Promise<string> {
  const productId = await createProduct(post, units, nowMs);
  const created = await post('/api/v1/time-sales', {
    productId,
    salePrice: SALE_PRICE,
    quantity: units,
    limitPerUser,
    startsAt: new Date(nowMs - MINUTE_MS).toISOString(),
    endsAt: new Date(nowMs + DAY_MS).toISOString(),
  });
  return textField(created, 'timeSaleId');
}
