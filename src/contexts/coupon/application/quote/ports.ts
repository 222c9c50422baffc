import type { Holding } from '../../domain/issue/issue.ts';
import type { QuotableCoupon } from '../../domain/lifecycle/quote.ts';

/** Reads what a quote for a user is decided on. Locks nothing. */
export interface QuoteReader {
  /** Those of the coupons that are this user's, in any order. */
  find(userId: bigint, couponIds: readonly bigint[]): Promise<readonly QuotableCoupon[]>;
  /** The coupons that have not expired and that no reservation holds at `now`, the first to expire first. */
  usable(userId: bigint, now: Date, limit: number): Promise<readonly QuotableCoupon[]>;
  /** How many PENDING reservations of the user are not overdue at `now`. */
  countHolds(userId: bigint, now: Date): Promise<number>;
  /** The coupons of these policies that count against the user's limits, by policy. */
  holdings(userId: bigint, policyIds: readonly bigint[]): Promise<ReadonlyMap<bigint, readonly Holding[]>>;
}
