import { DAY_MS, HOUR_MS } from '../../platform/kernel/durations.ts';

export interface DemoProduct {
  readonly name: string;
  readonly price: bigint;
  readonly stock: number;
  readonly timeSale?: DemoTimeSale;
}
export interface DemoTimeSale {
  readonly salePrice: bigint;
  readonly quantity: number;
  readonly limitPerUser: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** One product for each feature. A second run recognises them by name. */
export function demoProducts(nowMs: number): readonly DemoProduct[] {
  const from = (ms: number) => new Date(nowMs + ms);
  return [
    {
      name: 'Ceramic mug, a third off today',
      price: 12_900n,
      stock: 500,
      timeSale: { salePrice: 8_600n, quantity: 100, limitPerUser: 2, startsAt: from(0), endsAt: from(DAY_MS) },
    },
    {
      name: 'Oak stool, half price in an hour',
      price: 89_000n,
      stock: 60,
      timeSale: {
        salePrice: 44_500n,
        quantity: 20,
        limitPerUser: 1,
        startsAt: from(HOUR_MS),
        endsAt: from(3 * HOUR_MS),
      },
    },
    { name: 'Linen apron', price: 29_000n, stock: 40 },
    { name: 'Walnut tray, all are gone', price: 35_000n, stock: 0 },
  ];
}
