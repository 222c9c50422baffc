import type { Keyed, Merged } from '../../../platform/kernel/command-key.ts';
import type { GetBalanceResponse } from '../api.ts';
import type { PointCommand } from '../domain/command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from '../domain/decision.ts';
import type { Transaction } from '../domain/transaction.ts';

/** A command that a caller may have named with a key. What moves points by a key of the ledger carries none here. */
export type KeyedPointCommand = PointCommand & Keyed<PointOutcome>;

/** Where points are moved: all or nothing, under the locks of the accounts. */
export interface LedgerStore {
  /**
   * Makes the accounts that are missing, locks them all, loads what the commands may look at as of `nowMs`, lets `decide`
   * decide, which gets the store's time after the locks, and stores the decision with its events. Answers after the commit.
   * `decide` is pure and may run again. It gets the commands whose key is not known: the others are replayed.
   */
  changeBatch(
    commands: readonly KeyedPointCommand[],
    nowMs: number,
    decide: (snapshot: LedgerSnapshot, storeMs: number, fresh: readonly PointCommand[]) => LedgerDecision,
  ): Promise<Merged<LedgerDecision>>;
}

export interface LedgerReader {
  findTransaction(id: bigint): Promise<Transaction | undefined>;
  /** Of one moment of the database. */
  balance(query: BalanceQuery): Promise<GetBalanceResponse>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<readonly Transaction[]>;
}

export interface BalanceQuery {
  readonly userId: bigint;
  readonly nowMs: number;
  /** Lots that expire before this are listed, at most `expiringMax` of them. */
  readonly soonMs: number;
  readonly expiringMax: number;
}

export interface HistoryQuery {
  readonly userId: bigint;
  /** Only transactions with a smaller id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/** What the clock brings. */
export interface ExpiryStore {
  /** Lots that have expired and have something left, the first to expire first. */
  expired(nowMs: number, limit: number): Promise<readonly { readonly id: bigint; readonly userId: bigint }[]>;
  /**
   * Publishes point.expiring for users of up to `limit` lots that expire on a day, and remembers it: a user hears once of a
   * day and distance. Answers where to go on, undefined at the end, and how many users heard.
   */
  announce(notice: ExpiryNotice): Promise<{ readonly heard: number; readonly next: LotPlace | undefined }>;
  /** Forgets refusals that were kept for their keys until `beforeMs`, at most `limit`. Answers how many. */
  forgetRefusals(beforeMs: number, limit: number): Promise<number>;
}

export interface LotPlace {
  readonly expiresAtMs: number;
  readonly id: bigint;
}

export interface ExpiryNotice {
  readonly daysAhead: 7 | 30;
  /** YYYY-MM-DD. */
  readonly day: string;
  /** The day's moments, [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly after: LotPlace | undefined;
  readonly limit: number;
}

export interface PointStore extends LedgerStore, LedgerReader, ExpiryStore {}
