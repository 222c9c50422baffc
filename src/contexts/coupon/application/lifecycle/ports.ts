import type { Keyed, Merged } from '../../../../platform/kernel/command-key.ts';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type {
  LifecycleDecision,
  LifecycleOutcome,
  LifecycleSnapshot,
} from '../../domain/lifecycle/lifecycle-decision.ts';

/** A command with an optional idempotency key. */
export type KeyedLifecycleCommand = LifecycleCommand & Keyed<LifecycleOutcome>;

/** Changes issued coupons in transactions, under their locks. */
export interface LifecycleStore {
  /**
   * Claims the events of the commands, locks what they touch, calls `decide` with the store's time, which all nodes
   * share, and stores the decision with its events. Resolves after the commit. `decide` is pure and may be called
   * again. It gets the commands without a stored result for their key; the others are replayed.
   */
  changeBatch(
    commands: readonly KeyedLifecycleCommand[],
    decide: (snapshot: LifecycleSnapshot, nowMs: number, newCommands: readonly LifecycleCommand[]) => LifecycleDecision,
  ): Promise<Merged<LifecycleDecision>>;
}

/** What scheduled tasks have to end, longest overdue first. */
export interface DueReader {
  /** PENDING reservations past their end. */
  reservations(now: Date, limit: number): Promise<readonly string[]>;
  /** ISSUED coupons past their expiry. */
  coupons(now: Date, limit: number): Promise<readonly bigint[]>;
}
