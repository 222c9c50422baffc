import { isOpen, type Order } from '../../../src/contexts/order/domain/order.ts';
import type { MemoryOrders } from '../../../src/contexts/order/test/memory/order-store.ts';
import { isPaid } from '../is-paid.ts';

/** By the orders, no sale has sold more than its units, and no user has more than the limit. Holds after every commit. */
export function saleProblems({ timeSales, orders }: MemoryOrders): string[] {
  const sold = new Map<string, number>();
  const add = (place: string, quantity: number) => sold.set(place, (sold.get(place) ?? 0) + quantity);
  for (const order of orders.values())
    for (const { timeSaleId, quantity } of heldBy(order)) {
      add(`${timeSaleId}`, quantity);
      add(`${timeSaleId} ${order.userId}`, quantity);
    }
  return [...sold].flatMap(([place, quantity]) => {
    const [saleId = '', userId] = place.split(' ');
    const sale = timeSales.get(BigInt(saleId));
    const max = userId === undefined ? sale && sale.quantity - sale.stock - sale.returned : sale?.limitHighest;
    return max === undefined || quantity > max ? [`${quantity} of time sale ${place} are sold, at most ${max}`] : [];
  });
}

/** What must hold when everything has recovered and nothing is due: no order waits, and a key has one order. */
export function restProblems({ orders }: MemoryOrders): string[] {
  const all = [...orders.values()];
  const keys = Map.groupBy(all, ({ userId, key }) => `user ${userId}, key ${key}`);
  return [
    ...all.filter(isOpen).map(({ id, state }) => `order ${id} is ${state.status} at the end`),
    ...[...keys].flatMap(([key, { length }]) => (length === 1 ? [] : [`${key} has ${length} orders`])),
  ];
}

const heldBy = (order: Order) =>
  isOpen(order) || isPaid(order)
    ? order.lines.map(({ timeSaleId, quantity, refundedQuantity }) => ({
        timeSaleId,
        quantity: quantity - refundedQuantity,
      }))
    : [];
