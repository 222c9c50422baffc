import { getTableColumns } from 'drizzle-orm';
import { computed, converted, group, millis, shared } from '../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import type { HoldState } from '../../domain/holds/hold.ts';
import { accounts, holds, lotMoves, lots, refusals, transactions } from './schema.ts';

export const ACCOUNT = tableMapping(accounts, getTableColumns(accounts));

const { createdAt, ...transaction } = getTableColumns(transactions);
export const TRANSACTION = tableMapping(transactions, { ...transaction, createdAtMs: shared(millis(createdAt)) });

const lotOpen = computed(lots.open, (row) => `${row}remaining > 0`);
const lotExpiresAtMs = converted(
  lots.expiresAt,
  (at) => Number(at),
  (ms) => (ms === Number.POSITIVE_INFINITY ? ms : new Date(ms)),
);
export const LOT = tableMapping(lots, {
  id: lots.id,
  userId: lots.userId,
  amount: lots.amount,
  remaining: lots.remaining,
  expired: lots.expired,
  open: lotOpen,
  availableAtMs: millis(lots.availableAt),
  expiresAtMs: lotExpiresAtMs,
});
export const LOT_CHANGE = tableMapping(lots, {
  id: lots.id,
  remaining: lots.remaining,
  expired: lots.expired,
  open: lotOpen,
  expiresAtMs: lotExpiresAtMs,
});

export const NEW_MOVE = tableMapping(lotMoves, getTableColumns(lotMoves));
export const MOVE = tableMapping(lotMoves, {
  transactionId: lotMoves.transactionId,
  lotId: lotMoves.lotId,
  amount: lotMoves.amount,
});

const holdState = group(
  { status: holds.state, refunded: holds.refunded },
  ({ status, refunded }): HoldState => {
    if (status === 'CAPTURED') return { status, refunded };
    if (status === 'HELD' || status === 'RELEASED') return { status };
    throw new Error(`a hold has an unknown state: ${status}`);
  },
  (state) => ({ status: state.status, refunded: state.status === 'CAPTURED' ? state.refunded : 0n }),
);
export const HOLD = tableMapping(holds, {
  userId: holds.userId,
  orderId: holds.orderId,
  amount: holds.amount,
  transactionId: holds.transactionId,
  state: holdState,
});
export const HOLD_CHANGE = tableMapping(holds, { state: holdState });

const refusal = {
  userId: refusals.userId,
  key: refusals.key,
  contentHash: refusals.contentHash,
  refusal: group({ code: refusals.code, details: refusals.details }),
};
export const REFUSAL = tableMapping(refusals, refusal);
export const NEW_REFUSAL = tableMapping(refusals, { ...refusal, createdAtMs: shared(millis(refusals.createdAt)) });
