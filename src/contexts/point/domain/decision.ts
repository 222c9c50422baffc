import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import type { LotMove, Posting, Transaction } from './transaction.ts';

export interface Account {
  readonly userId: bigint;
  /** What is left of the user's lots. */
  readonly balance: bigint;
  readonly held: bigint;
}

export interface KeptRefusal {
  readonly contentHash: string;
  readonly refusal: Refusal;
}

/** What a batch of commands may look at. */
export interface LedgerSnapshot {
  /** The accounts that are locked: of every user whom a command names. */
  readonly accounts: ReadonlyMap<bigint, Account>;
  /** By user: what is left of lots that have expired and that no job has emptied yet. */
  readonly overdue: ReadonlyMap<bigint, bigint>;
  /**
   * Of each user the spendable ones in their order until they cover all that the commands may take, or all there are; and
   * those that the commands name, or give back to, whatever their state.
   */
  readonly lots: ReadonlyMap<bigint, Lot>;
  /** By `keyPlace`. */
  readonly keyed: ReadonlyMap<string, Transaction>;
  /** By `keyPlace`. */
  readonly refused: ReadonlyMap<string, KeptRefusal>;
  /** By transaction: what the uses and holds took that the commands may give back, in the order of spending. */
  readonly taken: ReadonlyMap<bigint, readonly LotMove[]>;
  /** By `keyPlace` of user and order. */
  readonly holds: ReadonlyMap<string, Hold>;
}

/** Where a user's key or order is found in the maps of a snapshot. */
export const keyPlace = (userId: bigint, key: string): string => `${userId} ${key}`;

export type PointOutcome =
  /** `replayed`: an earlier command with this key did it. */
  | { readonly kind: 'done'; readonly transaction: Transaction; readonly replayed: boolean }
  /** How the order's hold is now, whether this command changed it or one before it. */
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly replayed: boolean }
  /** There was nothing to do. */
  | { readonly kind: 'nothing' };

export interface NewRefusal extends KeptRefusal {
  readonly userId: bigint;
  readonly key: string;
}

export interface LedgerDecision {
  /** One a command, in their order. */
  readonly outcomes: readonly PointOutcome[];
  readonly postings: readonly Posting[];
  /** What changed, as it is now. */
  readonly accounts: readonly Account[];
  readonly newLots: readonly Lot[];
  readonly changedLots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly refusals: readonly NewRefusal[];
  readonly nowMs: number;
}
