import { isOpen } from '../../../src/contexts/order/domain/order.ts';
import type { MemoryOrders } from '../../../src/contexts/order/test/memory/order-store.ts';
import { isPaid } from '../is-paid.ts';

/** The units of each time sale in orders that are open or paid, by user: by the orders alone, whatever is counted elsewhere. */
export type UnitsHeld = ReadonlyMap<bigint, ReadonlyMap<bigint, number>>;

export function unitsHeld({ orders }: MemoryOrders): UnitsHeld {
  const held = new Map<bigint, Map<bigint, number>>();
  for (const order of orders.values()) {
    if (!isOpen(order) && !isPaid(order)) continue;
    for (const { timeSaleId, quantity, refundedQuantity } of order.lines) {
      if (timeSaleId === null) continue;
      const ofSale = held.get(timeSaleId) ?? new Map<bigint, number>();
      held.set(timeSaleId, ofSale);
      ofSale.set(order.userId, (ofSale.get(order.userId) ?? 0) + quantity - refundedQuantity);
    }
  }
  return held;
}

/** No sale has sold more than its units, and no user has more than the limit. Holds after every commit. */
export function saleProblems({ timeSales }: MemoryOrders, held: UnitsHeld): string[] {
  return [...timeSales.values()].flatMap(({ id, quantity, stock, returned, limitHighest }) => {
    const ofUsers = [...(held.get(id) ?? [])];
    const sum = ofUsers.reduce((total, [, units]) => total + units, 0);
    const left = quantity - stock - returned;
    return [
      ...(sum === left ? [] : [`time sale ${id}: ${sum} units are in orders, and ${left} of ${quantity} are gone`]),
      ...ofUsers
        .filter(([, units]) => units > limitHighest)
        .map(([userId, units]) => `user ${userId} has ${units} units of time sale ${id}, at most ${limitHighest}`),
    ];
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
