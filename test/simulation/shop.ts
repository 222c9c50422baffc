import type { LifecycleStore } from '../../src/contexts/coupon/application/lifecycle/ports.ts';
import { memoryLifecycleStore } from '../../src/contexts/coupon/test/memory/lifecycle-store.ts';
import { emptyState, type MemoryState } from '../../src/contexts/coupon/test/memory/state.ts';
import { policy, terms } from '../../src/contexts/coupon/test/policies.ts';
import type { OrderReader, OrderStore } from '../../src/contexts/order/application/ports.ts';
import type { OrderDecision } from '../../src/contexts/order/domain/decision.ts';
import { product, timeSale } from '../../src/contexts/order/test/catalog.ts';
import { type MemoryOrders, memoryOrderStore, memoryOrders } from '../../src/contexts/order/test/memory/order-store.ts';
import { DAY_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import type { IdSource } from '../../src/platform/kernel/ids.ts';
import type { Chance } from './chance.ts';
import type { Kernel } from './kernel.ts';
import { type PointBooks, pointBooks } from './point-books.ts';
import { couponTimeProblems, orderTimeProblems } from './time-problems.ts';

export const START_MS = Date.UTC(2026, 2, 1, 3);
/** Of orders, and of coupons; the same, as it is unless configured otherwise. */
export const HOLD_MS = 10 * MINUTE_MS;
export const OPEN_ORDERS_MAX = 5;

/** What the three contexts have stored, and what is on sale. */
export interface Shop {
  readonly nextId: IdSource;
  readonly users: readonly bigint[];
  readonly orders: { readonly state: MemoryOrders; readonly store: OrderStore & OrderReader };
  readonly coupons: {
    readonly state: MemoryState;
    readonly store: LifecycleStore;
    /** Reservations that were released before they were made: a late request made them, and they end with their time. */
    readonly madeAfterRelease: ReadonlySet<string>;
  };
  readonly points: PointBooks;
  /** What orders earn of what is paid for them in money, and after how many days it is available. */
  readonly earning: { readonly rateBp: bigint; readonly delayDays: number };
}

/** A small shop, so that everybody gets in each other's way. */
export function openShop(
  { chance, clock }: Pick<Kernel, 'chance' | 'clock'>,
  complain: (problem: string) => void,
  onCommit: (decision: OrderDecision) => void,
): Shop {
  let last = 1_000n;
  const nextId = () => ++last;
  const users = [1n, 2n, 3n].slice(0, chance.of([1, 1, 2, 3]));

  const state = memoryOrders();
  const afterCommit = (decision: OrderDecision) => {
    for (const problem of orderTimeProblems(decision, state, clock())) complain(problem);
    onCommit(decision);
  };
  const store = memoryOrderStore(state, { afterCommit }, clock);
  for (const id of [11n, 12n]) {
    const price = BigInt(chance.of([7, 1_000, 3_333, 10_000]));
    state.products.set(id, product(id, { stock: chance.of([3, 15, 40]), price, createdAtMs: START_MS }));
  }
  for (const id of [21n, 22n].slice(0, chance.below(3))) putOnSale(state, id, chance);

  const coupons = emptyState();
  for (const id of [31n, 32n]) {
    const isPercentage = chance.happens(0.4);
    const present = terms({
      discountType: isPercentage ? 'PERCENTAGE' : 'FIXED_AMOUNT',
      discountValue: BigInt(isPercentage ? chance.of([333, 1_000, 10_000]) : chance.of([1, 500, 3_000, 50_000])),
      minimumOrderAmount: BigInt(chance.of([0, 0, 0, 5_000])),
      restoreOnRefund: chance.happens(0.5),
    });
    const earlier = terms({ discountValue: BigInt(chance.of([1, 700, 4_000])) });
    coupons.policies.set(id, {
      policy: policy(id, { terms: present, termsVersion: 2, termsFloor: chance.of([1, 1, 2]) }),
      terms: [earlier, present],
      lastSequenceNo: 0,
      refusalEpoch: 0,
    });
  }
  for (const userId of users) {
    for (let count = chance.below(3); count > 0; count--) {
      const couponId = nextId();
      const issued = {
        couponId,
        sequenceNo: Number(couponId),
        slot: 0,
        policyId: chance.of([31n, 32n]),
        userId,
        code: undefined,
        eventId: undefined,
        termsVersion: chance.of([1, 2]),
        issuedAtMs: START_MS,
        expiresAtMs: START_MS + chance.of([3 * MINUTE_MS, 15 * MINUTE_MS, DAY_MS]),
      };
      coupons.coupons.set(couponId, { issued, version: 1, state: { status: 'ISSUED' } });
    }
  }

  const lifecycle = memoryLifecycleStore(coupons, clock);
  const madeAfterRelease = new Set<string>();
  return {
    nextId,
    users,
    orders: { state, store },
    coupons: {
      state: coupons,
      madeAfterRelease,
      store: {
        async changeBatch(commands, decide) {
          const changed = await lifecycle.changeBatch(commands, decide);
          for (const problem of couponTimeProblems(changed.decision, coupons, clock())) complain(problem);
          for (const [place, command] of commands.entries()) {
            const outcome = changed.decision.outcomes[place];
            const isUnknown = outcome?.kind === 'refused' && outcome.refusal.code === 'RESERVATION_NOT_FOUND';
            if (command.kind === 'RELEASE' && isUnknown) madeAfterRelease.add(command.reservationId);
          }
          return changed;
        },
      },
    },
    points: pointBooks(clock, complain),
    earning: { rateBp: chance.of([0n, 333n, 10_000n]), delayDays: chance.of([0, 0, 1]) },
  };
}

/** Its units are those of the product, set aside. */
function putOnSale(state: MemoryOrders, id: bigint, chance: Chance): void {
  const of = state.products.get(chance.of([11n, 12n]));
  if (!of || of.stock === 0) return;
  const quantity = chance.between(1, of.stock);
  state.products.set(of.id, { ...of, stock: of.stock - quantity });
  const startsAtMs = START_MS + chance.of([-MINUTE_MS, -MINUTE_MS, MINUTE_MS]);
  const sale = timeSale(id, {
    productId: of.id,
    salePrice: of.price > 1n ? of.price - of.price / 3n : 1n,
    stock: quantity,
    limitPerUser: chance.of([1, 3, 8]),
    startsAtMs,
    endsAtMs: startsAtMs + chance.of([3, 9, 30]) * MINUTE_MS,
    announced: 'SCHEDULED',
  });
  state.timeSales.set(id, sale);
}
