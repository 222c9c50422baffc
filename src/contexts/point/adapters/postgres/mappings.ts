import { getTableColumns } from 'drizzle-orm';
import {
  computed,
  converted,
  group,
  millis,
  millisOrNever,
  shared,
} from '../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../platform/postgres/table-mapping.ts';
import type { ChargeState } from '../../domain/charges/charge.ts';
import type { OrderEarning } from '../../domain/earnings/order-earning.ts';
import type { HoldState } from '../../domain/holds/hold.ts';
import {
  accounts,
  chargeRefunds,
  charges,
  holds,
  lotMoves,
  lots,
  orderEarnings,
  refusals,
  transactions,
} from './schema.ts';

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

const chargeState = group(
  {
    status: charges.status,
    step: charges.step,
    transactionId: charges.transactionId,
    balance: charges.balance,
    code: charges.refusalCode,
    details: charges.refusalDetails,
  },
  ({ status, step, transactionId, balance, code, details }): ChargeState => {
    if (status === 'PENDING') return { status, step };
    if (status === 'EXPIRED') return { status };
    if (status === 'FAILED' && code !== null) return { status, refusal: { code, details: details ?? {} } };
    if (status !== 'FAILED' && transactionId !== null && balance !== null) return { status, transactionId, balance };
    throw new Error(`a charge that is ${status} lacks a column`);
  },
  (state) => ({
    status: state.status,
    step: state.status === 'PENDING' ? state.step : null,
    transactionId: 'transactionId' in state ? state.transactionId : null,
    balance: 'transactionId' in state ? state.balance : null,
    code: state.status === 'FAILED' ? state.refusal.code : null,
    details: state.status === 'FAILED' ? state.refusal.details : null,
  }),
);
const chargeChange = {
  id: charges.id,
  state: chargeState,
  providerRef: charges.providerRef,
  reportedId: charges.reportedId,
  providerUrl: charges.providerUrl,
  settledAtMs: millis(charges.settledAt),
  resumeAtMs: millisOrNever(charges.resumeAt),
  attempts: charges.attempts,
  revision: charges.revision,
};
export const CHARGE_CHANGE = tableMapping(charges, chargeChange);
export const CHARGE = tableMapping(charges, {
  ...chargeChange,
  userId: charges.userId,
  amount: charges.amount,
  currency: charges.currency,
  key: charges.key,
  contentHash: charges.contentHash,
  createdAtMs: millis(charges.createdAt),
  expiresAtMs: millis(charges.expiresAt),
});

const chargeRefundChange = {
  id: chargeRefunds.id,
  providerRef: chargeRefunds.providerRef,
  doneAtMs: millis(chargeRefunds.doneAt),
  resumeAtMs: millisOrNever(chargeRefunds.resumeAt),
  attempts: chargeRefunds.attempts,
  revision: chargeRefunds.revision,
};
export const CHARGE_REFUND_CHANGE = tableMapping(chargeRefunds, chargeRefundChange);
export const CHARGE_REFUND = tableMapping(chargeRefunds, {
  ...chargeRefundChange,
  chargeId: chargeRefunds.chargeId,
  userId: chargeRefunds.userId,
  reference: chargeRefunds.reference,
  paymentId: chargeRefunds.paymentId,
  amount: chargeRefunds.amount,
  reason: chargeRefunds.reason,
  createdAtMs: millis(chargeRefunds.createdAt),
});

const earningPaid = group(
  { money: orderEarnings.paidMoney, rateBp: orderEarnings.rateBp },
  ({ money, rateBp }): OrderEarning['paid'] => (money === null || rateBp === null ? null : { money, rateBp }),
  (paid) => paid ?? { money: null, rateBp: null },
);
export const EARNING = tableMapping(orderEarnings, {
  userId: orderEarnings.userId,
  orderId: orderEarnings.orderId,
  paid: earningPaid,
  refunded: orderEarnings.refunded,
  transactionId: orderEarnings.transactionId,
  earned: orderEarnings.earned,
  taken: orderEarnings.taken,
  revision: orderEarnings.revision,
});
