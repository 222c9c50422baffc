import type { Order, OrderLine } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import type { Product } from './product.ts';
import { isOver, type TimeSale } from './time-sale.ts';

/**
 * Moves of units. A product's are always in one place, supplied = stock + reserved + sold + stock and reserved of its time sales;
 * so are a time sale's, quantity = stock + reserved + sold + returned.
 */

/** Takes a line's units for an order. The caller has made sure that they are there. */
export function reserveUnits(desk: OrderDesk, userId: bigint, line: Wanted): void {
  const { productId, timeSaleId, quantity } = line;
  if (timeSaleId === null) {
    const product = productOf(desk, productId);
    desk.keepProduct(sound({ ...product, stock: product.stock - quantity, reserved: product.reserved + quantity }));
    return;
  }
  const sale = saleOf(desk, timeSaleId);
  const taken = sound({ ...sale, stock: sale.stock - quantity, reserved: sale.reserved + quantity });
  desk.keepTimeSale(taken);
  desk.keepBought(timeSaleId, userId, (desk.bought(timeSaleId, userId) ?? 0) + quantity);
  if (taken.stock === 0) desk.publish({ topic: 'timesale.sold_out', timeSale: taken });
}

/** The order is paid. */
export function sellUnits(desk: OrderDesk, { lines }: Order, paidAtMs: number): void {
  for (const { productId, timeSaleId, quantity } of lines) {
    const product = productOf(desk, productId);
    const sold = product.sold + quantity;
    if (timeSaleId === null) {
      desk.keepProduct(sound({ ...product, sold, reserved: product.reserved - quantity }));
    } else {
      const sale = saleOf(desk, timeSaleId);
      desk.keepTimeSale(sound({ ...sale, sold: sale.sold + quantity, reserved: sale.reserved - quantity }));
      desk.keepProduct({ ...product, sold });
    }
    desk.count(productId, paidAtMs, quantity);
  }
}

/** The order ended without being paid: units go back to where they came from. */
export function giveUnitsBack(desk: OrderDesk, { userId, lines }: Order): void {
  for (const { productId, timeSaleId, quantity } of lines) {
    const product = productOf(desk, productId);
    if (timeSaleId === null) {
      desk.keepProduct(sound({ ...product, reserved: product.reserved - quantity, stock: product.stock + quantity }));
    } else {
      const sale = saleOf(desk, timeSaleId);
      takeIn(desk, product, { ...sale, reserved: sale.reserved - quantity }, quantity);
      forgetBought(desk, timeSaleId, userId, quantity);
    }
  }
}

/** Units that were paid for come back. */
export function refundUnits(
  desk: OrderDesk,
  { userId }: Order,
  { productId, timeSaleId }: OrderLine,
  quantity: number,
  paidAtMs: number,
): void {
  const product = productOf(desk, productId);
  const unsold = { ...product, sold: product.sold - quantity };
  if (timeSaleId === null) {
    desk.keepProduct(sound({ ...unsold, stock: product.stock + quantity }));
  } else {
    const sale = saleOf(desk, timeSaleId);
    takeIn(desk, unsold, { ...sale, sold: sale.sold - quantity }, quantity);
    forgetBought(desk, timeSaleId, userId, quantity);
  }
  desk.count(productId, paidAtMs, -quantity);
}

type Wanted = Pick<OrderLine, 'productId' | 'timeSaleId' | 'quantity'>;

/** Into the sale while it can still sell them, else to the product. */
function takeIn(desk: OrderDesk, product: Product, sale: TimeSale, quantity: number): void {
  if (isOver(sale, desk.rules.nowMs)) {
    desk.keepTimeSale(sound({ ...sale, returned: sale.returned + quantity }));
    desk.keepProduct(sound({ ...product, stock: product.stock + quantity }));
  } else {
    const restocks = sale.stock === 0 ? sale.restocks + 1 : sale.restocks;
    desk.keepTimeSale(sound({ ...sale, stock: sale.stock + quantity, restocks }));
    desk.keepProduct(sound(product));
  }
}

function forgetBought(desk: OrderDesk, timeSaleId: bigint, userId: bigint, quantity: number): void {
  const bought = desk.bought(timeSaleId, userId) ?? 0;
  if (bought < quantity) throw new Error(`user ${userId} has ${bought} of time sale ${timeSaleId}, not ${quantity}`);
  desk.keepBought(timeSaleId, userId, bought - quantity);
}

function productOf(desk: OrderDesk, id: bigint): Product {
  const product = desk.product(id);
  if (!product) throw new Error(`product ${id} was not loaded`);
  return product;
}

function saleOf(desk: OrderDesk, id: bigint): TimeSale {
  const sale = desk.timeSale(id);
  if (!sale) throw new Error(`time sale ${id} was not loaded`);
  return sale;
}

function sound<Units extends Pick<Product, 'id' | 'stock' | 'reserved' | 'sold'>>(units: Units): Units {
  const { id, stock, reserved, sold } = units;
  if (stock < 0 || reserved < 0 || sold < 0) throw new Error(`${stock}, ${reserved} and ${sold} units of ${id}`);
  return units;
}
