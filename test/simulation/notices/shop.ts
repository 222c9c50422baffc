import type { DueCoupon } from '../../../src/contexts/coupon/api.ts';
import type { RemindDeps } from '../../../src/contexts/notification/application/remind/remind-of-expiry.ts';
import type { Delivery } from '../../../src/platform/events/bus.ts';
import { DAY_MS } from '../../../src/platform/kernel/durations.ts';
import type { Kernel } from '../kernel.ts';

/** Noon in Seoul, so that marketing may leave. */
export const START_MS = Date.parse('2026-03-02T12:00:00+09:00');
export const USERS = [1n, 2n, 3n, 4n];

/** What happens elsewhere in the system: its events, the coupons, and the users. */
export interface Shop {
  /** Events that no process of the consumer has handled to the end yet. */
  readonly waiting: Delivery[];
  /** Those that were handled, and may come again. */
  readonly handled: Delivery[];
  readonly coupon: RemindDeps['coupon'];
  /** Orders that were paid, by the user who did. */
  readonly orders: Map<string, bigint>;
  readonly used: Set<bigint>;
  readonly isDeleted: (userId: bigint) => boolean;
  /** One thing that a user does. */
  act(): void;
}

export function openShop(kernel: Kernel): Shop {
  const { chance } = kernel;
  const [waiting, handled]: [Delivery[], Delivery[]] = [[], []];
  const orders = new Map<string, bigint>();
  const used = new Set<bigint>();
  const gone = new Set<bigint>();
  let events = 0;
  const publish = (topic: string, data: object) => {
    events += 1;
    kernel.say('shop', () => `${topic} ${JSON.stringify(data)}`);
    waiting.push({ topic, key: '', event: { eventId: `e${events}`, data } } as unknown as Delivery);
  };
  // Each of them expires in a day, so the reminders of today are for all.
  const expiresAt = new Date(START_MS + DAY_MS);
  const coupons = USERS.flatMap((userId) =>
    [1n, 2n].map(
      (n): DueCoupon => ({ couponId: userId * 10n + n, userId, policyId: 7n, name: 'Opening day', expiresAt }),
    ),
  );
  const living = () => USERS.filter((userId) => !gone.has(userId));
  return {
    waiting,
    handled,
    orders,
    used,
    isDeleted: (userId) => gone.has(userId),
    coupon: {
      async listDueCoupons({ from, to }) {
        const isDue = from !== undefined && to !== undefined && from <= expiresAt && expiresAt < to;
        const due = isDue ? coupons.filter(({ couponId, userId }) => !used.has(couponId) && !gone.has(userId)) : [];
        return { coupons: due, hasMore: false };
      },
      listUnusedCoupons: async ({ couponIds }) => ({ couponIds: couponIds.filter((id) => !used.has(id)) }),
    },
    act() {
      const userId = chance.of(living());
      const what = chance.weighted({ order: 5, use: 3, points: 3, leave: living().length > 1 ? 1 : 0 });
      const at = new Date(kernel.clock()).toISOString();
      if (what === 'order') {
        const orderId = String(1_000 + orders.size);
        orders.set(orderId, userId);
        const items = [{ productName: 'Coffee' }];
        publish('order.paid', { userId: String(userId), orderId, total: '12000', items, paidAt: at });
      } else if (what === 'use') {
        const couponId = userId * 10n + chance.of([1n, 2n]);
        if (used.has(couponId)) return;
        used.add(couponId);
        publish('coupon.used', { userId: String(userId), couponId: String(couponId) });
      } else if (what === 'points') {
        const expiresOn = new Date(START_MS + 7 * DAY_MS).toISOString().slice(0, 10);
        publish('point.expiring', { userId: String(userId), amount: '500', daysAhead: 7, expiresOn });
      } else {
        gone.add(userId);
        publish('user.deleted', { userId: String(userId) });
      }
    },
  };
}
