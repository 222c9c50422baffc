import type { DueCoupon } from '../../../src/contexts/coupon/api.ts';
import type { RemindDeps } from '../../../src/contexts/notification/application/remind/remind-of-expiry.ts';
import type { Delivery } from '../../../src/platform/events/bus.ts';
import { DAY_MS } from '../../../src/platform/kernel/durations.ts';
import type { Chance } from '../chance.ts';
import type { Kernel } from '../kernel.ts';
import type { Since, Tables } from './tables.ts';

/** In Seoul: noon, so that marketing may leave, or the evening, so that it has to wait for the morning. */
const STARTS = ['12:00', '12:00', '20:40'];
export const USERS = [1n, 2n, 3n, 4n];
/** Time zones of users, and how many hours their clocks are ahead of UTC the whole year. Null: that of the shop. */
export const ZONES: ReadonlyMap<string | null, number> = new Map([
  [null, 9],
  ['Asia/Dubai', 4],
  ['America/Sao_Paulo', -3],
]);

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
  /** Whether each user consents to marketing, since when, all of it since the start. */
  readonly consents: ReadonlyMap<bigint, readonly Since<boolean>[]>;
  readonly startMs: number;
  /** One thing that a user does. */
  act(): void;
}

/** When a run begins. */
export const startOf = (chance: Chance): number => Date.parse(`2026-03-02T${chance.of(STARTS)}:00+09:00`);

export function openShop(kernel: Kernel, tables: Pick<Tables, 'jobs' | 'choices'>): Shop {
  const { chance } = kernel;
  const startMs = kernel.clock();
  const [waiting, handled]: [Delivery[], Delivery[]] = [[], []];
  const orders = new Map<string, bigint>();
  const used = new Set<bigint>();
  const gone = new Set<bigint>();
  const consents = new Map(USERS.map((userId) => [userId, [{ fromMs: startMs, value: chance.happens(0.7) }]]));
  let announcements = 0;
  /** In some runs so many that the limits of marketing are reached. */
  const announcing = chance.of([3, 3, 25]);
  let events = 0;
  const publish = (topic: string, data: object) => {
    events += 1;
    kernel.say('shop', () => `${topic} ${JSON.stringify(data)}`);
    waiting.push({ topic, key: '', event: { eventId: `e${events}`, data } } as unknown as Delivery);
  };
  // Each of them expires in a day, so the reminders of today are for all.
  const expiresAt = new Date(startMs + DAY_MS);
  const coupons = USERS.flatMap((userId) =>
    [1n, 2n].map(
      (n): DueCoupon => ({ couponId: userId * 10n + n, userId, policyId: 7n, name: 'Opening day', expiresAt }),
    ),
  );
  function announce(subject: string): void {
    const day = new Date(startMs).toISOString().slice(0, 10);
    kernel.say('shop', () => `announcement ${subject}`);
    const data = { noticeClass: 'MARKETING' };
    tables.jobs.push(USERS.map((userId) => ({ userId, kind: 'ANNOUNCEMENT', subject, day, data })));
  }
  function choose(userId: bigint): void {
    const quietHours = chance.of([null, { from: '11:00', until: '14:00' }, { from: '19:30', until: '09:30' }]);
    const enabled = new Map(chance.happens(0.3) ? [['ANNOUNCEMENT EMAIL', false] as const] : []);
    const value = { language: null, timezone: chance.of([...ZONES.keys()]), quietHours, enabled };
    kernel.say('shop', () => `user ${userId} chooses ${JSON.stringify({ ...value, enabled: [...enabled] })}`);
    const own = tables.choices.get(userId) ?? [];
    own.push({ fromMs: kernel.clock(), value });
    tables.choices.set(userId, own);
  }
  const living = () => USERS.filter((userId) => !gone.has(userId));
  return {
    waiting,
    handled,
    orders,
    used,
    isDeleted: (userId) => gone.has(userId),
    consents,
    startMs,
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
      const what = chance.weighted({
        ...{ order: 5, use: 3, points: 3, announce: announcing, consent: 3, choose: 2 },
        leave: living().length > 1 ? 1 : 0,
      });
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
        const expiresOn = new Date(startMs + 7 * DAY_MS).toISOString().slice(0, 10);
        publish('point.expiring', { userId: String(userId), amount: '500', daysAhead: 7, expiresOn });
      } else if (what === 'announce') {
        announcements += 1;
        announce(`${announcements}`);
      } else if (what === 'consent') {
        const own = consents.get(userId) ?? [];
        const value = own.at(-1)?.value !== true;
        kernel.say('shop', () => `user ${userId} ${value ? 'consents to marketing' : 'withdraws the consent'}`);
        own.push({ fromMs: kernel.clock(), value });
      } else if (what === 'choose') {
        choose(userId);
      } else {
        gone.add(userId);
        publish('user.deleted', { userId: String(userId) });
      }
    },
  };
}
