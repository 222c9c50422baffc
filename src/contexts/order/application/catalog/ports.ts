import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { Idempotency, Replay } from '../../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Product } from '../../domain/catalog/product.ts';
import type { TimeSaleStatus } from '../../domain/enumerations.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';

/**
 * Creates and edits products and time sales for users. With `idempotency`, a change has one effect for its key: its result is stored in the
 * same transaction, and a repeat gets it as a Replay.
 */
export interface CatalogStore {
  /** Stores a new product. A refusal is returned, unless the key has a result already. */
  insertProduct(
    product: Product | Refusal,
    idempotency?: Idempotency<Product | Refusal>,
  ): Promise<Product | Refusal | Replay>;
  /**
   * Locks the product as orders do, calls `decide` and stores the product and the new time sale that it returns. `nowMs` is the database's
   * time after the lock. Returns undefined when the product does not exist.
   */
  change<Change extends CatalogChange>(
    productId: bigint,
    decide: (product: Product, nowMs: number) => Change | Refusal,
    idempotency?: Idempotency<Change | Refusal | undefined>,
  ): Promise<Change | Refusal | undefined | Replay>;
  /** The same for a time sale that exists, which is locked after its product. Returns undefined when it does not exist. */
  changeTimeSale(
    timeSaleId: bigint,
    decide: (product: Product, timeSale: TimeSale, nowMs: number) => TimeSaleChange | Refusal,
    idempotency?: Idempotency<TimeSaleChange | Refusal | undefined>,
  ): Promise<TimeSaleChange | Refusal | undefined | Replay>;
}

/** What a change of a time sale stores, with the events that its transaction publishes. */
export interface TimeSaleChange {
  readonly product: Product;
  readonly timeSale: TimeSale;
  readonly events: readonly OutboxBatch[];
  readonly nowMs: number;
}

export interface CatalogChange {
  readonly product: Product;
  readonly nowMs: number;
  /** New. */
  readonly timeSale?: TimeSale;
}

/** A product with the cheapest time sale that is active now, if any. */
export interface ListedProduct {
  readonly product: Product;
  readonly activeTimeSale: TimeSale | null;
}
export interface ListedTimeSale {
  readonly timeSale: TimeSale;
  readonly product: Product;
}

export interface CatalogReader {
  findProduct(id: bigint, now: Date): Promise<ListedProduct | undefined>;
  /** Newest first. */
  listProducts(query: ProductsQuery): Promise<readonly ListedProduct[]>;
  /** The most sold of all time first, without unsold and hidden products. May be up to 5 s old, as the next one. */
  listPopular(limit: number, now: Date): Promise<readonly PopularListing[]>;
  /** The same for the units sold since this calendar day (YYYY-MM-DD). */
  listPopularSince(day: string, limit: number, now: Date): Promise<readonly PopularListing[]>;
  findTimeSale(id: bigint): Promise<ListedTimeSale | undefined>;
  /** Newest first. */
  listTimeSales(query: TimeSalesQuery): Promise<readonly ListedTimeSale[]>;
}

export interface PopularListing extends ListedProduct {
  readonly quantitySold: bigint;
}

export interface ProductsQuery {
  readonly now: Date;
  readonly storeId: bigint | undefined;
  /** The hidden products to include: all, or those of these stores. */
  readonly hiddenOf: 'ALL' | readonly bigint[];
  /** The list may be up to 5 s old, here and below. */
  readonly mayLag?: boolean | undefined;
  /** Only products with a smaller id. */
  readonly before: bigint | undefined;
  /** How many products to skip. */
  readonly skip: number;
  readonly limit: number;
}

export interface TimeSalesQuery {
  readonly now: Date;
  readonly status: TimeSaleStatus | undefined;
  readonly mayLag?: boolean | undefined;
  /** Only time sales with a smaller id. */
  readonly before: bigint | undefined;
  readonly limit: number;
}

/** The times at which time sales begin and end. */
export interface TimeSaleWindows {
  /** The next of these times, or an earlier one whose transition has not been applied. */
  nextDueMs(): Promise<number | undefined>;
  /**
   * Publishes up to `limit` time sales that have begun or ended, and returns the stock of an ended one to its product. Returns their
   * number.
   */
  applyDueTransitions(nowMs: number, limit: number): Promise<number>;
}

/** Is a store closed or deleted, at a version of it? */
export interface StoreState {
  readonly storeId: bigint;
  readonly version: number;
  readonly closed: boolean;
}

export interface StoreStates {
  /** Records the state unless one of a later version is known. From its commit on, new products have the recorded state. */
  record(state: StoreState): Promise<void>;
  /** Gives at most `limit` products of the store its recorded state. Returns how many had another one. */
  applyToProducts(storeId: bigint, limit: number): Promise<number>;
}
