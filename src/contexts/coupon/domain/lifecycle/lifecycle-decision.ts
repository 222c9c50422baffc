import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { Coupon, Reservation } from './coupon.ts';

/** A policy that a withdrawal may give stock back to, read under its lock. */
export interface StockedPolicy {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly status: string;
  readonly issuedCount: number;
  readonly refusalEpoch: number;
}

/** What a batch of commands may look at. */
export interface LifecycleSnapshot {
  /** The coupons that are locked; no other is changed. */
  readonly coupons: ReadonlyMap<bigint, Coupon>;
  /** Those that the commands name, those of their orders, and all PENDING ones of users who reserve. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Of the coupons that shall be withdrawn. */
  readonly policies: ReadonlyMap<bigint, StockedPolicy>;
  /** Events that have not had their effect yet. */
  readonly unclaimedEvents: ReadonlySet<string>;
}

export type StepKind = 'RESERVED' | 'EXTENDED' | 'RELEASED' | 'USED' | 'CANCELLED' | 'EXPIRED' | 'RESTORED';

/** One step of a coupon's life; its history has a row for each. */
export interface Step {
  readonly kind: StepKind;
  /** Why, where there is more than one way. */
  readonly reason: 'RELEASED' | 'TIMEOUT' | 'PAYMENT_FAILED' | 'WITHDRAWN' | 'REFUNDED' | null;
  /** As it is after the step. */
  readonly coupon: Coupon;
  /** The one that began, changed or ended with it. */
  readonly reservation: Reservation | null;
  readonly orderId: string | null;
  /** RESERVED: what it will take off, USED: what it took off, RESTORED: what it no longer does. */
  readonly discountAmount: bigint | null;
  /** By whom and why, when it was done by hand. */
  readonly changedBy: string | null;
  readonly note: string | null;
}

/** A payment whose coupon cannot be used: whoever took the money has to give it back. */
export interface ConfirmationFailure {
  readonly couponId: bigint;
  readonly reservationId: string | null;
  readonly orderId: string;
  readonly reason: string;
  readonly eventId: string;
}

export type LifecycleOutcome =
  /** How things are now, whether this command changed them or one before it. */
  | { readonly kind: 'done'; readonly coupon: Coupon; readonly reservation: Reservation | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** An event that has had its effect, or is not about a coupon. */
  | { readonly kind: 'ignored' };

export interface LifecycleDecision {
  /** One a command, in their order. */
  readonly outcomes: readonly LifecycleOutcome[];
  readonly steps: readonly Step[];
  readonly failures: readonly ConfirmationFailure[];
  readonly nowMs: number;
  /** What changed, as it is now. */
  readonly coupons: readonly Coupon[];
  readonly reservations: readonly Reservation[];
  readonly policies: readonly StockedPolicy[];
}
