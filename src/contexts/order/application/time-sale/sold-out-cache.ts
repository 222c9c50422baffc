import { LRUCache } from 'lru-cache';
import {
  type CachedFact,
  endRefresh,
  isFresh,
  isTrusted,
  NEVER_MS,
  REFRESH_AFTER_MS,
  startsRefresh,
} from '../../../../platform/kernel/cached-fact.ts';
import type { Moment } from '../../../../platform/kernel/moment.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Item } from '../../domain/input.ts';
import { isOver, type TimeSale } from '../../domain/time-sale/time-sale.ts';
import { refuse } from '../../refusals.ts';

const SALES_MAX = 10_000;

interface Entry extends CachedFact {
  sale: TimeSale;
  /** Created once, so that the response built from it can be cached too. */
  readonly refusal: Refusal;
  readAtMs: number;
  /** When `staleRefusal` last returned something, by the monotonic clock. */
  askedAtMs: number;
}

type ItemId = Pick<Item, 'productId'> & { readonly timeSaleId?: bigint | null | undefined };

export interface StaleRefusal {
  readonly timeSaleId: bigint;
  /** Of the sale when it was last read. */
  readonly restocks: number;
  readonly refusal: Refusal;
}

/**
 * Caches the time sales that were sold out within the last second, from committed batches. At an opening nine of ten orders are refused,
 * and need not wait for the lock of the row that all of them need. The cache only refuses, and it says nothing about keys: a unit that came
 * back may have been ordered since, on another node. So the key of an order that it refuses has to be looked up (place-order.ts).
 * Times named `…AtMs` are of the process's monotonic clock.
 */
export interface SoldOutCache {
  /**
   * Returns OUT_OF_STOCK when a time sale of the items is sold out. Returns 'refresh' when this order must reach PostgreSQL to read the
   * sale again, while other orders are refused from the cache; call `refreshEnded` when it has ended.
   */
  check(items: readonly ItemId[], now: Moment): Refusal | 'refresh' | undefined;
  /** The order that got 'refresh' at `refreshStartedAtMs` has ended, whatever its outcome. */
  refreshEnded(items: readonly ItemId[], refreshStartedAtMs: number): void;
  /** Returns true when new orders at this sale are refused from the cache, for no more than a look-up of their keys. */
  isSoldOut(timeSaleId: bigint, now: Moment): boolean;
  /** Returns true when the last reading of this sale found no units, at any time before. */
  has(timeSaleId: bigint): boolean;
  /**
   * For an order about which `check` knows nothing fresh: returns a sold-out sale of its items, and how the order is refused if the sale is
   * still in this state. A second order within half a second gets undefined: it goes on, and refreshes the cache.
   */
  staleRefusal(items: readonly ItemId[], now: Moment): StaleRefusal | undefined;
  /** Updates the cache with time sales as a committed batch left them. Those with units are removed. Not for sales of hidden products. */
  update(timeSales: Iterable<TimeSale>, readAtMs: number): void;
  /** Removes time sales whose products are hidden: an order at them is refused with TIME_SALE_NOT_FOUND, which the cache does not know. */
  forget(timeSales: Iterable<Pick<TimeSale, 'id'>>): void;
}

export function soldOutCache(): SoldOutCache {
  const entries = new LRUCache<bigint, Entry>({ max: SALES_MAX });

  function put(sale: TimeSale, readAtMs: number): void {
    if (sale.stock > 0) {
      entries.delete(sale.id);
      return;
    }
    const entry = entries.get(sale.id);
    if (entry === undefined) {
      entries.set(sale.id, {
        sale,
        refusal: outOfStock(sale),
        readAtMs,
        refreshStartedAtMs: NEVER_MS,
        askedAtMs: NEVER_MS,
      });
      return;
    }
    entry.sale = sale;
    entry.readAtMs = Math.max(entry.readAtMs, readAtMs);
  }

  function entryOf({ productId, timeSaleId }: ItemId): Entry | undefined {
    const entry = timeSaleId == null ? undefined : entries.get(timeSaleId);
    return entry?.sale.productId === productId ? entry : undefined;
  }

  return {
    check(items, { atMs, steadyMs }) {
      if (entries.size === 0) return undefined;
      for (const item of items) {
        const entry = entryOf(item);
        if (entry === undefined || isOver(entry.sale, atMs)) continue;
        if (startsRefresh(entry, steadyMs)) return 'refresh';
        if (isTrusted(entry, steadyMs)) return entry.refusal;
      }
      return undefined;
    },
    refreshEnded(items, refreshStartedAtMs) {
      for (const item of items) {
        const entry = entryOf(item);
        if (entry !== undefined) endRefresh(entry, refreshStartedAtMs);
      }
    },
    isSoldOut(timeSaleId, { atMs, steadyMs }) {
      const entry = entries.get(timeSaleId);
      return entry !== undefined && isTrusted(entry, steadyMs) && !isOver(entry.sale, atMs);
    },
    has: (timeSaleId) => entries.has(timeSaleId),
    staleRefusal(items, { atMs, steadyMs }) {
      if (entries.size === 0) return undefined;
      for (const item of items) {
        const entry = entryOf(item);
        if (entry === undefined || isFresh(entry, steadyMs) || isOver(entry.sale, atMs)) continue;
        if (steadyMs - entry.askedAtMs < REFRESH_AFTER_MS) return undefined;
        entry.askedAtMs = steadyMs;
        return { timeSaleId: entry.sale.id, restocks: entry.sale.restocks, refusal: entry.refusal };
      }
      return undefined;
    },
    update(timeSales, readAtMs) {
      for (const sale of timeSales) put(sale, readAtMs);
    },
    forget(timeSales) {
      for (const { id } of timeSales) entries.delete(id);
    },
  };
}

/** Frozen, because the edge caches the response built from it (hot-problems.ts). */
const outOfStock = ({ productId, id }: TimeSale): Refusal =>
  refuse('OUT_OF_STOCK', Object.freeze({ productId: String(productId), timeSaleId: String(id) }));
