import type { Keep, Replay } from '../../../platform/kernel/command-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Product } from '../domain/product.ts';
import type { TimeSale } from '../domain/time-sale.ts';

/**
 * Where products and time sales are made and edited by hand. With `keep` a change has one effect for its key: its result is kept
 * in its transaction, and later returned as a Replay.
 */
export interface GoodsStore {
  insertProduct(product: Product, keep?: Keep<Product>): Promise<Product | Replay>;
  /**
   * Locks the product as orders do, lets `decide` decide and stores what it says: the product, and a time sale that was carved
   * out of it. Undefined: there is no such product.
   */
  change<Change extends GoodsChange>(
    productId: bigint,
    decide: (product: Product) => Change | Refusal,
    keep?: Keep<Change | Refusal | undefined>,
  ): Promise<Change | Refusal | undefined | Replay>;
}

export interface GoodsChange {
  readonly product: Product;
  /** New. */
  readonly timeSale?: TimeSale;
}

/** A product and what it can be bought at now for less, if anything. */
export interface OfferedProduct {
  readonly product: Product;
  readonly activeTimeSale: TimeSale | null;
}
export interface OfferedTimeSale {
  readonly timeSale: TimeSale;
  readonly product: Product;
}

export interface GoodsReader {
  findProduct(id: bigint, now: Date): Promise<OfferedProduct | undefined>;
  /** Newest first. */
  listProducts(query: ProductsQuery): Promise<readonly OfferedProduct[]>;
  /** The most sold of all time first, none that never was; hidden ones left out. */
  listPopular(limit: number, now: Date): Promise<readonly PopularOffer[]>;
  /** The same by what was sold from this calendar day (YYYY-MM-DD) on. */
  listPopularSince(day: string, limit: number, now: Date): Promise<readonly PopularOffer[]>;
  findTimeSale(id: bigint): Promise<OfferedTimeSale | undefined>;
  /** Newest first. */
  listTimeSales(query: TimeSalesQuery): Promise<readonly OfferedTimeSale[]>;
}

export interface PopularOffer extends OfferedProduct {
  readonly quantitySold: bigint;
}

export interface ProductsQuery {
  readonly now: Date;
  readonly storeId: bigint | undefined;
  /** Whose hidden products are shown too: everybody's, nobody's, or one user's. */
  readonly hiddenOf: 'ALL' | 'NONE' | bigint;
  /** Only products with a smaller id. */
  readonly before: bigint | undefined;
  /** How many to leave out first. */
  readonly skip: number;
  readonly limit: number;
}

export interface TimeSalesQuery {
  readonly now: Date;
  readonly status: string | undefined;
  /** Only time sales with a smaller id. */
  readonly before: bigint | undefined;
  readonly limit: number;
}

/** The moments at which time sales begin and end. */
export interface TimeSaleWindows {
  /** The next one, or one that has passed and was not dealt with. */
  nextAt(): Promise<number | undefined>;
  /**
   * Announces up to `limit` time sales that have begun or ended by now, and gives back to its product what is left of one that
   * ended. Answers how many there were.
   */
  turn(nowMs: number, limit: number): Promise<number>;
}
