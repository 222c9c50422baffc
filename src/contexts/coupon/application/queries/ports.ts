import type { Coupon, DueCoupon, HourActivity, UserCoupon } from '../../api.ts';
import type { CouponFilter, CouponStatus } from '../../domain/enumerations.ts';
import type { Reservation, Coupon as StoredCoupon } from '../../domain/lifecycle/coupon.ts';
import type { Step } from '../../domain/lifecycle/lifecycle-decision.ts';

export interface CouponReader {
  isIssued(policyId: bigint, userId: bigint): Promise<boolean>;
  /** Undefined when there is no such coupon. */
  ownerOf(couponId: bigint): Promise<bigint | undefined>;
  /** Those of these reservations that exist. */
  existingReservations(ids: readonly string[]): Promise<readonly string[]>;
  /** Reservations of machines with the id that their caller chose; at most 2. */
  serviceReservations(callerId: string): Promise<readonly string[]>;
  /** Newest first. */
  listOfUser(query: UserCouponQuery): Promise<readonly ListedCoupon[]>;
  /** ISSUED coupons that expire after `now` and not after `until`, the first to expire first. */
  expiring(query: ExpiringQuery): Promise<readonly ListedCoupon[]>;
  statisticsOf(userId: bigint, now: Date): Promise<UserStatistics>;
}

/** Reads the coupons of a policy. */
export interface PolicyCoupons {
  /** Those with sequence numbers in [from, before), the latest first. */
  list(query: PolicyCouponQuery): Promise<readonly Coupon[]>;
}

/** Reads single coupons and reservations with all that is known of them. */
export interface CouponRecords {
  find(couponId: bigint): Promise<StoredCoupon | undefined>;
  /** The steps of a coupon after its issue, the latest first. */
  steps(couponId: bigint, limit: number): Promise<readonly RecordedStep[]>;
  /** Those of these reservations that exist, in any order. */
  reservations(ids: readonly string[]): Promise<readonly Reservation[]>;
}

/** A row of the history of a coupon. */
export interface RecordedStep extends Pick<Step, 'kind' | 'orderId' | 'discountAmount' | 'changedBy' | 'note'> {
  readonly reason: string | null;
  readonly reservationId: string | null;
  readonly atMs: number;
}

/** Reads coupons of a user as they are stored, with the terms by which they are used. */
export interface OwnCoupons {
  /** Those of the coupons that are this user's, in any order. */
  find(userId: bigint, couponIds: readonly bigint[]): Promise<readonly StoredCoupon[]>;
}

/** A coupon of a user, with the fields of its policy that responses show. */
export type ListedCoupon = UserCoupon & { readonly coupon: Coupon };

export interface ExpiringQuery {
  readonly userId: bigint;
  readonly now: Date;
  readonly until: Date;
  readonly limit: number;
}

/** Of all coupons of a user that were not withdrawn. */
export interface UserStatistics {
  readonly total: number;
  readonly available: number;
  readonly used: number;
  readonly expired: number;
  /** The total discount of the used coupons. */
  readonly saved: bigint;
}

export interface UserCouponQuery {
  readonly userId: bigint;
  /** Coupons that match any of them; none = all. */
  readonly filters: readonly CouponFilter[];
  readonly now: Date;
  readonly before?: bigint | undefined;
  readonly limit: number;
}

export interface PolicyCouponQuery {
  readonly policyId: bigint;
  /** Undefined = any, here and below. */
  readonly userId: bigint | undefined;
  /** At `now`. */
  readonly status: CouponStatus | undefined;
  readonly now: Date;
  readonly from: number;
  readonly before: number;
  readonly limit: number;
  readonly isExport: boolean;
}

/** Counts of activity for other contexts. */
export interface ActivityReader {
  /** One statement, so all counts are of one moment. Ordered by policy and time. */
  quarters(query: QuarterQuery): Promise<readonly Quarter[]>;
  countReserved(policyId: bigint): Promise<bigint>;
  /** Newest first. */
  policyIdsOf(storeIds: readonly bigint[], limit: number): Promise<readonly bigint[]>;
}

export interface QuarterQuery {
  /** Empty = every policy. */
  readonly policyIds: readonly bigint[];
  /** The range of times, [from, to). */
  readonly from: Date;
  readonly to: Date;
}

/** The activity of a policy within a quarter of an hour, in UTC. */
export interface Quarter {
  readonly policyId: bigint;
  readonly storeId: bigint | undefined;
  readonly timezone: string;
  readonly startsAtMs: number;
  /** The time of the latest activity. */
  readonly latestAtMs: number;
  readonly counts: Omit<HourActivity, 'policyId' | 'storeId' | 'day' | 'hour' | 'startsAt'>;
}

/** Unused coupons, for reminders. */
export interface UnusedReader {
  /** Those that expire in [from, to), by expiry and id, behind `after`. May be up to 5 s old. */
  due(query: DueQuery): Promise<readonly DueCoupon[]>;
  /** Which of these can still be used, or are reserved. */
  unusedOf(couponIds: readonly bigint[]): Promise<readonly bigint[]>;
}

export interface DueQuery {
  readonly from: Date;
  readonly to: Date;
  readonly after: { readonly expiresAt: Date; readonly couponId: bigint } | undefined;
  readonly limit: number;
}

export interface HolderReader {
  /** The holders of coupons with sequence numbers in (after, to] that were not withdrawn, and the last sequence number of the policy. */
  between(
    policyId: bigint,
    after: number,
    to: number,
  ): Promise<{ readonly userIds: readonly bigint[]; readonly issued: number }>;
}
