import { numbers, words } from '../../../../platform/postgres/array-literal.ts';
import type { Product } from '../../domain/catalog/product.ts';
import type { DailySale, HistoryRow, OrderDecision } from '../../domain/decision.ts';
import type { Order, OrderLine, OrderState, Payment, Refund, RefundLine } from '../../domain/order.ts';
import type { TimeSale } from '../../domain/time-sale/time-sale.ts';

export const instant = (ms: number): string => new Date(ms).toISOString();
const orNull = (ms: number | null): string | null =>
  ms === null || ms === Number.POSITIVE_INFINITY ? null : instant(ms);

export const productValues = (rows: readonly Product[]): unknown[] => [
  numbers(rows, ({ id }) => id),
  numbers(rows, ({ stock }) => stock),
  numbers(rows, ({ reserved }) => reserved),
  numbers(rows, ({ sold }) => sold),
];

export const timeSaleValues = (rows: readonly TimeSale[]): unknown[] => [
  numbers(rows, ({ id }) => id),
  numbers(rows, ({ stock }) => stock),
  numbers(rows, ({ reserved }) => reserved),
  numbers(rows, ({ sold }) => sold),
  numbers(rows, ({ returned }) => returned),
  numbers(rows, ({ restocks }) => restocks),
];

export const buyerValues = (rows: OrderDecision['bought']): unknown[] => [
  numbers(rows, ({ timeSaleId }) => timeSaleId),
  numbers(rows, ({ userId }) => userId),
  numbers(rows, ({ quantity }) => quantity),
];

export const dailySaleValues = (rows: readonly DailySale[]): unknown[] => [
  words(rows, ({ day }) => day),
  numbers(rows, ({ productId }) => productId),
  numbers(rows, ({ quantity }) => quantity),
];

/** The columns that may change after the order is placed. */
export function orderValues(rows: readonly Order[]): unknown[] {
  const states = rows.map(({ state }) => stateColumns(state));
  return [
    numbers(rows, ({ id }) => id),
    words(states, ({ status }) => status),
    words(states, ({ step }) => step),
    words(states, ({ ending }) => ending),
    ...refusalValues(states),
    numbers(states, ({ paymentId }) => paymentId),
    words(states, ({ paidAtMs }) => orNull(paidAtMs)),
    words(states, ({ endedAtMs }) => orNull(endedAtMs)),
    numbers(rows, ({ couponDiscount }) => couponDiscount),
    numbers(rows, ({ pointsUsed }) => pointsUsed),
    numbers(rows, ({ refundedAmount }) => refundedAmount),
    numbers(rows, ({ refundedPoints }) => refundedPoints),
    words(rows, ({ expiresAtMs }) => instant(expiresAtMs)),
    words(rows, ({ resumeAtMs }) => orNull(resumeAtMs)),
    numbers(rows, ({ attempts }) => attempts),
    numbers(rows, ({ version }) => version),
    words(rows, ({ reservedAtMs }) => orNull(reservedAtMs)),
  ];
}

const NONE = { ending: null, refusal: null, paymentId: null, paidAtMs: null, endedAtMs: null };

/** An ending order is stored with the status that readers see. */
function stateColumns(state: OrderState) {
  const { step } = state;
  switch (state.status) {
    case 'PENDING':
      return { ...NONE, status: state.status, step };
    case 'RESERVED':
      return { ...NONE, status: state.status, step, paymentId: state.step === null ? null : state.paymentId };
    case 'PAID':
    case 'REFUNDED':
      return { ...NONE, status: state.status, step, paymentId: state.paymentId, paidAtMs: state.paidAtMs };
    case 'ENDING':
    case 'ENDED': {
      const { ending } = state;
      const refusal = ending.status === 'FAILED' ? ending.refusal : null;
      const ended = { ...NONE, step, ending: ending.status, refusal };
      return state.status === 'ENDING'
        ? { ...ended, status: state.was }
        : { ...ended, status: ending.status, endedAtMs: state.endedAtMs };
    }
  }
}

const refusalValues = (rows: readonly Pick<Payment, 'refusal'>[]): unknown[] => [
  words(rows, ({ refusal }) => refusal?.code ?? null),
  rows.map(({ refusal }) => (refusal === null ? null : JSON.stringify(refusal.details))),
];

export const frozenOrderValues = (rows: readonly Order[]): unknown[] => [
  numbers(rows, ({ userId }) => userId),
  rows.map(({ key }) => key),
  rows.map(({ contentHash }) => contentHash),
  numbers(rows, ({ couponId }) => couponId),
  numbers(rows, ({ usePoints }) => usePoints),
  numbers(rows, ({ expectedTotal }) => expectedTotal),
  numbers(rows, ({ subtotal }) => subtotal),
  words(rows, ({ createdAtMs }) => instant(createdAtMs)),
];

type LineOfOrder = OrderLine & { readonly orderId: bigint };

export const linesOf = ({ id, lines }: Order): LineOfOrder[] => lines.map((line) => ({ ...line, orderId: id }));

/** Returns the lines that changed; most steps change none. */
export function changedLinesOf(order: Order, before: Order | undefined): LineOfOrder[] {
  if (order.lines === before?.lines) return [];
  return linesOf(order).filter((line, index) => {
    const was = before?.lines[index];
    return (
      was?.couponDiscount !== line.couponDiscount ||
      was.pointsUsed !== line.pointsUsed ||
      was.refundedQuantity !== line.refundedQuantity
    );
  });
}

export const lineValues = (rows: readonly LineOfOrder[]): unknown[] => [
  numbers(rows, ({ orderId }) => orderId),
  numbers(rows, ({ line }) => line),
  numbers(rows, ({ couponDiscount }) => couponDiscount),
  numbers(rows, ({ pointsUsed }) => pointsUsed),
  numbers(rows, ({ refundedQuantity }) => refundedQuantity),
];

export const frozenLineValues = (rows: readonly LineOfOrder[]): unknown[] => [
  numbers(rows, ({ productId }) => productId),
  numbers(rows, ({ timeSaleId }) => timeSaleId),
  rows.map(({ productName }) => productName),
  numbers(rows, ({ quantity }) => quantity),
  numbers(rows, ({ unitPrice }) => unitPrice),
];

export const paymentValues = (rows: readonly Payment[]): unknown[] => [
  numbers(rows, ({ id }) => id),
  words(rows, ({ status }) => status),
  numbers(rows, ({ amount }) => amount),
  rows.map(({ providerRef }) => providerRef),
  rows.map(({ providerUrl }) => providerUrl),
  ...refusalValues(rows),
  words(rows, ({ settledAtMs }) => orNull(settledAtMs)),
];

export const frozenPaymentValues = (rows: readonly Payment[]): unknown[] => [
  numbers(rows, ({ orderId }) => orderId),
  numbers(rows, ({ userId }) => userId),
  words(rows, ({ method }) => method),
  rows.map(({ key }) => key),
  rows.map(({ contentHash }) => contentHash),
  words(rows, ({ createdAtMs }) => instant(createdAtMs)),
];

export const refundValues = (rows: readonly Refund[]): unknown[] => [
  numbers(rows, ({ id }) => id),
  words(rows, ({ step }) => step),
  words(rows, ({ resumeAtMs }) => orNull(resumeAtMs)),
  numbers(rows, ({ attempts }) => attempts),
];

export const frozenRefundValues = (rows: readonly Refund[]): unknown[] => [
  numbers(rows, ({ orderId }) => orderId),
  numbers(rows, ({ paymentId }) => paymentId),
  rows.map(({ key }) => key),
  rows.map(({ contentHash }) => contentHash),
  numbers(rows, ({ money }) => money),
  numbers(rows, ({ points }) => points),
  words(rows, ({ restoresCoupon }) => restoresCoupon),
  rows.map(({ reason }) => reason),
  rows.map(({ by }) => by),
  words(rows, ({ createdAtMs }) => instant(createdAtMs)),
];

export const refundLinesOf = ({ id, lines }: Refund): (RefundLine & { readonly refundId: bigint })[] =>
  lines.map((line) => ({ ...line, refundId: id }));

export const refundLineValues = (rows: readonly (RefundLine & { readonly refundId: bigint })[]): unknown[] => [
  numbers(rows, ({ refundId }) => refundId),
  numbers(rows, ({ line }) => line),
  numbers(rows, ({ quantity }) => quantity),
  numbers(rows, ({ money }) => money),
  numbers(rows, ({ points }) => points),
];

export const historyValues = (rows: readonly HistoryRow[]): unknown[] => [
  numbers(rows, ({ orderId }) => orderId),
  numbers(rows, ({ version }) => version),
  words(rows, ({ status }) => status),
  numbers(rows, ({ amount }) => amount),
  rows.map(({ note }) => note),
];
