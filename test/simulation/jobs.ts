import { endReservations } from '../../src/contexts/coupon/application/scheduled/end-reservations.ts';
import { expireCoupons } from '../../src/contexts/coupon/application/scheduled/expire-coupons.ts';
import { isOverdue } from '../../src/contexts/coupon/domain/lifecycle/coupon.ts';
import type { TimeSaleWindows } from '../../src/contexts/order/application/catalog/ports.ts';
import type { AdvanceDeps } from '../../src/contexts/order/application/checkout/advance-order.ts';
import { resumeOrders } from '../../src/contexts/order/application/checkout/resume-orders.ts';
import type { OrderReader } from '../../src/contexts/order/application/ports.ts';
import { applyTimeSaleTransitions } from '../../src/contexts/order/application/time-sale/apply-due-transitions.ts';
import { applyDueTransition } from '../../src/contexts/order/domain/time-sale/due-transition.ts';
import type { ChargeDeps } from '../../src/contexts/point/application/charges/request-payment.ts';
import { expireLots } from '../../src/contexts/point/application/scheduled/expire-lots.ts';
import { resumeCharges } from '../../src/contexts/point/application/scheduled/resume-charges.ts';
import type { ScheduledTask } from '../../src/platform/context.ts';
import { createNotifier } from '../../src/platform/kernel/notifier.ts';
import type { WithTimeout } from '../../src/platform/kernel/steps-timeout.ts';
import type { Batchers } from './batchers.ts';
import type { Owner } from './kernel.ts';
import type { NodeTime } from './node-time.ts';
import { simulatedSession } from './session.ts';
import type { Shop } from './shop.ts';
import { saleTimeProblems } from './time-problems.ts';
import type { World } from './world.ts';

export const JOBS = [
  'resume',
  'end-reservations',
  'expire-coupons',
  'expire-lots',
  'time-sales',
  'resume-charges',
] as const;
export type JobName = (typeof JOBS)[number];

/**
 * What the scheduler runs, each as it is. Also on nodes that do not know the time and would run none: what they do has to be right
 * all the same.
 */
export function jobsOf(
  world: World,
  owner: Owner,
  time: NodeTime,
  { lifecycle, ledger }: Batchers,
  advancing: AdvanceDeps,
  charging: ChargeDeps,
  reader: OrderReader,
  withTimeout: WithTimeout,
): Readonly<Record<JobName, ScheduledTask['run']>> {
  const { shop } = world;
  const now = time.read;
  const dues = { due: dueCoupons(shop), lifecycle, now };
  return {
    resume: resumeOrders({ advancing, reader, now, withTimeout }).run,
    'end-reservations': endReservations(dues).run,
    'expire-coupons': expireCoupons(dues).run,
    'resume-charges': resumeCharges({
      ...charging,
      reader: shop.points.store,
      now,
      withTimeout,
      changed: createNotifier(),
    }).run,
    'expire-lots': expireLots(shop.points.store, ledger, now),
    'time-sales': applyTimeSaleTransitions(timeSaleWindows(world, owner), now, createNotifier()).run,
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

function timeSaleWindows(world: World, owner: Owner): TimeSaleWindows {
  const { kernel, shop, complain } = world;
  const { orders } = shop;
  const session = simulatedSession(world, owner);

  async function turn(nowMs: number): Promise<number> {
    const { timeSales, products } = orders.state;
    let turned = 0;
    for (const sale of [...timeSales.values()]) {
      const now = applyDueTransition(sale, nowMs);
      const product = products.get(sale.productId);
      if (!now || !product) continue;
      turned += 1;
      timeSales.set(now.id, now);
      products.set(product.id, { ...product, stock: product.stock + sale.stock - now.stock });
      for (const problem of saleTimeProblems(now, kernel.clock())) complain(problem);
    }
    return turned;
  }

  return {
    nextDueMs: async () => undefined,
    applyDueTransitions: (nowMs) => session.transaction(() => turn(nowMs)),
  };
}
