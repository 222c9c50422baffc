import type { ChangeBatch } from '../../../../platform/batching/change-batch.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot } from '../../domain/lifecycle/lifecycle-decision.ts';

/** Changes issued coupons in transactions, under their locks. */
export interface LifecycleStore {
  /** Claims the events of the commands, and locks the users, policies and coupons that the commands name. */
  readonly changeBatch: ChangeBatch<LifecycleCommand, LifecycleSnapshot, LifecycleDecision>;
}

/** Counts the reservations of a user in this shard, for a limit over all of them. */
export interface ReservationCounts {
  /**
   * Begins a count, unless a newer one has begun here, and returns the PENDING reservations that are not overdue. From then on only the reservation
   * with the token is made. `newest` is the token of the newest count.
   */
  begin(userId: bigint, token: bigint): Promise<{ readonly newest: bigint; readonly pending: number }>;
  /** Reservations need no token again, unless a newer count has begun. */
  end(userId: bigint, token: bigint): Promise<void>;
}

/** What scheduled tasks have to end, longest overdue first. */
export interface DueReader {
  /** PENDING reservations past their end. */
  reservations(now: Date, limit: number): Promise<readonly string[]>;
  /** ISSUED coupons past their expiry. */
  coupons(now: Date, limit: number): Promise<readonly bigint[]>;
}
