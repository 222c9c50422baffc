export const TRANSACTION_TYPES = [
  'CHARGE',
  'EARN',
  'USE',
  'HOLD',
  'RELEASE',
  'CAPTURE',
  'CANCEL',
  'EXPIRE',
  'ADJUST',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** The accounts of the ledger. Each user has all six, because a system account that all users share would be one hot row. */
export type LedgerAccount = 'USER' | 'HELD' | 'ISSUER' | 'SPENT' | 'EXPIRED' | 'RECEIVABLE';
/** A posting moves points between two of them; what is booked on RECEIVABLE is a third entry. */
export type PostingAccount = Exclude<LedgerAccount, 'RECEIVABLE'>;

/** The change of a lot by a transaction. */
export interface LotMove {
  readonly lotId: bigint;
  /** Negative when points were taken from the lot. */
  readonly amount: bigint;
}

/** Never changes after it is written. */
export interface Transaction {
  readonly id: bigint;
  readonly userId: bigint;
  readonly type: TransactionType;
  /** The change of the user's balance. */
  readonly amount: bigint;
  /** The visible balance after it, available and pending. */
  readonly balance: bigint;
  /** The change of what the user owes: positive when taken points had been spent, negative when earned points repaid it. */
  readonly receivable: bigint;
  /** Unique for the user, so that a command has one effect for its key. Null where the state alone ensures that. */
  readonly key: string | null;
  /** Hash of the command with the key. */
  readonly contentHash: string | null;
  readonly orderId: string | null;
  readonly reason: string | null;
  /** The transaction that it reverses, refunds, releases or captures. */
  readonly sourceId: bigint | null;
  /** The principal of a change by an administrator or a service. */
  readonly by: string | null;
  readonly createdAtMs: number;
}

/** What a transaction gave or took, including the part that is booked on RECEIVABLE. */
export const creditOf = ({ amount, receivable }: Pick<Transaction, 'amount' | 'receivable'>): bigint =>
  amount - receivable;

/**
 * A transaction with its lot moves. Its entries sum to 0: `amount` from one account to another, and the transaction's `receivable`, by which
 * the entry of USER is smaller.
 */
export interface Posting {
  readonly transaction: Transaction;
  readonly from: PostingAccount;
  readonly to: PostingAccount;
  /** At least 1. */
  readonly amount: bigint;
  /** In the order of the decision. They sum to the change of the user's balance. */
  readonly moves: readonly LotMove[];
}
