import type { Product } from './catalog/product.ts';
import type { Order, OrderLine } from './order.ts';
import { isOver, type TimeSale } from './time-sale/time-sale.ts';
import type { OrderUnitOfWork } from './unit-of-work.ts';

// Every unit is in one place. Of a product: supplied = stock + reserved + sold + stock and reserved of its time sales. Of a time
// sale: quantity = stock + reserved + sold + returned.

/** Reserves a line's units for an order. The caller has checked the stock. */
export function reserveUnits(work: OrderUnitOfWork, userId: bigint, line: RequestedUnits): void {
  const { productId, timeSaleId, quantity } = line;
  if (timeSaleId === null) {
    const product = productOf(work, productId);
    work.saveProduct(
      assertNotNegative({ ...product, stock: product.stock - quantity, reserved: product.reserved + quantity }),
    );
    return;
  }
  const sale = saleOf(work, timeSaleId);
  const taken = assertNotNegative({ ...sale, stock: sale.stock - quantity, reserved: sale.reserved + quantity });
  work.saveTimeSale(taken);
  work.saveBought(timeSaleId, userId, (work.bought(timeSaleId, userId) ?? 0) + quantity);
  if (taken.stock === 0) work.publish({ topic: 'timesale.sold_out', timeSale: taken });
}

/** Turns the reserved units of an order into sold ones. */
export function sellUnits(work: OrderUnitOfWork, { lines }: Order, paidAtMs: number): void {
  for (const { productId, timeSaleId, quantity } of lines) {
    const product = productOf(work, productId);
    const sold = product.sold + quantity;
    if (timeSaleId === null) {
      work.saveProduct(assertNotNegative({ ...product, sold, reserved: product.reserved - quantity }));
    } else {
      const sale = saleOf(work, timeSaleId);
      work.saveTimeSale(assertNotNegative({ ...sale, sold: sale.sold + quantity, reserved: sale.reserved - quantity }));
      work.saveProduct({ ...product, sold });
    }
    work.addDailySale(productId, paidAtMs, quantity);
  }
}

/** Returns the units of an order that ended without being paid. */
export function releaseUnits(work: OrderUnitOfWork, { userId, lines }: Order): void {
  for (const { productId, timeSaleId, quantity } of lines) {
    const product = productOf(work, productId);
    if (timeSaleId === null) {
      work.saveProduct(
        assertNotNegative({ ...product, reserved: product.reserved - quantity, stock: product.stock + quantity }),
      );
    } else {
      const sale = saleOf(work, timeSaleId);
      returnUnits(work, product, { ...sale, reserved: sale.reserved - quantity }, quantity);
      reduceBought(work, timeSaleId, userId, quantity);
    }
  }
}

/** Returns units that were paid for. */
export function refundUnits(
  work: OrderUnitOfWork,
  { userId }: Order,
  { productId, timeSaleId }: OrderLine,
  quantity: number,
  paidAtMs: number,
): void {
  const product = productOf(work, productId);
  const unsold = { ...product, sold: product.sold - quantity };
  if (timeSaleId === null) {
    work.saveProduct(assertNotNegative({ ...unsold, stock: product.stock + quantity }));
  } else {
    const sale = saleOf(work, timeSaleId);
    returnUnits(work, unsold, { ...sale, sold: sale.sold - quantity }, quantity);
    reduceBought(work, timeSaleId, userId, quantity);
  }
  work.addDailySale(productId, paidAtMs, -quantity);
}

type RequestedUnits = Pick<OrderLine, 'productId' | 'timeSaleId' | 'quantity'>;

/** Adds units to the time sale while it can still sell them, else to the product. */
function returnUnits(work: OrderUnitOfWork, product: Product, sale: TimeSale, quantity: number): void {
  if (isOver(sale, work.rules.nowMs)) {
    work.saveTimeSale(assertNotNegative({ ...sale, returned: sale.returned + quantity }));
    work.saveProduct(assertNotNegative({ ...product, stock: product.stock + quantity }));
  } else {
    const restocks = sale.stock === 0 ? sale.restocks + 1 : sale.restocks;
    work.saveTimeSale(assertNotNegative({ ...sale, stock: sale.stock + quantity, restocks }));
    work.saveProduct(assertNotNegative(product));
  }
}

function reduceBought(work: OrderUnitOfWork, timeSaleId: bigint, userId: bigint, quantity: number): void {
  const bought = work.bought(timeSaleId, userId) ?? 0;
  if (bought < quantity) throw new Error(`user ${userId} has ${bought} of time sale ${timeSaleId}, not ${quantity}`);
  work.saveBought(timeSaleId, userId, bought - quantity);
}

function productOf(work: OrderUnitOfWork, id: bigint): Product {
  const product = work.product(id);
  if (!product) throw new Error(`product ${id} was not loaded`);
  return product;
}

function saleOf(work: OrderUnitOfWork, id: bigint): TimeSale {
  const sale = work.timeSale(id);
  if (!sale) throw new Error(`time sale ${id} was not loaded`);
  return sale;
}

function assertNotNegative<Units extends Pick<Product, 'id' | 'stock' | 'reserved' | 'sold'>>(units: Units): Units {
  const { id, stock, reserved, sold } = units;
  if (stock < 0 || reserved < 0 || sold < 0) throw new Error(`${stock}, ${reserved} and ${sold} units of ${id}`);
  return units;
}
