import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import { claimsReading, isFresh, isTrusted, type Remembered, readEnded } from '../../../platform/kernel/remembered.ts';
import type { Item } from '../domain/command.ts';
import { isOver, type TimeSale } from '../domain/time-sale.ts';
import type { Buyers } from './ports.ts';

const SALES_MAX = 10_000;
/** Buyers that are remembered of one time sale. */
export const BUYERS_MAX = 100_000;
/** Of all time sales. */
const BUYERS_TOTAL_MAX = 200_000;

interface Fact extends Remembered {
  sale: TimeSale;
  /** Made once, so that the answer built from it is built once. */
  readonly refusal: Refusal;
  readAtMs: number;
  /**
   * All users that have ever ordered, as of `sale.restocks`: while nothing comes back, nobody else can order. Undefined: not known.
   * 'too many' to be remembered: not read again before something comes back.
   */
  buyers: ReadonlySet<bigint> | 'too many' | undefined;
}

type Wanted = Pick<Item, 'productId'> & { readonly timeSaleId?: bigint | null | undefined };

/**
 * Time sales that had nothing left a moment ago, by what was committed: at an opening nine of ten orders lose, and need not wait
 * for the lock of the one row that all of them want. It only ever refuses. Who has ordered before gets that order again for the same
 * key, so memory learns who has.
 */
export interface SoldOutMemory {
  /**
   * OUT_OF_STOCK when one of the items wants a time sale that has nothing left. 'read again': this order has to reach PostgreSQL,
   * whatever memory says, because the others are refused from memory until it has; call `readEnded` when it is over.
   */
  check(items: readonly Wanted[], nowMs: number): Refusal | 'read again' | undefined;
  /** The order that got 'read again' at `askedAtMs` is over, whatever became of it. */
  readEnded(items: readonly Wanted[], askedAtMs: number): void;
  /** Of an order that `check` refuses: may it have been placed before? False only when all buyers of a sale of it are known. */
  mayBePlaced(userId: bigint, items: readonly Wanted[], nowMs: number): boolean;
  /** Is every order of a user who has not ordered at this sale refused from memory alone? */
  isSoldOut(timeSaleId: bigint, nowMs: number): boolean;
  /** Time sales as a committed batch left them. Those with units are forgotten. */
  saw(timeSales: Iterable<TimeSale>, seenAtMs: number): void;
  sawBuyers(buyers: Buyers, seenAtMs: number): void;
}

/** `wantsBuyers` is called with each time sale that is seen sold out and whose buyers are not known. */
export function soldOutMemory(wantsBuyers: (timeSaleId: bigint) => void = () => {}): SoldOutMemory {
  const facts = new Map<bigint, Fact>();
  let buyersTotal = 0;

  function keepBuyers(fact: Fact, buyers: Fact['buyers']): void {
    buyersTotal += sizeOf(buyers) - sizeOf(fact.buyers);
    fact.buyers = buyers;
  }

  function drop(fact: Fact): void {
    keepBuyers(fact, undefined);
    facts.delete(fact.sale.id);
  }

  function meet(sale: TimeSale, seenAtMs: number): void {
    const known = facts.get(sale.id);
    // Put at the end again: the first ones are those seen longest ago.
    facts.delete(sale.id);
    if (sale.stock > 0) {
      if (known) drop(known);
      return;
    }
    const fact = known ?? { sale, refusal: outOfStock(sale), readAtMs: seenAtMs, askedAtMs: 0, buyers: undefined };
    // Somebody else may have ordered since they were read.
    if (fact.sale.restocks !== sale.restocks) keepBuyers(fact, undefined);
    fact.sale = sale;
    fact.readAtMs = Math.max(fact.readAtMs, seenAtMs);
    facts.set(sale.id, fact);
  }

  function keepBounds(): void {
    for (const fact of facts.values()) {
      if (facts.size <= SALES_MAX && buyersTotal <= BUYERS_TOTAL_MAX) return;
      if (facts.size > SALES_MAX) drop(fact);
      else keepBuyers(fact, 'too many');
    }
  }

  function factOf({ productId, timeSaleId }: Wanted): Fact | undefined {
    const fact = timeSaleId == null ? undefined : facts.get(timeSaleId);
    return fact?.sale.productId === productId ? fact : undefined;
  }

  return {
    check(items, nowMs) {
      if (facts.size === 0) return undefined;
      for (const item of items) {
        const fact = factOf(item);
        if (fact === undefined || isOver(fact.sale, nowMs)) continue;
        if (claimsReading(fact, nowMs)) return 'read again';
        if (isTrusted(fact, nowMs)) return fact.refusal;
      }
      return undefined;
    },
    readEnded(items, askedAtMs) {
      for (const item of items) {
        const fact = factOf(item);
        if (fact === undefined) continue;
        // It failed, and may have been committed all the same.
        if (fact.readAtMs < askedAtMs) keepBuyers(fact, undefined);
        readEnded(fact, askedAtMs);
      }
    },
    isSoldOut(timeSaleId, nowMs) {
      const fact = facts.get(timeSaleId);
      return fact !== undefined && isKnown(fact.buyers) && isFresh(fact, nowMs) && !isOver(fact.sale, nowMs);
    },
    mayBePlaced(userId, items, nowMs) {
      for (const item of items) {
        const fact = factOf(item);
        if (fact !== undefined && isFresh(fact, nowMs) && isKnown(fact.buyers) && !fact.buyers.has(userId))
          return false;
      }
      return true;
    },
    saw(timeSales, seenAtMs) {
      for (const sale of timeSales) {
        meet(sale, seenAtMs);
        if (sale.stock === 0 && facts.get(sale.id)?.buyers === undefined) wantsBuyers(sale.id);
      }
      keepBounds();
    },
    sawBuyers({ timeSale, users }, seenAtMs) {
      const known = facts.get(timeSale.id);
      // A batch has seen more since the buyers were read.
      if (known !== undefined && known.sale.restocks > timeSale.restocks) return;
      meet(timeSale, seenAtMs);
      const fact = facts.get(timeSale.id);
      if (fact !== undefined) keepBuyers(fact, users ?? 'too many');
      keepBounds();
    },
  };
}

const isKnown = (buyers: Fact['buyers']): buyers is ReadonlySet<bigint> =>
  buyers !== undefined && buyers !== 'too many';
const sizeOf = (buyers: Fact['buyers']): number => (isKnown(buyers) ? buyers.size : 0);

/** Frozen: the edge may keep what it writes of it (hot-problems.ts). */
const outOfStock = ({ productId, id }: TimeSale): Refusal =>
  refuse('OUT_OF_STOCK', Object.freeze({ productId: String(productId), timeSaleId: String(id) }));
