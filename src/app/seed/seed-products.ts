import type { OrderService, Product, TimeSale } from '../../contexts/order/api.ts';
import type { Principal } from '../../platform/kernel/contract.ts';
import { PAGE_MAX } from '../../platform/kernel/pages.ts';
import type { Refusal } from '../../platform/kernel/refusal.ts';
import { type DemoProduct, demoProducts } from './demo-products.ts';

const DESCRIPTION = 'Demo data';

type Goods = Pick<OrderService, 'createProduct' | 'getProduct' | 'listProducts' | 'createTimeSale' | 'listTimeSales'>;
/** Who adds demo data, and the store that it belongs to. */
export interface Seeder {
  readonly principal: Principal;
  readonly storeId: bigint | undefined;
}

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
export async function seedProducts(order: Goods, seeder: Seeder, nowMs: number): Promise<readonly SeededProduct[]> {
  const demo = demoProducts(nowMs);
  const present = await productsByName(order, seeder, new Set(demo.map(({ name }) => name)));
  const onSale = await productsWithSales(order, new Set([...present.values()].map(({ id }) => id)));
  const seeded: SeededProduct[] = [];
  for (const wanted of demo) {
    const there = present.get(wanted.name);
    const product = there ?? (await addProduct(order, seeder, wanted));
    // The time sales of hidden products are not listed.
    const isComplete = onSale.has(product.id) || product.status === 'HIDDEN';
    const timeSale = isComplete ? undefined : await addTimeSale(order, seeder, product.id, wanted);
    const shown = timeSale ? await readAgain(order, seeder, product.id) : product;
    seeded.push({ product: shown, ...(timeSale && { timeSale }), added: there === undefined });
  }
  return seeded;
}

async function productsByName(order: Goods, seeder: Seeder, names: ReadonlySet<string>): Promise<Map<string, Product>> {
  const found = new Map<string, Product>();
  let cursor = '';
  do {
    const page = await order.listProducts({
      pageNumber: 0,
      page: { limit: PAGE_MAX, cursor },
      principal: seeder.principal,
    });
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

async function addProduct(order: Goods, seeder: Seeder, { name, price, stock }: DemoProduct): Promise<Product> {
  const { outcome } = await order.createProduct({ ...seeder, name, description: DESCRIPTION, price, stock });
  if (outcome?.$case === 'product') return outcome.value;
  throw refusedUnexpectedly(name, outcome?.value);
}

async function addTimeSale(
  order: Goods,
  seeder: Seeder,
  productId: bigint,
  { name, timeSale }: DemoProduct,
): Promise<TimeSale | undefined> {
  if (!timeSale) return undefined;
  const { outcome } = await order.createTimeSale({ principal: seeder.principal, productId, ...timeSale });
  if (outcome?.$case === 'timeSale') return outcome.value;
  throw refusedUnexpectedly(name, outcome?.value);
}

async function readAgain(order: Goods, seeder: Seeder, productId: bigint): Promise<Product> {
  const { outcome } = await order.getProduct({ productId, principal: seeder.principal });
  if (outcome?.$case === 'product') return outcome.value;
  throw refusedUnexpectedly(`product ${productId}`, outcome?.value);
}

const refusedUnexpectedly = (what: string, refusal: Refusal | undefined): Error =>
  new Error(`${what} was refused: ${JSON.stringify(refusal)}`);
