import { afterFailure } from './checkout-ending.ts';
import type { RefundFact } from './command.ts';
import type { OrderOutcome } from './decision.ts';
import { STEP_MS } from './forward.ts';
import { type Order, type Payment, type Refund, type RefundLine, statusOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { moved, refused, same } from './outcome.ts';
import { moneyOf } from './price.ts';
import { partOf } from './shares.ts';
import { refundUnits } from './units.ts';

type Of<Kind extends RefundFact['kind']> = Extract<RefundFact, { readonly kind: Kind }>;

/** Gives units of a paid order back: figures and stock at once, points, money and coupon by the steps of the refund. */
export function refund(desk: OrderDesk, order: Order, fact: Of<'REFUND'>): OrderOutcome {
  const { key, contentHash, reason, by } = fact;
  const before = desk.refunds(order.id).find((each) => each.key === key);
  if (before) {
    return before.contentHash === contentHash
      ? same(order, { refund: before }, true)
      : refused('IDEMPOTENCY_KEY_REUSED');
  }
  const { state } = order;
  if (state.status !== 'PAID') return notRefundable(`it is ${statusOf(state)}`);
  const units = unitsOf(order, fact.lines);
  if (typeof units === 'string') return notRefundable(units);

  const parts: RefundLine[] = [];
  const lines = order.lines.map((line) => {
    const quantity = units.get(line.line) ?? 0;
    if (quantity === 0) return line;
    const due = (share: bigint): bigint => partOf(share, line.quantity, line.refundedQuantity, quantity);
    parts.push({ line: line.line, quantity, money: due(moneyOf(line)), points: due(line.pointsUsed) });
    refundUnits(desk, order, line, quantity, state.paidAtMs);
    return { ...line, refundedQuantity: line.refundedQuantity + quantity };
  });
  const whole = lines.every((line) => line.refundedQuantity === line.quantity);
  const money = parts.reduce((sum, part) => sum + part.money, 0n);
  const points = parts.reduce((sum, part) => sum + part.points, 0n);
  const { paymentId } = state;
  const restoresCoupon = whole && order.couponId !== null;
  const asked = { orderId: order.id, paymentId, key, contentHash, lines: parts, money, points, restoresCoupon };
  const made = make(desk, { ...asked, reason, by });
  const after = desk.keep({
    ...order,
    lines,
    state: whole ? { ...state, status: 'REFUNDED' } : state,
    refundedAmount: order.refundedAmount + money,
    refundedPoints: order.refundedPoints + points,
  });
  desk.publish({ topic: 'order.refunded', order: after, refund: made });
  // A payment of nothing is given back when there is nothing left to give back.
  if (whole) settle(desk, order.id, paymentId);
  return moved(after, { payment: paymentOf(desk, order.id, paymentId), refund: made });
}

const notRefundable = (reason: string): OrderOutcome => refused('ORDER_NOT_REFUNDABLE', { reason });

/** How many units of which line; a sentence when that is more than is left. */
function unitsOf({ lines }: Order, wanted: Of<'REFUND'>['lines']): ReadonlyMap<number, number> | string {
  const left = new Map(lines.map(({ line, quantity, refundedQuantity }) => [line, quantity - refundedQuantity]));
  if (wanted.length === 0) return left;
  const units = new Map<number, number>();
  for (const { line, quantity } of wanted) {
    const sum = (units.get(line) ?? 0) + quantity;
    const most = left.get(line) ?? 0;
    if (quantity < 1 || sum > most) return `${most} of line ${line} can be refunded`;
    units.set(line, sum);
  }
  return units;
}

/** Money that no order can keep. What of a payment of nothing there is to give back has been given back. */
export function giveMoneyBack(
  desk: OrderDesk,
  payment: Payment,
  reason: string,
): { payment: Payment; refund?: Refund } {
  const { id: paymentId, orderId, amount: money } = payment;
  if (money === 0n) return { payment: desk.keepPayment({ ...payment, status: 'REFUNDED' }) };
  const unasked = { key: null, contentHash: null, lines: [], points: 0n, restoresCoupon: false, by: 'SYSTEM' };
  return { payment, refund: make(desk, { ...unasked, orderId, paymentId, money, reason }) };
}

function make(desk: OrderDesk, parts: Omit<Refund, 'id' | 'step' | 'createdAtMs' | 'resumeAtMs' | 'attempts'>): Refund {
  const { nextId, nowMs: createdAtMs } = desk.rules;
  return desk.keepRefund({ id: nextId(), ...parts, createdAtMs, ...atStep(desk, nextStep(parts, null)) });
}

type Step = Refund['step'];

/** Steps with nothing to do are skipped. */
function nextStep(
  { money, points, restoresCoupon }: Pick<Refund, 'money' | 'points' | 'restoresCoupon'>,
  done: Step,
): Step {
  if (done === null && money > 0n) return 'MONEY';
  if ((done === null || done === 'MONEY') && points > 0n) return 'POINTS';
  return done !== 'COUPON' && restoresCoupon ? 'COUPON' : null;
}

const atStep = (desk: OrderDesk, step: Step): Pick<Refund, 'step' | 'resumeAtMs' | 'attempts'> => ({
  step,
  resumeAtMs: step === null ? Number.POSITIVE_INFINITY : desk.rules.nowMs + STEP_MS,
  attempts: 0,
});

export function refundStep(desk: OrderDesk, order: Order, { refundId, step }: Of<'REFUND_STEP'>): OrderOutcome {
  const found = desk.refunds(order.id).find(({ id }) => id === refundId);
  if (found?.step !== step) return same(order, { refund: found });
  const after = desk.keepRefund({ ...found, ...atStep(desk, nextStep(found, step)) });
  if (step === 'MONEY') settle(desk, order.id, found.paymentId);
  return moved(order, { payment: paymentOf(desk, order.id, found.paymentId), refund: after });
}

/** No change either: see `stepFailed`. */
export function refundFailed(desk: OrderDesk, order: Order, { refundId, step }: Of<'REFUND_FAILED'>): OrderOutcome {
  const found = desk.refunds(order.id).find(({ id }) => id === refundId);
  if (!found || found.step === null || found.step !== step) return same(order, { refund: found });
  const after = desk.keepRefund({ ...found, ...afterFailure(found.attempts, desk.rules.nowMs) });
  return same(order, { refund: after });
}

/** A payment is REFUNDED when all of its money went back. */
function settle(desk: OrderDesk, orderId: bigint, paymentId: bigint): void {
  const payment = paymentOf(desk, orderId, paymentId);
  const gone = desk
    .refunds(orderId)
    .filter((each) => each.paymentId === paymentId && each.step !== 'MONEY')
    .reduce((sum, { money }) => sum + money, 0n);
  if (gone >= payment.amount) desk.keepPayment({ ...payment, status: 'REFUNDED' });
}

function paymentOf(desk: OrderDesk, orderId: bigint, paymentId: bigint): Payment {
  const payment = desk.payments(orderId).find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`payment ${paymentId} was not loaded`);
  return payment;
}
