import { type AdminPost, textField } from './admin.ts';

export const PRICE = 12_000;

/** Creates a product of `PRICE`. Returns its id. */
export async function createProduct(post: AdminPost, stock: number, nowMs: number): Promise<string> {
  const name = `Rush of ${new Date(nowMs).toISOString()}`;
  return textField(await post('/api/v1/products', { name, description: '', price: PRICE, stock }), 'productId');
}
