import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import { claimsReading, isTrusted, type Remembered, readEnded } from '../../../platform/kernel/remembered.ts';
import type { Item } from '../domain/command.ts';
import { isOver, type TimeSale } from '../domain/time-sale.ts';

const SALES_MAX = 10_000;

interface Fact extends Remembered {
  sale: TimeSale;
  /** Made once, so that the answer built from it is built once. */
  readonly refusal: Refusal;
  readAtMs: number;
}

type Wanted = Pick<Item, 'productId'> & { readonly timeSaleId?: bigint | null | undefined };

/**
 * Time sales that had nothing left a moment ago, by what was committed: at an opening nine of ten orders lose, and need not wait
 * for the lock of the one row that all of them want. It only ever refuses; who has ordered before is for the caller to find out.
 */
export interface SoldOutMemory {
  /**
   * OUT_OF_STOCK when one of the items wants a time sale that has nothing left. 'read again': this order has to reach PostgreSQL,
   * whatever memory says, because the others are refused from memory until it has; call `readEnded` when it is over.
   */
  check(items: readonly Wanted[], nowMs: number): Refusal | 'read again' | undefined;
  /** The order that got 'read again' at `askedAtMs` is over, whatever became of it. */
  readEnded(items: readonly Wanted[], askedAtMs: number): void;
  /** Is every order of this sale refused from memory? */
  isSoldOut(timeSaleId: bigint, nowMs: number): boolean;
  /** Time sales as a committed group left them. Those with units are forgotten. */
  saw(timeSales: Iterable<TimeSale>, seenAtMs: number): void;
}

export function soldOutMemory(): SoldOutMemory {
  const facts = new Map<bigint, Fact>();

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
        if (fact !== undefined) readEnded(fact, askedAtMs);
      }
    },
    isSoldOut(timeSaleId, nowMs) {
      const fact = facts.get(timeSaleId);
      return fact !== undefined && isTrusted(fact, nowMs) && !isOver(fact.sale, nowMs);
    },
    saw(timeSales, seenAtMs) {
      for (const sale of timeSales) {
        const known = facts.get(sale.id);
        // Put at the end again: the first ones are those seen longest ago.
        facts.delete(sale.id);
        if (sale.stock > 0) continue;
        const fact = known ?? { sale, refusal: outOfStock(sale), readAtMs: seenAtMs, askedAtMs: 0 };
        fact.sale = sale;
        fact.readAtMs = Math.max(fact.readAtMs, seenAtMs);
        facts.set(sale.id, fact);
      }
      for (const id of facts.keys()) {
        if (facts.size <= SALES_MAX) return;
        facts.delete(id);
      }
    },
  };
}

/** Frozen: the edge may keep what it writes of it (hot-problems.ts). */
const outOfStock = ({ productId, id }: TimeSale): Refusal =>
  refuse('OUT_OF_STOCK', Object.freeze({ productId: String(productId), timeSaleId: String(id) }));
