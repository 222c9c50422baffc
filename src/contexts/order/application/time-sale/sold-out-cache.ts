import {
  type CachedFact,
  endRefresh,
  isFresh,
  isTrusted,
  REFRESH_AFTER_MS,
  startsRefresh,
} from '../../../../platform/kernel/cached-fact.ts';
import { type FactCache, factCache } from '../../../../platform/kernel/fact-cache.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Item } from '../../domain/input.ts';
import { isOver, type TimeSale } from '../../domain/time-sale/time-sale.ts';
import { refuse } from '../../refusals.ts';
import type { Buyers } from '../ports.ts';

const SALES_MAX = 10_000;
/** Cached buyers of one time sale. */
export const BUYERS_MAX = 100_000;
/** Cached buyers of all time sales. */
const BUYERS_TOTAL_MAX = 200_000;

interface Entry extends CachedFact {
  sale: TimeSale;
  /** Created once, so that the response built from it can be cached too. */
  readonly refusal: Refusal;
  readAtMs: number;
  /**
   * All users who have ever ordered, as of `sale.restocks`: while the sale gets no units back, no other user can order. Undefined: not
   * loaded. 'too many': more than are cached; not loaded again until the sale gets units back.
   */
  buyers: ReadonlySet<bigint> | 'too many' | undefined;
  /** When `staleRefusal` last returned something. */
  askedAtMs: number;
}

type ItemId = Pick<Item, 'productId'> & { readonly timeSaleId?: bigint | null | undefined };

export interface StaleRefusal {
  readonly timeSaleId: bigint;
  /** Of the sale, as of its buyers. */
  readonly restocks: number;
  readonly refusal: Refusal;
}

/**
 * Caches the time sales that were sold out within the last second, from committed batches. At an opening nine of ten orders are refused,
 * and need not wait for the lock of the row that all of them need. The cache only refuses. A user who has ordered gets that order again
 * for the same key, so the cache also holds the buyers.
 */
export interface SoldOutCache {
  /**
   * Returns OUT_OF_STOCK when a time sale of the items is sold out. Returns 'refresh' when this order must reach PostgreSQL to read the
   * sale again, while other orders are refused from the cache; call `refreshEnded` when it has ended.
   */
  check(items: readonly ItemId[], nowMs: number): Refusal | 'refresh' | undefined;
  /** The order that got 'refresh' at `refreshStartedAtMs` has ended, whatever its outcome. */
  refreshEnded(items: readonly ItemId[], refreshStartedAtMs: number): void;
  /**
   * For an order that `check` refuses: returns false when it was certainly not placed before, because the buyers of one of its sales are
   * cached and the user is not among them.
   */
  mayBePlaced(userId: bigint, items: readonly ItemId[], nowMs: number): boolean;
  /** Returns true when orders of users who are not buyers of this sale are refused from the cache alone. */
  isSoldOut(timeSaleId: bigint, nowMs: number): boolean;
  /** Returns true when the last reading of this sale found no units, at any time before. */
  has(timeSaleId: bigint): boolean;
  /**
   * For an order about which `check` knows nothing fresh: returns a sold-out sale of its items whose buyers are cached and the user none of them, and how
   * the order is refused if the sale is still in this state. A second order within half a second gets undefined: it goes on, and refreshes the cache.
   */
  staleRefusal(userId: bigint, items: readonly ItemId[], nowMs: number): StaleRefusal | undefined;
  /** Updates the cache with time sales as a committed batch left them. Those with units are removed. */
  update(timeSales: Iterable<TimeSale>, readAtMs: number): void;
  updateBuyers(buyers: Buyers, readAtMs: number): void;
}

/** `loadBuyers` is called with each time sale that is sold out and whose buyers are not loaded. */
export function soldOutCache(loadBuyers: (timeSaleId: bigint) => void = () => {}): SoldOutCache {
  const entries: FactCache<bigint, Entry> = factCache({
    factsMax: SALES_MAX,
    membersMax: BUYERS_TOTAL_MAX,
    membersOf: ({ buyers }) => sizeOf(buyers),
    shed: (_, entry) => setBuyers(entry, 'too many'),
  });

  function setBuyers(entry: Entry, buyers: Entry['buyers']): void {
    entries.countMembers(sizeOf(buyers) - sizeOf(entry.buyers));
    entry.buyers = buyers;
  }

  function put(sale: TimeSale, readAtMs: number): void {
    if (sale.stock > 0) {
      entries.delete(sale.id);
      return;
    }
    const known = entries.get(sale.id);
    const entry = known ?? {
      sale,
      refusal: outOfStock(sale),
      readAtMs,
      refreshStartedAtMs: 0,
      buyers: undefined,
      askedAtMs: 0,
    };
    // Other users may have ordered since the buyers were read.
    if (entry.sale.restocks !== sale.restocks) setBuyers(entry, undefined);
    entry.sale = sale;
    entry.readAtMs = Math.max(entry.readAtMs, readAtMs);
    entries.set(sale.id, entry);
  }

  function entryOf({ productId, timeSaleId }: ItemId): Entry | undefined {
    const entry = timeSaleId == null ? undefined : entries.get(timeSaleId);
    return entry?.sale.productId === productId ? entry : undefined;
  }

  return {
    check(items, nowMs) {
      if (entries.isEmpty()) return undefined;
      for (const item of items) {
        const entry = entryOf(item);
        if (entry === undefined || isOver(entry.sale, nowMs)) continue;
        if (startsRefresh(entry, nowMs)) return 'refresh';
        if (isTrusted(entry, nowMs)) return entry.refusal;
      }
      return undefined;
    },
    refreshEnded(items, refreshStartedAtMs) {
      for (const item of items) {
        const entry = entryOf(item);
        if (entry === undefined) continue;
        // The order failed, but may have been committed.
        if (entry.readAtMs < refreshStartedAtMs) setBuyers(entry, undefined);
        endRefresh(entry, refreshStartedAtMs);
      }
    },
    isSoldOut(timeSaleId, nowMs) {
      const entry = entries.get(timeSaleId);
      return entry !== undefined && isKnown(entry.buyers) && isFresh(entry, nowMs) && !isOver(entry.sale, nowMs);
    },
    has: (timeSaleId) => entries.get(timeSaleId) !== undefined,
    staleRefusal(userId, items, nowMs) {
      if (entries.isEmpty()) return undefined;
      for (const item of items) {
        const entry = entryOf(item);
        if (entry === undefined || isFresh(entry, nowMs) || isOver(entry.sale, nowMs)) continue;
        if (!isKnown(entry.buyers) || entry.buyers.has(userId)) continue;
        if (nowMs - entry.askedAtMs < REFRESH_AFTER_MS) return undefined;
        entry.askedAtMs = nowMs;
        return { timeSaleId: entry.sale.id, restocks: entry.sale.restocks, refusal: entry.refusal };
      }
      return undefined;
    },
    mayBePlaced(userId, items, nowMs) {
      for (const item of items) {
        const entry = entryOf(item);
        if (entry !== undefined && isFresh(entry, nowMs) && isKnown(entry.buyers) && !entry.buyers.has(userId))
          return false;
      }
      return true;
    },
    update(timeSales, readAtMs) {
      for (const sale of timeSales) {
        put(sale, readAtMs);
        if (sale.stock === 0 && entries.get(sale.id)?.buyers === undefined) loadBuyers(sale.id);
      }
      entries.makeRoom();
    },
    updateBuyers({ timeSale, users }, readAtMs) {
      const known = entries.get(timeSale.id);
      // A batch has read a newer state since the buyers were read.
      if (known !== undefined && known.sale.restocks > timeSale.restocks) return;
      put(timeSale, readAtMs);
      const entry = entries.get(timeSale.id);
      if (entry !== undefined) setBuyers(entry, users ?? 'too many');
      entries.makeRoom();
    },
  };
}

const isKnown = (buyers: Entry['buyers']): buyers is ReadonlySet<bigint> =>
  buyers !== undefined && buyers !== 'too many';
const sizeOf = (buyers: Entry['buyers']): number => (isKnown(buyers) ? buyers.size : 0);

/** Frozen, because the edge caches the response built from it (hot-problems.ts). */
const outOfStock = ({ productId, id }: TimeSale): Refusal =>
  refuse('OUT_OF_STOCK', Object.freeze({ productId: String(productId), timeSaleId: String(id) }));
