import { nextRetry } from '../../../../platform/kernel/retry.ts';
import { refuse } from '../../refusals.ts';
import type { OrderOutcome } from '../decision.ts';
import type { RefundCommand, ResultOf } from '../input.ts';
import { type Order, type OrderLine, type Payment, type Refund, type RefundLine, statusOf } from '../order.ts';
import { refused, unchanged, updated } from '../outcome.ts';
import { moneyOf } from '../placement/price.ts';
import { partOf } from '../placement/shares.ts';
import { STEP_MS } from '../transitions.ts';
import type { OrderUnitOfWork } from '../unit-of-work.ts';
import { refundUnits } from '../units.ts';

/**
 * Refunds units of a paid order. Stock and amounts change at once; the steps of the refund return money, points and coupon. Refused:
 * ORDER_NOT_REFUNDABLE, IDEMPOTENCY_KEY_REUSED; lines of other stores: FORBIDDEN, or ORDER_NOT_FOUND when the order has no other lines.
 */
export function refund(work: OrderUnitOfWork, order: Order, command: RefundCommand): OrderOutcome {
  const { key, contentHash, reason, by } = command;
  const before = work.refunds(order.id).find((each) => each.key === key);
  if (before) {
    return before.contentHash === contentHash
      ? unchanged(order, { refund: before }, true)
      : refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  }
  const denied = storeRefusal(order, command);
  if (denied) return refused(refuse(denied));
  const { state } = order;
  if (state.status !== 'PAID') return notRefundable(`it is ${statusOf(state)}`);
  const units = unitsOf(order, command);
  if (typeof units === 'string') return notRefundable(units);

  const parts: RefundLine[] = [];
  const lines = order.lines.map((line) => {
    const quantity = units.get(line.line) ?? 0;
    if (quantity === 0) return line;
    const due = (share: bigint): bigint => partOf(share, line.quantity, line.refundedQuantity, quantity);
    parts.push({ line: line.line, quantity, money: due(moneyOf(line)), points: due(line.pointsUsed) });
    refundUnits(work, order, line, quantity, state.paidAtMs);
    return { ...line, refundedQuantity: line.refundedQuantity + quantity };
  });
  const isWhole = lines.every((line) => line.refundedQuantity === line.quantity);
  const money = parts.reduce((sum, part) => sum + part.money, 0n);
  const points = parts.reduce((sum, part) => sum + part.points, 0n);
  const { paymentId } = state;
  const restoresCoupon = isWhole && order.couponId !== null;
  const shared = { orderId: order.id, paymentId, key, contentHash, lines: parts, money, points, restoresCoupon };
  const made = createRefund(work, { ...shared, reason, by });
  const after = work.saveOrder({
    ...order,
    lines,
    state: isWhole ? { ...state, status: 'REFUNDED' } : state,
    refundedAmount: order.refundedAmount + money,
    refundedPoints: order.refundedPoints + points,
  });
  work.publish({ topic: 'order.refunded', order: after, refund: made });
  // A payment of 0 has no money to refund, so no step would mark it as REFUNDED.
  if (isWhole) markRefundedIfComplete(work, order.id, paymentId);
  return updated(after, { payment: paymentOf(work, order.id, paymentId), refund: made });
}

const notRefundable = (reason: string): OrderOutcome => refused(refuse('ORDER_NOT_REFUNDABLE', { reason }));

const mayRefund = ({ stores }: RefundCommand, { storeId }: OrderLine): boolean =>
  stores === null || (storeId !== null && stores.has(storeId));

/** An order without a line that may be refunded is missing, as for a stranger, so that ids cannot be probed. */
function storeRefusal({ lines }: Order, command: RefundCommand): 'ORDER_NOT_FOUND' | 'FORBIDDEN' | undefined {
  const others = new Set(lines.filter((line) => !mayRefund(command, line)).map(({ line }) => line));
  if (others.size === lines.length) return 'ORDER_NOT_FOUND';
  return command.lines.some(({ line }) => others.has(line)) ? 'FORBIDDEN' : undefined;
}

/** Returns the units to refund by line, or the reason when nothing or less is left. */
function unitsOf({ lines }: Order, command: RefundCommand): ReadonlyMap<number, number> | string {
  const left = new Map(
    lines
      .filter((line) => mayRefund(command, line))
      .map(({ line, quantity, refundedQuantity }) => [line, quantity - refundedQuantity]),
  );
  const wanted = command.lines;
  if (wanted.length === 0) return [...left.values()].some((quantity) => quantity > 0) ? left : 'nothing is left';
  const units = new Map<number, number>();
  for (const { line, quantity } of wanted) {
    const sum = (units.get(line) ?? 0) + quantity;
    const most = left.get(line) ?? 0;
    if (quantity < 1 || sum > most) return `${most} of line ${line} can be refunded`;
    units.set(line, sum);
  }
  return units;
}

/** Refunds a payment that its order cannot use, because it arrived too late, twice or with a wrong amount. A payment of 0 needs no refund. */
export function refundPayment(
  work: OrderUnitOfWork,
  payment: Payment,
  reason: string,
): { payment: Payment; refund?: Refund } {
  const { id: paymentId, orderId, amount: money } = payment;
  if (money === 0n) return { payment: work.savePayment({ ...payment, status: 'REFUNDED' }) };
  const automatic = { key: null, contentHash: null, lines: [], points: 0n, restoresCoupon: false, by: 'SYSTEM' };
  return { payment, refund: createRefund(work, { ...automatic, orderId, paymentId, money, reason }) };
}

function createRefund(
  work: OrderUnitOfWork,
  parts: Omit<Refund, 'id' | 'step' | 'createdAtMs' | 'resumeAtMs' | 'attempts'>,
): Refund {
  const { nextId, nowMs: createdAtMs } = work.rules;
  return work.saveRefund({ id: nextId(), ...parts, createdAtMs, ...stepFields(work, stepAfter(parts, null)) });
}

type Step = Refund['step'];

/** Returns the step after `done`; null at the end. Steps with nothing to return are skipped. */
function stepAfter(
  { money, points, restoresCoupon }: Pick<Refund, 'money' | 'points' | 'restoresCoupon'>,
  done: Step,
): Step {
  if (done === null && money > 0n) return 'MONEY';
  if ((done === null || done === 'MONEY') && points > 0n) return 'POINTS';
  return done !== 'COUPON' && restoresCoupon ? 'COUPON' : null;
}

const stepFields = (work: OrderUnitOfWork, step: Step): Pick<Refund, 'step' | 'resumeAtMs' | 'attempts'> => ({
  step,
  resumeAtMs: step === null ? Number.POSITIVE_INFINITY : work.rules.nowMs + STEP_MS,
  attempts: 0,
});

export function refundStepDone(
  work: OrderUnitOfWork,
  order: Order,
  { refundId, step }: ResultOf<'REFUND_STEP'>,
): OrderOutcome {
  const found = work.refunds(order.id).find(({ id }) => id === refundId);
  if (found?.step !== step) return unchanged(order, { refund: found });
  const after = work.saveRefund({ ...found, ...stepFields(work, stepAfter(found, step)) });
  if (step === 'MONEY') markRefundedIfComplete(work, order.id, found.paymentId);
  return updated(order, { payment: paymentOf(work, order.id, found.paymentId), refund: after });
}

/** Schedules a retry. No change of the order, as in `stepFailed`. */
export function refundStepFailed(
  work: OrderUnitOfWork,
  order: Order,
  { refundId, step }: ResultOf<'REFUND_FAILED'>,
): OrderOutcome {
  const found = work.refunds(order.id).find(({ id }) => id === refundId);
  if (!found || found.step === null || found.step !== step) return unchanged(order, { refund: found });
  const after = work.saveRefund({ ...found, ...nextRetry(found.attempts, work.rules.nowMs) });
  return unchanged(order, { refund: after });
}

/** A payment is REFUNDED when all of its money was returned. */
function markRefundedIfComplete(work: OrderUnitOfWork, orderId: bigint, paymentId: bigint): void {
  const payment = paymentOf(work, orderId, paymentId);
  const refunded = work
    .refunds(orderId)
    .filter((each) => each.paymentId === paymentId && each.step !== 'MONEY')
    .reduce((sum, { money }) => sum + money, 0n);
  if (refunded >= payment.amount) work.savePayment({ ...payment, status: 'REFUNDED' });
}

function paymentOf(work: OrderUnitOfWork, orderId: bigint, paymentId: bigint): Payment {
  const payment = work.payments(orderId).find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`payment ${paymentId} was not loaded`);
  return payment;
}
