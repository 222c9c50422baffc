export type TransactionType =
  | 'CHARGE'
  | 'EARN'
  | 'USE'
  | 'HOLD'
  | 'RELEASE'
  | 'CAPTURE'
  | 'CANCEL'
  | 'EXPIRE'
  | 'ADJUST';

/** The accounts of the ledger. Each user has all five of their own: a system account of everybody's would be one hot row. */
export type LedgerAccount = 'USER' | 'HELD' | 'ISSUER' | 'SPENT' | 'EXPIRED';

/** How a transaction changed what is left of a lot. */
export interface LotMove {
  readonly lotId: bigint;
  /** Negative when it took from it. */
  readonly amount: bigint;
}

/** Never changes once it is written. */
export interface Transaction {
  readonly id: bigint;
  readonly userId: bigint;
  readonly type: TransactionType;
  /** What it did to the user's balance. */
  readonly amount: bigint;
  /** What the user could see right after it: available and pending. */
  readonly balance: bigint;
  /** Unique for the user: what has the same key has its effect once. Null where the state alone decides that. */
  readonly key: string | null;
  /** Of what was asked with the key. */
  readonly contentHash: string | null;
  readonly orderId: string | null;
  readonly reason: string | null;
  /** The one that it reverses, refunds, releases or captures. */
  readonly sourceId: bigint | null;
  /** By whom, when it was done by hand. */
  readonly by: string | null;
  readonly createdAtMs: number;
}

/** A transaction together with what it moves. Two entries, so that they sum to 0 whatever the amount is. */
export interface Posting {
  readonly transaction: Transaction;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  /** At least 1. */
  readonly amount: bigint;
  /** In the order in which they were decided. They sum to what the user's balance changed by. */
  readonly moves: readonly LotMove[];
}
