import type { Order } from '../../../src/contexts/order/domain/order.ts';
import type { TimeSale } from '../../../src/contexts/order/domain/time-sale/time-sale.ts';
import type { MemoryOrders } from '../../../src/contexts/order/test/memory/order-store.ts';
import type { Kernel } from '../kernel.ts';
import type { UnitsHeld } from './invariants.ts';

interface State {
  readonly fromMs: number;
  readonly sale: TimeSale;
  /** The units of each user. */
  readonly held: ReadonlyMap<bigint, number>;
}

const NOTHING: State['held'] = new Map();

/** An order, as of its commit. */
export interface Placed {
  readonly order: Order;
  readonly atStep: number;
}

/** What was committed when. Looks at rows, and at nothing that caches or decides. */
export interface SaleHistory {
  /** To be called after each commit. */
  record(state: MemoryOrders, held: UnitsHeld): void;
  /** Had the sale fewer units at some moment from `fromMs` to now? */
  wasShort(timeSaleId: bigint, quantity: number, fromMs: number): boolean;
  /** Would so many have been above the limit of the user at some moment from `fromMs` to now? */
  wasAboveLimit(timeSaleId: bigint, userId: bigint, quantity: number, fromMs: number): boolean;
  /** Was the sale not open yet, or over, at some moment from `fromMs` to now? */
  wasInactive(timeSaleId: bigint, status: 'SCHEDULED' | 'ENDED', fromMs: number): boolean;
  /** The order of this key, if any was committed. */
  placed(userId: bigint, key: string): Placed | undefined;
}

export function saleHistory({ clock, steps, say }: Pick<Kernel, 'clock' | 'steps' | 'say'>): SaleHistory {
  const sales = new Map<bigint, State[]>();
  const orders = new Map<string, Placed>();
  const places = new Set<bigint>();

  /** All states of the sale that were there at some moment from `fromMs` to now. */
  function since(timeSaleId: bigint, fromMs: number): readonly State[] {
    const states = sales.get(timeSaleId) ?? [];
    const first = states.findLastIndex((state) => state.fromMs < fromMs);
    return states.slice(Math.max(0, first));
  }

  return {
    record(state, held) {
      for (const [id, sale] of state.timeSales) {
        const states = sales.get(id) ?? [];
        sales.set(id, states);
        if (states.at(-1)?.sale === sale) continue;
        say('postgres', () => `time sale ${id}: ${sale.stock} of ${sale.quantity} left, restocks ${sale.restocks}`);
        states.push({ fromMs: clock(), sale, held: held.get(id) ?? NOTHING });
      }
      for (const [id, order] of state.orders) {
        if (places.has(id)) continue;
        places.add(id);
        orders.set(`${order.userId} ${order.key}`, { order, atStep: steps() });
      }
    },
    wasShort: (timeSaleId, quantity, fromMs) => since(timeSaleId, fromMs).some(({ sale }) => sale.stock < quantity),
    wasAboveLimit: (timeSaleId, userId, quantity, fromMs) =>
      since(timeSaleId, fromMs).some(({ sale, held }) => (held.get(userId) ?? 0) + quantity > sale.limitPerUser),
    wasInactive: (timeSaleId, status, fromMs) =>
      since(timeSaleId, fromMs).some(({ sale, fromMs: stateFromMs }, index, states) =>
        status === 'SCHEDULED'
          ? Math.max(stateFromMs, fromMs) < sale.startsAtMs
          : (states[index + 1]?.fromMs ?? clock()) >= sale.endsAtMs || sale.announced === 'ENDED',
      ),
    placed: (userId, key) => orders.get(`${userId} ${key}`),
  };
}
