import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { Item } from '../domain/command.ts';
import { isOver, type TimeSale } from '../domain/time-sale.ts';

/** A fact is trusted for this long after PostgreSQL said so: units that another node gave back can be had within it. */
export const TRUST_MS = 1_000;
const SALES_MAX = 10_000;

interface Fact {
  readonly sale: TimeSale;
  /** When the group that saw it was sent. */
  readonly seenAtMs: number;
}

/**
 * Time sales that had nothing left a moment ago, by what was committed: at an opening nine of ten orders lose, and need not wait
 * for the lock of the one row that all of them want. It only ever refuses; who has ordered before is for the caller to find out.
 */
export interface SoldOutMemory {
  /** OUT_OF_STOCK when one of the items wants a time sale that has nothing left. */
  refusalOf(items: readonly Item[], nowMs: number): Refusal | undefined;
  /** Time sales as a committed group left them. Those with units are forgotten. */
  saw(timeSales: Iterable<TimeSale>, seenAtMs: number): void;
}

export function soldOutMemory(): SoldOutMemory {
  const facts = new Map<bigint, Fact>();

  function isSoldOut({ productId, timeSaleId }: Item, nowMs: number): boolean {
    const fact = timeSaleId === null ? undefined : facts.get(timeSaleId);
    if (!fact || fact.sale.productId !== productId) return false;
    const ageMs = nowMs - fact.seenAtMs;
    // Not from the future either: a clock that was set back would have old facts trusted until it catches up.
    return ageMs >= 0 && ageMs < TRUST_MS && !isOver(fact.sale, nowMs);
  }

  return {
    refusalOf(items, nowMs) {
      if (facts.size === 0) return undefined;
      const gone = items.find((item) => isSoldOut(item, nowMs));
      if (!gone) return undefined;
      return refuse('OUT_OF_STOCK', { productId: String(gone.productId), timeSaleId: String(gone.timeSaleId) });
    },
    saw(timeSales, seenAtMs) {
      for (const sale of timeSales) {
        // Put at the end again: the first ones are those seen longest ago.
        facts.delete(sale.id);
        if (sale.stock > 0) continue;
        facts.set(sale.id, { sale, seenAtMs });
      }
      for (const id of facts.keys()) {
        if (facts.size <= SALES_MAX) return;
        facts.delete(id);
      }
    },
  };
}
