import type { CouponRefusal } from '../../refusals.ts';
import type { PolicyStatus } from '../enumerations.ts';
import type { Coupon, Reservation } from './coupon.ts';

/** A policy whose stock a withdrawal may change, read under its lock. */
export interface StockedPolicy {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly status: PolicyStatus;
  readonly issuedCount: number;
  readonly refusalEpoch: number;
}

/** A coupon that was used for an order without a reservation. */
export interface DirectUse {
  readonly couponId: bigint;
  readonly userId: bigint;
  readonly orderId: string;
}

/** How many coupons a user may have reserved is a limit over all shards; this is the part of one shard in it. */
export interface SharedLimit {
  /** So many a user may have reserved here while the other shards are not counted. All shards together allow the limit at most. */
  readonly uncountedMax: number;
  /** The token of the newest count of each user whose reservations are counted in all shards. */
  readonly countTokens: ReadonlyMap<bigint, bigint>;
}

/** What a batch of commands is decided on. */
export interface LifecycleSnapshot {
  /** The locked coupons; no others may be changed. */
  readonly coupons: ReadonlyMap<bigint, Coupon>;
  /** Reservations named by the commands, those of their orders, and all PENDING ones of users who reserve. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** The coupons that were used without a reservation, for the orders of the commands. */
  readonly directUses: readonly DirectUse[];
  /** The policies of the coupons to be withdrawn. */
  readonly policies: ReadonlyMap<bigint, StockedPolicy>;
  /** Ids of events that were not handled before. */
  readonly unclaimedEvents: ReadonlySet<string>;
  /** Absent: there are no other shards. */
  readonly sharedLimit?: SharedLimit;
}

export const STEP_KINDS = ['RESERVED', 'EXTENDED', 'RELEASED', 'USED', 'CANCELLED', 'EXPIRED', 'RESTORED'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** One step in the lifecycle of a coupon. The history has a row for each. */
export interface Step {
  readonly kind: StepKind;
  /** The reason, where a step can have several. */
  readonly reason: 'RELEASED' | 'TIMEOUT' | 'PAYMENT_FAILED' | 'WITHDRAWN' | 'REFUNDED' | null;
  /** As it is after the step. */
  readonly coupon: Coupon;
  /** The reservation that began, changed or ended with the step. */
  readonly reservation: Reservation | null;
  readonly orderId: string | null;
  /** RESERVED: the future discount, USED: the discount, RESTORED: the discount that no longer applies. */
  readonly discountAmount: bigint | null;
  /** Who made a manual change, and why. */
  readonly changedBy: string | null;
  readonly note: string | null;
}

/** A payment whose coupon cannot be used. The order context has to refund it. */
export interface ConfirmationFailure {
  readonly couponId: bigint;
  /** The caller's id. */
  readonly reservationId: string | null;
  readonly orderId: string;
  readonly reason: string;
  readonly eventId: string;
}

export type LifecycleOutcome =
  /** The state after the command, even if an earlier command led to it. */
  | { readonly kind: 'done'; readonly coupon: Coupon; readonly reservation: Reservation | null }
  | { readonly kind: 'refused'; readonly refusal: CouponRefusal }
  /** An event that was handled before, or that does not concern a coupon. */
  | { readonly kind: 'ignored' };

export interface LifecycleDecision {
  /** One for each command, in their order. */
  readonly outcomes: readonly LifecycleOutcome[];
  readonly steps: readonly Step[];
  readonly failures: readonly ConfirmationFailure[];
  readonly nowMs: number;
  /** Everything that changed, in its new state. */
  readonly coupons: readonly Coupon[];
  readonly reservations: readonly Reservation[];
  readonly policies: readonly StockedPolicy[];
}
