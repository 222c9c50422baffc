import type { ChangeBatch } from '../../../platform/batching/change-batch.ts';
import type { GetBalanceResponse } from '../api.ts';
import type { Charge, ChargeRefund } from '../domain/charges/charge.ts';
import type { PointCommand } from '../domain/command.ts';
import type { LedgerDecision, LedgerSnapshot } from '../domain/decision.ts';
import type { Transaction } from '../domain/postings/transaction.ts';

/** Moves points in one transaction, under the locks of the accounts. */
export interface LedgerStore {
  /** Creates missing accounts, locks all of them and loads the rows that the commands may read as of `nowMs`. */
  readonly changeBatch: ChangeBatch<PointCommand, LedgerSnapshot, LedgerDecision, [nowMs: number]>;
}

export interface LedgerReader {
  findTransaction(id: bigint): Promise<Transaction | undefined>;
  /** In one snapshot of the database. */
  balance(query: BalanceQuery): Promise<GetBalanceResponse>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<readonly Transaction[]>;
}

export interface ChargeReader {
  /** With its refunds, the oldest first. */
  findCharge(id: bigint): Promise<{ readonly charge: Charge; readonly refunds: readonly ChargeRefund[] } | undefined>;
  /** Charges whose `resumeAtMs` has passed, the longest overdue first. */
  dueCharges(nowMs: number, limit: number): Promise<readonly Charge[]>;
  /** Refunds that are not done and whose `resumeAtMs` has passed. */
  dueChargeRefunds(nowMs: number, limit: number): Promise<readonly ChargeRefund[]>;
  /** The earliest `resumeAtMs` of all charges and refunds, which may have passed; undefined = none waits. */
  nextChargeMs(): Promise<number | undefined>;
}

export interface EarningReader {
  /** Returns those of the orders of which something is known here. */
  withEarnings(orders: readonly OrderOfUser[]): Promise<readonly OrderOfUser[]>;
}

export interface OrderOfUser {
  readonly userId: bigint;
  readonly orderId: string;
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

/** The scheduled work on points. */
export interface ExpiryStore {
  /** Expired lots with points left, the earliest expiry first. */
  expired(nowMs: number, limit: number): Promise<readonly { readonly id: bigint; readonly userId: bigint }[]>;
  /**
   * Publishes point.expiring for the users of up to `limit` lots that expire on a day, once for each user, day and distance. Returns the
   * number of notified users and the position to continue from, undefined at the end.
   */
  announce(notice: ExpiryNotice): Promise<{ readonly notified: number; readonly next: LotPosition | undefined }>;
  /** Deletes at most `limit` refusals that are older than `beforeMs`. Returns their number. */
  forgetRefusals(beforeMs: number, limit: number): Promise<number>;
}

export interface LotPosition {
  readonly expiresAtMs: number;
  readonly id: bigint;
}

/** Points of a user that will expire on a day. */
export interface ExpiringPoints {
  readonly userId: bigint;
  readonly amount: bigint;
  readonly daysAhead: ExpiryNotice['daysAhead'];
  /** YYYY-MM-DD. */
  readonly day: string;
}

export interface ExpiryNotice {
  readonly daysAhead: 7 | 30;
  /** YYYY-MM-DD. */
  readonly day: string;
  /** The interval of the day, [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly after: LotPosition | undefined;
  readonly limit: number;
}

export interface PointStore extends LedgerStore, LedgerReader, ChargeReader, EarningReader, ExpiryStore {}
