import type { MemoryOrders } from '../../src/contexts/order/test/memory/order-store.ts';

/** Every unit is in exactly one place, and no user has more of a time sale than its limit. Holds after every commit. */
export function unitProblems({ products, timeSales, bought }: MemoryOrders): string[] {
  const problems: string[] = [];
  for (const { id, supplied, stock, reserved, sold } of products.values()) {
    const set = [...timeSales.values()].filter(({ productId }) => productId === id);
    const aside = set.reduce((sum, sale) => sum + sale.stock + sale.reserved, 0);
    if (supplied !== stock + reserved + sold + aside) {
      problems.push(`product ${id}: supplied ${supplied}, and ${stock} + ${reserved} + ${sold} + ${aside} are there`);
    }
  }
  for (const { id, quantity, stock, reserved, sold, returned } of timeSales.values()) {
    if (quantity !== stock + reserved + sold + returned) {
      problems.push(
        `time sale ${id}: ${quantity} set aside, and ${stock} + ${reserved} + ${sold} + ${returned} are there`,
      );
    }
  }
  for (const [place, quantity] of bought) {
    const sale = timeSales.get(BigInt(place.split(' ')[0] ?? ''));
    if (quantity < 0 || !sale || quantity > sale.limitHighest)
      problems.push(`time sale and user ${place}: ${quantity} bought`);
  }
  return problems;
}
