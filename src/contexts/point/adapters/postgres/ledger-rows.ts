import type pg from 'pg';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { KeptRefusal } from '../../domain/decision.ts';
import type { Hold, HoldState } from '../../domain/hold.ts';
import type { Lot } from '../../domain/lot.ts';
import type { Transaction, TransactionType } from '../../domain/transaction.ts';

export interface AccountRow extends pg.QueryResultRow {
  user_id: bigint;
  balance: bigint;
  held: bigint;
}

export interface OverdueRow extends pg.QueryResultRow {
  user_id: bigint;
  amount: bigint;
}

export const TRANSACTION_COLUMNS =
  't.id, t.user_id, t.type, t.amount, t.balance, t.key, t.content_hash, t.order_id, t.reason, t.source_id, t.by, t.created_at';

export interface TransactionRow extends pg.QueryResultRow {
  id: bigint;
  user_id: bigint;
  type: string;
  amount: bigint;
  balance: bigint;
  key: string | null;
  content_hash: string | null;
  order_id: string | null;
  reason: string | null;
  source_id: bigint | null;
  by: string | null;
  created_at: Date;
}

export const toTransaction = (row: TransactionRow): Transaction => ({
  id: row.id,
  userId: row.user_id,
  type: row.type as TransactionType,
  amount: row.amount,
  balance: row.balance,
  key: row.key,
  contentHash: row.content_hash,
  orderId: row.order_id,
  reason: row.reason,
  sourceId: row.source_id,
  by: row.by,
  createdAtMs: row.created_at.getTime(),
});

export interface LotRow extends pg.QueryResultRow {
  id: bigint;
  user_id: bigint;
  amount: bigint;
  remaining: bigint;
  available_at: Date | null;
  /** The driver reads infinity as a number. */
  expires_at: Date | number;
}

export const toLot = (row: LotRow): Lot => ({
  id: row.id,
  userId: row.user_id,
  amount: row.amount,
  remaining: row.remaining,
  availableAtMs: row.available_at?.getTime() ?? null,
  expiresAtMs: row.expires_at instanceof Date ? row.expires_at.getTime() : Number.POSITIVE_INFINITY,
});

export interface MoveRow extends pg.QueryResultRow {
  transaction_id: bigint;
  lot_id: bigint;
  amount: bigint;
}

export interface HoldRow extends pg.QueryResultRow {
  user_id: bigint;
  order_id: string;
  amount: bigint;
  transaction_id: bigint | null;
  state: string;
  refunded: bigint;
}

export const toHold = (row: HoldRow): Hold => ({
  userId: row.user_id,
  orderId: row.order_id,
  amount: row.amount,
  transactionId: row.transaction_id,
  state: toState(row),
});

function toState({ state, refunded, order_id }: HoldRow): HoldState {
  if (state === 'CAPTURED') return { status: state, refunded };
  if (state === 'HELD' || state === 'RELEASED') return { status: state };
  throw new Error(`the hold of order ${order_id} has an unknown state: ${state}`);
}

export interface RefusalRow extends pg.QueryResultRow {
  user_id: bigint;
  key: string;
  content_hash: string;
  code: string;
  details: Refusal['details'];
}

export const toRefusal = ({ content_hash: contentHash, code, details }: RefusalRow): KeptRefusal => ({
  contentHash,
  refusal: { code, details },
});
