import type { PointStore } from '../../application/ports.ts';
import type { Charge, ChargeRefund } from '../../domain/charges/charge.ts';
import {
  type Account,
  type KeptRefusal,
  type LedgerDecision,
  type LedgerSnapshot,
  userKey,
} from '../../domain/decision.ts';
import type { OrderEarning } from '../../domain/earnings/order-earning.ts';
import type { Hold } from '../../domain/holds/hold.ts';
import { isExpired, isSpendable, type Lot } from '../../domain/lots/lot.ts';
import type { Posting } from '../../domain/postings/transaction.ts';

/** The rows of the PostgreSQL tables. */
interface MemoryState {
  readonly postings: Map<bigint, Posting>;
  readonly lots: Map<bigint, Lot>;
  readonly holds: Map<string, Hold>;
  readonly refused: Map<string, KeptRefusal & { readonly createdAtMs: number }>;
  readonly accounts: Map<bigint, Account>;
  readonly notices: Set<string>;
  readonly charges: Map<bigint, Charge>;
  readonly chargeRefunds: Map<bigint, ChargeRefund>;
  readonly earnings: Map<string, OrderEarning>;
}

/** Has the guarantees of the PostgreSQL store, within a single thread. The snapshot contains all rows. */
export function memoryPointStore(): PointStore {
  const state: MemoryState = {
    postings: new Map(),
    lots: new Map(),
    holds: new Map(),
    refused: new Map(),
    accounts: new Map(),
    notices: new Set(),
    charges: new Map(),
    chargeRefunds: new Map(),
    earnings: new Map(),
  };
  const transactions = () => [...state.postings.values()].map(({ transaction }) => transaction);
  const openLots = () => [...state.lots.values()].filter(({ remaining }) => remaining > 0n);
  const lotsOf = (userId: bigint) => openLots().filter((lot) => lot.userId === userId);
  const inOrder = (lots: Lot[]) => lots.sort((a, b) => a.expiresAtMs - b.expiresAtMs || Number(a.id - b.id));

  return {
    async changeBatch(commands, decide, nowMs) {
      for (const { userId } of commands) {
        if (!state.accounts.has(userId))
          state.accounts.set(userId, { userId, balance: 0n, held: 0n, receivable: 0n, charging: 0n });
      }
      const snapshot = snapshotOf(state, nowMs);
      const decision = decide(snapshot, nowMs, commands);
      keep(state, decision);
      return { decision, snapshot, outcomes: decision.outcomes };
    },
    async findTransaction(id) {
      return state.postings.get(id)?.transaction;
    },
    async balance({ userId, nowMs, soonMs, expiringMax }) {
      const lots = lotsOf(userId);
      const available = sumOf(lots.filter((lot) => isSpendable(lot, nowMs)));
      const balance = sumOf(lots.filter((lot) => !isExpired(lot, nowMs)));
      const soon = inOrder(lots.filter((lot) => !isExpired(lot, nowMs) && lot.expiresAtMs < soonMs));
      const expiringSoon = soon
        .slice(0, expiringMax)
        .map(({ remaining, expiresAtMs }) => ({ amount: remaining, expiresAt: new Date(expiresAtMs) }));
      const { held = 0n, receivable = 0n } = state.accounts.get(userId) ?? {};
      return { balance, available, pending: balance - available, held, receivable, expiringSoon };
    },
    async history({ userId, before, limit }) {
      const own = transactions().filter((each) => each.userId === userId && (before === undefined || each.id < before));
      return own.sort((a, b) => Number(b.id - a.id)).slice(0, limit);
    },
    async findCharge(id) {
      const charge = state.charges.get(id);
      return charge && { charge, refunds: [...state.chargeRefunds.values()].filter((each) => each.chargeId === id) };
    },
    async dueCharges(nowMs, limit) {
      return [...state.charges.values()].filter(({ resumeAtMs }) => resumeAtMs <= nowMs).slice(0, limit);
    },
    async dueChargeRefunds(nowMs, limit) {
      return [...state.chargeRefunds.values()].filter(({ resumeAtMs }) => resumeAtMs <= nowMs).slice(0, limit);
    },
    async nextChargeMs() {
      const waiting = [...state.charges.values(), ...state.chargeRefunds.values()].map(({ resumeAtMs }) => resumeAtMs);
      const next = Math.min(...waiting);
      return next === Number.POSITIVE_INFINITY ? undefined : next;
    },
    async withEarnings(orders) {
      return orders.filter(({ userId, orderId }) => state.earnings.has(userKey(userId, orderId)));
    },
    async expired(nowMs, limit) {
      return inOrder(openLots().filter((lot) => isExpired(lot, nowMs))).slice(0, limit);
    },
    async announce({ daysAhead, day, fromMs, toMs, after, limit }) {
      const due = inOrder(openLots().filter(({ expiresAtMs }) => expiresAtMs >= fromMs && expiresAtMs < toMs));
      const start = after ? due.findIndex(({ id }) => id === after.id) + 1 : 0;
      const page = due.slice(start, start + limit);
      const users = new Set(page.map(({ userId }) => `${userId} ${day} ${daysAhead}`));
      const fresh = [...users].filter((notice) => !state.notices.has(notice));
      for (const notice of fresh) state.notices.add(notice);
      const last = page.length === limit ? page.at(-1) : undefined;
      return { notified: fresh.length, next: last && { expiresAtMs: last.expiresAtMs, id: last.id } };
    },
    async forgetRefusals(beforeMs, limit) {
      const old = [...state.refused].filter(([, { createdAtMs }]) => createdAtMs < beforeMs).slice(0, limit);
      for (const [place] of old) state.refused.delete(place);
      return old.length;
    },
  };
}

const sumOf = (lots: readonly Lot[]): bigint => lots.reduce((sum, { remaining }) => sum + remaining, 0n);

function snapshotOf(state: MemoryState, nowMs: number): LedgerSnapshot {
  const overdue = new Map<bigint, bigint>();
  for (const lot of state.lots.values()) {
    if (isExpired(lot, nowMs)) overdue.set(lot.userId, (overdue.get(lot.userId) ?? 0n) + lot.remaining);
  }
  const keyed = [...state.postings.values()].flatMap(({ transaction }) =>
    transaction.key === null ? [] : [[userKey(transaction.userId, transaction.key), transaction] as const],
  );
  return {
    accounts: new Map(state.accounts),
    overdue,
    lots: new Map(state.lots),
    keyed: new Map(keyed),
    refused: new Map(state.refused),
    taken: new Map([...state.postings].map(([id, { moves }]) => [id, moves])),
    holds: new Map(state.holds),
    charges: new Map(state.charges),
    chargeRefunds: new Map(state.chargeRefunds),
    earnings: new Map(state.earnings),
  };
}

function keep(state: MemoryState, decision: LedgerDecision): void {
  for (const posting of decision.postings) state.postings.set(posting.transaction.id, posting);
  for (const account of decision.accounts) state.accounts.set(account.userId, account);
  for (const lot of [...decision.newLots, ...decision.changedLots]) state.lots.set(lot.id, lot);
  for (const hold of decision.holds) state.holds.set(userKey(hold.userId, hold.orderId), hold);
  for (const earning of decision.earnings) state.earnings.set(userKey(earning.userId, earning.orderId), earning);
  for (const charge of decision.charges) state.charges.set(charge.id, charge);
  for (const refund of decision.chargeRefunds) state.chargeRefunds.set(refund.id, refund);
  for (const { userId, key, contentHash, refusal } of decision.refusals) {
    state.refused.set(userKey(userId, key), { contentHash, refusal, createdAtMs: decision.nowMs });
  }
}
