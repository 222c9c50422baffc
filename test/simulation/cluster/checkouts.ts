import type { ReservationResponse } from '../../../src/contexts/coupon/api.ts';
import { callNode } from './calls.ts';
import type { CouponNode } from './coupon-node.ts';
import type { Cluster } from './world.ts';

/** The end of a reservation that a response reported. */
export interface Ended {
  readonly reservationId: string;
  readonly couponId: bigint;
  readonly status: 'CONFIRMED' | 'CANCELLED';
}

/** How long a reservation lasts here: short, so that it often ends by itself. */
export const HOLD_MS = 1_500;
const TRIES_MAX = 4;

/** Reserves a coupon for an order; then pays, gives up, does both at once, or neither. Adds what responses reported to `ended`. */
export async function checkOut(
  cluster: Cluster,
  nodes: () => readonly CouponNode[],
  { userId, couponId }: { readonly userId: bigint; readonly couponId: bigint },
  ended: Ended[],
): Promise<void> {
  const { kernel, complain } = cluster;
  const { chance } = kernel;
  const customer = { name: 'customer', status: 'UP' } as const;
  const named = { origin: 'CUSTOMER', userId, reservationId: `cart-${cluster.nextId()}` };
  // Two carts may be of one order, which may have one coupon.
  const order = { orderId: `order-${chance.below(2)}`, orderAmount: 10_000n, lines: [], couponId };

  async function insist(what: string, run: (api: CouponNode['api']) => Promise<ReservationResponse>) {
    const line = `user ${userId} ${what} coupon ${couponId}, ${named.reservationId}`;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const response = await callNode(cluster, { from: customer, nodes, what: line, run });
      if (response !== undefined) return response.outcome?.value;
    }
    return undefined;
  }

  async function end(status: Ended['status']): Promise<void> {
    const result =
      status === 'CONFIRMED'
        ? await insist('pays with', (api) => api.confirmReservation(named))
        : await insist('gives back', (api) => api.releaseReservation(named));
    if (!result || !('reservation' in result)) return;
    if (result.reservation?.status !== status)
      complain(`${named.reservationId} should be ${status}, and is ${result.reservation?.status}`);
    ended.push({ reservationId: `CUSTOMER:${userId}:${named.reservationId}`, couponId, status });
  }

  await insist('reserves', (api) => api.reserveCoupon({ ...named, ...order }));
  const reserveAgain = async (): Promise<void> => {
    await kernel.until(customer, kernel.clock() + HOLD_MS - chance.between(-100, 400), '');
    const another = { ...named, reservationId: `${named.reservationId}-again` };
    await insist('reserves once more', (api) => api.reserveCoupon({ ...another, ...order }));
  };
  const again = chance.happens(0.4) ? reserveAgain() : undefined;
  // Often about when it ends by itself.
  await kernel.until(customer, kernel.clock() + chance.of([0, chance.below(HOLD_MS), HOLD_MS, 2 * HOLD_MS]), '');
  const endings = chance.of<Ended['status'][]>([['CONFIRMED'], ['CANCELLED'], ['CONFIRMED', 'CANCELLED'], []]);
  await Promise.all([again, ...endings.map(end)]);
}
