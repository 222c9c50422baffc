import { dropPayment, end } from './checkout-ending.ts';
import type { MoneyFact, PaymentName } from './command.ts';
import type { OrderOutcome } from './decision.ts';
import { moneyTaken, toRest } from './forward.ts';
import { type Order, type Payment, totalOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { moved, refusal, same } from './outcome.ts';
import { paymentNamed, textOf } from './payment-name.ts';
import { giveMoneyBack } from './refund.ts';

type Of<Kind extends MoneyFact['kind']> = Extract<MoneyFact, { readonly kind: Kind }>;

/**
 * Pays an order that waits for money with what it waits for, whichever of its payments brings it. Everything else that comes, late,
 * twice or with another amount, goes back: money is never dropped.
 */
export function moneyIn(desk: OrderDesk, order: Order, { payment: name, amount, heard }: Of<'MONEY_IN'>): OrderOutcome {
  const known = paymentNamed(desk.payments(order.id), name);
  if (known?.status === 'COMPLETED' || known?.status === 'REFUNDED') return learnName(desk, order, known);
  const { nowMs } = desk.rules;
  const payment = desk.keepPayment({
    ...(known ?? strange(desk, order, name)),
    amount,
    status: 'COMPLETED',
    refusal: null,
    settledAtMs: nowMs,
  });
  if (!waitsForMoney(desk, order, payment.id)) return moved(order, giveMoneyBack(desk, payment, 'NOT_AWAITED'));
  const total = totalOf(order);
  if (amount !== total) {
    const why = refusal('PAYMENT_AMOUNT_MISMATCH', { total: String(total), paid: String(amount) });
    dropPayment(desk, order, why);
    return moved(end(desk, order, { status: 'FAILED', refusal: why }), giveMoneyBack(desk, payment, why.code));
  }
  dropPayment(desk, order, refusal('ORDER_NOT_PAYABLE', { reason: 'another payment brought the money' }));
  if (payment.method === 'EXTERNAL' && heard === 'DIRECTLY') {
    desk.publish({ topic: 'payment.completed.v1', order, payment });
  }
  return moved(moneyTaken(desk, order, payment.id), { payment });
}

/**
 * A payment with points that is under way is not overtaken by money from outside: points may be held for it, and its own answer
 * is the only news of them.
 */
function waitsForMoney(desk: OrderDesk, { id, state }: Order, paymentId: bigint): boolean {
  if (state.status !== 'RESERVED') return false;
  if (state.step === null) return true;
  if (state.step !== 'TAKE_MONEY') return false;
  if (state.paymentId === paymentId) return true;
  return desk.payments(id).some((payment) => payment.id === state.paymentId && payment.method === 'EXTERNAL');
}

/** Too few points: the order waits for another payment. Declined outside: it ends, since coupon systems free the coupon then. */
export function moneyRefused(desk: OrderDesk, order: Order, fact: Of<'MONEY_REFUSED'>): OrderOutcome {
  const { payment: name, refusal: why, heard } = fact;
  const known = paymentNamed(desk.payments(order.id), name);
  if (known?.status !== 'PENDING') return same(order, { payment: known });
  const payment = desk.keepPayment({ ...known, status: 'FAILED', refusal: why, settledAtMs: desk.rules.nowMs });
  if (payment.method === 'POINTS') return moved(toRest(desk, order), { payment });
  if (heard === 'DIRECTLY') desk.publish({ topic: 'payment.failed.v1', order, payment });
  return moved(end(desk, order, { status: 'FAILED', refusal: why }), { payment });
}

/** The money is here already; what the provider calls it may be news. */
function learnName(desk: OrderDesk, order: Order, payment: Payment): OrderOutcome {
  const before = desk.payments(order.id).find(({ id }) => id === payment.id);
  if (before?.providerRef === payment.providerRef) return same(order, { payment });
  return moved(order, { payment: desk.keepPayment(payment) });
}

/** Money that nobody asked for. */
const strange = (desk: OrderDesk, { id: orderId, userId }: Order, name: PaymentName): Omit<Payment, Settled> => ({
  id: desk.rules.nextId(),
  orderId,
  userId,
  method: 'EXTERNAL',
  // As the provider calls it, should it say: it is asked by that name to give the money back.
  providerRef: name.providerRef ?? textOf(name),
  providerUrl: null,
  key: null,
  contentHash: null,
  createdAtMs: desk.rules.nowMs,
});
type Settled = 'amount' | 'status' | 'refusal' | 'settledAtMs';
