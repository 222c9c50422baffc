import { changed } from '../../../platform/kernel/changed.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { type PointRefusal, refuse } from '../refusals.ts';
import { type ChargeBook, chargeBook } from './charges/charge-book.ts';
import { type Account, type LedgerDecision, type LedgerSnapshot, type NewRefusal, userKey } from './decision.ts';
import type { OrderEarning } from './earnings/order-earning.ts';
import type { Hold } from './holds/hold.ts';
import { isExpired, isSpendable, type Lot } from './lots/lot.ts';
import { type LotQueue, lotQueue } from './lots/lot-queue.ts';
import type { LotMove, Posting, PostingAccount, Transaction, TransactionType } from './postings/transaction.ts';

export interface PostingRequest {
  readonly userId: bigint;
  readonly type: TransactionType;
  readonly from: PostingAccount;
  readonly to: PostingAccount;
  readonly amount: bigint;
  /** The change of what the user owes. The entry of USER is smaller by it. Default 0. */
  readonly receivable?: bigint;
  /** The validity of a new lot, or the moves of existing lots. Undefined for a capture of held points. */
  readonly lots?: { readonly availableAtMs: number | null; readonly expiresAtMs: number } | readonly LotMove[];
  readonly parts?: Partial<Pick<Transaction, 'key' | 'contentHash' | 'orderId' | 'reason' | 'sourceId' | 'by'>>;
}

/** The state on which the commands of one batch are decided: each command sees the changes of the earlier ones. */
export interface LedgerUnitOfWork extends ChargeBook {
  readonly nowMs: number;
  readonly nextId: IdSource;
  account(userId: bigint): Account;
  /** The user's balance without expired points. */
  balance(userId: bigint): bigint;
  /**
   * Returns POINT_LIMIT_EXCEEDED when `amount` more points would be too many. Held points count, because they may be returned, and open
   * charges, for which room is kept.
   */
  refusalAbove(userId: bigint, amount: bigint, limit: bigint): PointRefusal | undefined;
  spendable(userId: bigint): LotQueue;
  lot(id: bigint): Lot | undefined;
  /** Moves the expiry of a lot to a later time. */
  extend(lot: Lot, expiresAtMs: number): void;
  /** The lot moves of a use or hold. Throws when they were not loaded. */
  taken(transactionId: bigint): readonly LotMove[];
  /** Adds a transaction, moves its points and changes its lots. */
  post(request: PostingRequest): Transaction;
  keyed(userId: bigint, key: string): Transaction | undefined;
  refused(userId: bigint, key: string): NewRefusal | undefined;
  refuse(refusal: NewRefusal): void;
  hold(userId: bigint, orderId: string): Hold | undefined;
  saveHold(hold: Hold): void;
  earning(userId: bigint, orderId: string): OrderEarning | undefined;
  saveEarning(earning: Omit<OrderEarning, 'revision'>): void;
}

export function ledgerUnitOfWork(snapshot: LedgerSnapshot, nowMs: number, nextId: IdSource) {
  const accounts = new Map(snapshot.accounts);
  const overdue = new Map(snapshot.overdue);
  const lots = new Map(snapshot.lots);
  const queues = new Map<bigint, LotQueue>();
  const taken = new Map(snapshot.taken);
  const keyed = new Map(snapshot.keyed);
  const holds = new Map(snapshot.holds);
  const earnings = new Map(snapshot.earnings);
  const refusals = new Map<string, NewRefusal>();
  const postings: Posting[] = [];
  for (const lot of lots.values()) queueOf(lot.userId).put(lot, isSpendable(lot, nowMs));

  function queueOf(userId: bigint): LotQueue {
    let queue = queues.get(userId);
    if (!queue) {
      queue = lotQueue();
      queues.set(userId, queue);
    }
    return queue;
  }

  const overdueOf = (lot: Lot | undefined): bigint => (lot && isExpired(lot, nowMs) ? lot.remaining : 0n);

  function setLot(lot: Lot): void {
    const change = overdueOf(lot) - overdueOf(lots.get(lot.id));
    if (change !== 0n) overdue.set(lot.userId, (overdue.get(lot.userId) ?? 0n) + change);
    lots.set(lot.id, lot);
    queueOf(lot.userId).put(lot, isSpendable(lot, nowMs));
  }

  function lotOf(id: bigint): Lot {
    const lot = lots.get(id);
    if (!lot) throw new Error(`lot ${id} was not loaded`);
    return lot;
  }

  function account(userId: bigint): Account {
    const found = accounts.get(userId);
    if (!found) throw new Error(`the account of user ${userId} was not loaded`);
    return found;
  }

  const balance = (userId: bigint): bigint => account(userId).balance - (overdue.get(userId) ?? 0n);

  function move(id: bigint, request: PostingRequest): readonly LotMove[] {
    const { userId, type, lots: changes = [] } = request;
    if ('expiresAtMs' in changes) {
      const amount = changeOfBalance(request);
      // All of it repaid what the user owes.
      if (amount === 0n) return [];
      setLot({ id, userId, amount, remaining: amount, expired: 0n, ...changes });
      return [{ lotId: id, amount }];
    }
    for (const { lotId, amount: change } of changes) {
      const lot = lotOf(lotId);
      const remaining = lot.remaining + change;
      if (remaining < 0n || remaining > lot.amount) throw new Error(`${remaining} left of lot ${lotId}`);
      setLot({ ...lot, remaining, expired: type === 'EXPIRE' ? lot.expired - change : lot.expired });
    }
    return changes;
  }

  const share = (of: PostingAccount, { from, to, amount }: PostingRequest): bigint =>
    to === of ? amount : from === of ? -amount : 0n;
  const changeOfBalance = (request: PostingRequest): bigint => share('USER', request) + (request.receivable ?? 0n);

  const charges = chargeBook(snapshot, nextId, (userId, change) => {
    const before = account(userId);
    accounts.set(userId, { ...before, charging: before.charging + change });
  });

  const work: LedgerUnitOfWork = {
    ...charges.book,
    nowMs,
    nextId,
    account,
    balance,
    refusalAbove(userId, amount, limit) {
      const { held, charging } = account(userId);
      const has = balance(userId);
      if (has + held + charging + amount <= limit) return undefined;
      return refuse('POINT_LIMIT_EXCEEDED', { balance: String(has), limit: String(limit) });
    },
    spendable: queueOf,
    lot: (id) => lots.get(id),
    extend: (lot, expiresAtMs) => setLot({ ...lot, expiresAtMs }),
    taken(transactionId) {
      const moves = taken.get(transactionId);
      if (!moves) throw new Error(`the lot moves of transaction ${transactionId} were not loaded`);
      return moves;
    },
    post(request) {
      const { userId, type, from, to, amount, receivable = 0n, parts } = request;
      const id = nextId();
      const moves = move(id, request);
      const before = account(userId);
      const change = changeOfBalance(request);
      accounts.set(userId, {
        userId,
        balance: before.balance + change,
        held: before.held + share('HELD', request),
        receivable: before.receivable + receivable,
        charging: before.charging,
      });
      const details = { key: null, contentHash: null, orderId: null, reason: null, sourceId: null, by: null, ...parts };
      const effect = { amount: change, balance: balance(userId), receivable, createdAtMs: nowMs };
      const transaction: Transaction = { id, userId, type, ...effect, ...details };
      postings.push({ transaction, from, to, amount, moves });
      taken.set(id, moves);
      if (details.key !== null) keyed.set(userKey(userId, details.key), transaction);
      return transaction;
    },
    keyed: (userId, key) => keyed.get(userKey(userId, key)),
    refused(userId, key) {
      const place = userKey(userId, key);
      const kept = snapshot.refused.get(place);
      return refusals.get(place) ?? (kept && { ...kept, userId, key });
    },
    refuse: (refusal) => void refusals.set(userKey(refusal.userId, refusal.key), refusal),
    hold: (userId, orderId) => holds.get(userKey(userId, orderId)),
    earning: (userId, orderId) => earnings.get(userKey(userId, orderId)),
    saveEarning: (earning) =>
      void earnings.set(userKey(earning.userId, earning.orderId), { ...earning, revision: nextId() }),
    saveHold: (hold) => void holds.set(userKey(hold.userId, hold.orderId), hold),
  };

  return {
    work,
    decision(outcomes: LedgerDecision['outcomes']): LedgerDecision {
      const touched = changed(lots, snapshot.lots);
      return {
        outcomes,
        postings,
        accounts: changed(accounts, snapshot.accounts),
        newLots: touched.filter(({ id }) => !snapshot.lots.has(id)),
        changedLots: touched.filter(({ id }) => snapshot.lots.has(id)),
        holds: changed(holds, snapshot.holds),
        refusals: [...refusals.values()],
        ...charges.changes(),
        earnings: changed(earnings, snapshot.earnings),
        nowMs,
      };
    },
  };
}
