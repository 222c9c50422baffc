import type { OrderService, Product, TimeSale } from '../../contexts/order/api.ts';
import { PAGE_MAX } from '../../platform/kernel/pages.ts';
import type { Refusal } from '../../platform/kernel/refusal.ts';
import { type DemoProduct, demoProducts } from './demo-products.ts';

const DESCRIPTION = 'Demo data';

type Goods = Pick<OrderService, 'createProduct' | 'getProduct' | 'listProducts' | 'createTimeSale' | 'listTimeSales'>;
type Seeder = { readonly userId: bigint; readonly role: string };

export interface SeededProduct {
  readonly product: Product;
  /** The created time sale; absent when the product has none or existed already. */
  readonly timeSale?: TimeSale;
  readonly added: boolean;
}

/**
 * Adds the demo products with their time sales, through the public operations. A product of an earlier run is not changed; if that run was
 * interrupted before it created the time sale, this run creates it.
 * @throws Error when the context refuses what should be acceptable
 */
export async function seedProducts(order: Goods, principal: Seeder, nowMs: number): Promise<readonly SeededProduct[]> {
  const demo = demoProducts(nowMs);
  const present = await productsByName(order, principal, new Set(demo.map(({ name }) => name)));
  const onSale = await productsWithSales(order, new Set([...present.values()].map(({ id }) => id)));
  const seeded: SeededProduct[] = [];
  for (const wanted of demo) {
    const there = present.get(wanted.name);
    const product = there ?? (await addProduct(order, principal, wanted));
    // The time sales of hidden products are not listed.
    const isComplete = onSale.has(product.id) || product.status === 'HIDDEN';
    const timeSale = isComplete ? undefined : await addTimeSale(order, principal, product.id, wanted);
    const shown = timeSale ? await readAgain(order, principal, product.id) : product;
    seeded.push({ product: shown, ...(timeSale && { timeSale }), added: there === undefined });
  }
  return seeded;
}

async function productsByName(
  order: Goods,
  principal: Seeder,
  names: ReadonlySet<string>,
): Promise<Map<string, Product>> {
  const found = new Map<string, Product>();
  let cursor = '';
  do {
    const page = await order.listProducts({ pageNumber: 0, page: { limit: PAGE_MAX, cursor }, principal });
    for (const product of page.products) {
      if (product.description === DESCRIPTION && names.has(product.name)) found.set(product.name, product);
    }
    cursor = page.nextCursor ?? '';
  } while (cursor !== '' && found.size < names.size);
  return found;
}

/** Which of these products have, or had, a time sale. */
async function productsWithSales(order: Goods, productIds: ReadonlySet<bigint>): Promise<ReadonlySet<bigint>> {
  const found = new Set<bigint>();
  if (productIds.size === 0) return found;
  let cursor = '';
  do {
    const page = await order.listTimeSales({ page: { limit: PAGE_MAX, cursor } });
    for (const { productId } of page.timeSales) if (productIds.has(productId)) found.add(productId);
    cursor = page.nextCursor ?? '';
  } while (cursor !== '' && found.size < productIds.size);
  return found;
}

async function addProduct(order: Goods, principal: Seeder, { name, price, stock }: DemoProduct): Promise<Product> {
  const { outcome } = await order.createProduct({ principal, name, description: DESCRIPTION, price, stock });
  if (outcome?.$case === 'product') return outcome.value;
  throw refusedUnexpectedly(name, outcome?.value);
}

async function addTimeSale(
  order: Goods,
  principal: Seeder,
  productId: bigint,
  { name, timeSale }: DemoProduct,
): Promise<TimeSale | undefined> {
  if (!timeSale) return undefined;
  const { outcome } = await order.createTimeSale({ principal, productId, ...timeSale });
  if (outcome?.$case === 'timeSale') return outcome.value;
  throw refusedUnexpectedly(name, outcome?.value);
}

async function readAgain(order: Goods, principal: Seeder, productId: bigint): Promise<Product> {
  const { outcome } = await order.getProduct({ productId, principal });
  if (outcome?.$case === 'product') return outcome.value;
  throw refusedUnexpectedly(`product ${productId}`, outcome?.value);
}

const refusedUnexpectedly = (what: string, refusal: Refusal | undefined): Error =>
  new Error(`${what} was refused: ${JSON.stringify(refusal)}`);
