import type { ChangeBatch } from '../../../../platform/batching/change-batch.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleDecision, LifecycleSnapshot } from '../../domain/lifecycle/lifecycle-decision.ts';

/** Changes issued coupons in transactions, under their locks. */
export interface LifecycleStore {
  /** Claims the events of the commands, and locks the users, policies and coupons that the commands name. */
  readonly changeBatch: ChangeBatch<LifecycleCommand, LifecycleSnapshot, LifecycleDecision>;
}

/** What scheduled tasks have to end, longest overdue first. */
export interface DueReader {
  /** PENDING reservations past their end. */
  reservations(now: Date, limit: number): Promise<readonly string[]>;
  /** ISSUED coupons past their expiry. */
  coupons(now: Date, limit: number): Promise<readonly bigint[]>;
}
