import { endReservations } from '../../src/contexts/coupon/application/scheduled/end-reservations.ts';
import { expireCoupons } from '../../src/contexts/coupon/application/scheduled/expire-coupons.ts';
import { isOverdue } from '../../src/contexts/coupon/domain/coupon.ts';
import type { DriveDeps } from '../../src/contexts/order/application/drive.ts';
import type { Patience } from '../../src/contexts/order/application/patience.ts';
import type { OrderReader } from '../../src/contexts/order/application/ports.ts';
import { resumeOrders } from '../../src/contexts/order/application/scheduled/resume-orders.ts';
import { turnTimeSale } from '../../src/contexts/order/domain/time-sale-turn.ts';
import { expireLots } from '../../src/contexts/point/application/expire-lots.ts';
import type { Job } from '../../src/platform/context.ts';
import type { Lanes } from './lanes.ts';
import type { Shop } from './shop.ts';
import type { World } from './world.ts';

export const JOBS = ['resume', 'end-reservations', 'expire-coupons', 'expire-lots', 'time-sales'] as const;
export type JobName = (typeof JOBS)[number];

/** What the scheduler runs, each as it is, but that the clock begins and ends time sales in the memory of this run. */
export function jobsOf(
  { kernel, shop }: World,
  { life, ledger }: Lanes,
  driving: DriveDeps,
  reader: OrderReader,
  patience: Patience,
): Readonly<Record<JobName, Job['run']>> {
  const { clock } = kernel;
  const dues = { due: dueCoupons(shop), life, now: clock };
  return {
    resume: resumeOrders({ driving, reader, now: clock, patience }).run,
    'end-reservations': endReservations(dues).run,
    'expire-coupons': expireCoupons(dues).run,
    'expire-lots': expireLots(shop.points.store, ledger, clock),
    'time-sales': async () => turnTimeSales(shop, clock()),
  };
}

const dueCoupons = ({ coupons: { state } }: Shop) => ({
  reservations: async (now: Date) =>
    [...state.reservations.values()].filter((each) => isOverdue(each, now.getTime())).map(({ id }) => id),
  coupons: async (now: Date) =>
    [...state.coupons]
      .filter(([, { issued, state: is }]) => is.status === 'ISSUED' && now.getTime() >= issued.expiresAtMs)
      .map(([id]) => id),
});

function turnTimeSales({ orders: { state } }: Shop, nowMs: number): number {
  let turned = 0;
  for (const sale of [...state.timeSales.values()]) {
    const now = turnTimeSale(sale, nowMs);
    const product = state.products.get(sale.productId);
    if (!now || !product) continue;
    turned += 1;
    state.timeSales.set(now.id, now);
    state.products.set(product.id, { ...product, stock: product.stock + sale.stock - now.stock });
  }
  return turned;
}
