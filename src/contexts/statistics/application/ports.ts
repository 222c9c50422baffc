import type { Delivery } from '../../../platform/events/bus.ts';
import type { CouponService } from '../../coupon/api.ts';
import type { StoreChecks } from '../../store/api.ts';
import type { Counts, DayCounts, StoreDay } from '../api.ts';
import type { CountedHour, Hour } from '../domain/hours.ts';

/** The consumer group of coupon events, for the bus and the inbox. */
export const CONSUMER = 'statistics.coupons';

/** What this context reads from the one that owns the facts. */
export type CouponFacts = Pick<CouponService, 'getPolicy' | 'listPolicyIds' | 'countActivity' | 'countReserved'>;

/** The other contexts that the reads call. */
export interface Sources {
  readonly coupon: CouponFacts;
  readonly stores: StoreChecks;
}

export interface StatisticsStore {
  /**
   * Adds what `tally` makes of those of the events that were not counted before, in one transaction. Hours that a recount
   * has closed stay as they are.
   */
  countOnce(events: readonly Delivery[], tally: (fresh: readonly Delivery[]) => readonly Hour[]): Promise<void>;
  /**
   * Replaces the hours that begin in [fromMs, untilMs) by a recount and closes them; missing ones become zero. Returns how many
   * were different.
   */
  replace(fromMs: number, untilMs: number, recounted: readonly Hour[]): Promise<number>;
  /** Until when every hour was recounted; undefined = never. */
  recountedUntilMs(): Promise<number | undefined>;
  setRecountedUntilMs(untilMs: number): Promise<void>;
  /** By day and policy; the hours of each day come along. */
  listDays(query: DayQuery): Promise<readonly DayCounts[]>;
  /** The latest days on which something happened, oldest first, without their hours. */
  daysOf(policyId: bigint, limit: number): Promise<readonly DayCounts[]>;
  /** The latest days on which something happened to coupons of a store, oldest first. */
  daysOfStore(storeId: bigint, limit: number): Promise<readonly StoreDay[]>;
  /** Over all days. */
  sumOfStore(storeId: bigint): Promise<Counts>;
  /** Over all days. */
  hoursOf(policyId: bigint): Promise<readonly CountedHour[]>;
}

export interface DayQuery {
  /** YYYY-MM-DD, both inclusive. */
  readonly from: string;
  readonly to: string;
  /** Undefined = any. */
  readonly policyIds: readonly bigint[] | undefined;
  readonly storeId: bigint | undefined;
  /** The page begins behind it. */
  readonly after: { readonly day: string; readonly policyId: bigint } | undefined;
  readonly limit: number;
}
