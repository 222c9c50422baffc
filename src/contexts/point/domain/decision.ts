import type { PointRefusal } from '../refusals.ts';
import type { Charge, ChargeRefund } from './charges/charge.ts';
import type { OrderEarning } from './earnings/order-earning.ts';
import type { Hold } from './holds/hold.ts';
import type { Lot } from './lots/lot.ts';
import type { LotMove, Posting, Transaction } from './postings/transaction.ts';

export interface Account {
  readonly userId: bigint;
  /** The rest of the user's lots. */
  readonly balance: bigint;
  readonly held: bigint;
  /** What the user owes, because points were taken back that had been spent. Points earned later repay it. */
  readonly receivable: bigint;
  /** The sum of the user's open charges, for which room under the balance cap is kept. */
  readonly charging: bigint;
}

export interface KeptRefusal {
  readonly contentHash: string;
  readonly refusal: PointRefusal;
}

/** The rows that a batch of commands may read. */
export interface LedgerSnapshot {
  /** The locked accounts: those of every user that a command names. */
  readonly accounts: ReadonlyMap<bigint, Account>;
  /** By user: the rest of expired lots that no task has emptied yet. */
  readonly overdue: ReadonlyMap<bigint, bigint>;
  /**
   * For each user the spendable lots, in their order, until they cover the amount that the commands may take; and the lots that the
   * commands name or return points to, whatever their state.
   */
  readonly lots: ReadonlyMap<bigint, Lot>;
  /** By `userKey`. */
  readonly keyed: ReadonlyMap<string, Transaction>;
  /** By `userKey`. */
  readonly refused: ReadonlyMap<string, KeptRefusal>;
  /** By transaction: the lot moves of uses and holds that the commands may return, in the order of spending. */
  readonly taken: ReadonlyMap<bigint, readonly LotMove[]>;
  /** By `userKey` of user and order. */
  readonly holds: ReadonlyMap<string, Hold>;
  /** The charges that the commands name by id or key, and the open ones of users who open another. */
  readonly charges: ReadonlyMap<bigint, Charge>;
  /** All refunds of the charges that the commands name by id. */
  readonly chargeRefunds: ReadonlyMap<bigint, ChargeRefund>;
  /** By `userKey` of user and order. Their lots are in `lots`. */
  readonly earnings: ReadonlyMap<string, OrderEarning>;
}

/** The key of a user's idempotency key or order in the maps of a snapshot. */
export const userKey = (userId: bigint, key: string): string => `${userId} ${key}`;

export type PointOutcome =
  /** `replayed`: an earlier command with this key had the effect. */
  | { readonly kind: 'done'; readonly transaction: Transaction; readonly replayed: boolean }
  /** The order's hold as it is now, changed by this command or an earlier one. */
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'refused'; readonly refusal: PointRefusal; readonly replayed: boolean }
  /** The charge as it is now. */
  | { readonly kind: 'charge'; readonly charge: Charge; readonly changed: boolean; readonly replayed: boolean }
  /** The command had nothing to do. */
  | { readonly kind: 'nothing' };

export interface NewRefusal extends KeptRefusal {
  readonly userId: bigint;
  readonly key: string;
}

export interface LedgerDecision {
  /** One for each command, in their order. */
  readonly outcomes: readonly PointOutcome[];
  readonly postings: readonly Posting[];
  /** The changed rows, as they are now. */
  readonly accounts: readonly Account[];
  readonly newLots: readonly Lot[];
  readonly changedLots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly refusals: readonly NewRefusal[];
  readonly charges: readonly Charge[];
  readonly chargeRefunds: readonly ChargeRefund[];
  readonly earnings: readonly OrderEarning[];
  readonly nowMs: number;
}
