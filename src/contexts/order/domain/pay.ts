import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { dropPayment } from './checkout-ending.ts';
import type { CustomerFact, MoneyFact } from './command.ts';
import type { OrderOutcome } from './decision.ts';
import { moneyTaken, toRest, toStep } from './forward.ts';
import { type Order, type Payment, statusOf, totalOf } from './order.ts';
import type { OrderDesk } from './order-desk.ts';
import { moved, orderExpired, refusal, refused, refusedWith, same } from './outcome.ts';
import { withName } from './payment-name.ts';

type Pay = Extract<CustomerFact, { readonly kind: 'PAY' }>;
type MoneyAsked = Extract<MoneyFact, { readonly kind: 'MONEY_ASKED' }>;

/** Each asks the ledger or the provider, leaves a mark there, and is loaded with every fact of its order. */
const PAYMENTS_MAX = 50;

/** One payment at a time. One that waits at the provider gives way; its money goes back should it come all the same. */
export function pay(desk: OrderDesk, order: Order, { method, key, contentHash }: Pay): OrderOutcome {
  const payments = desk.payments(order.id);
  const before = payments.find((payment) => payment.key === key);
  if (before) {
    return before.contentHash === contentHash
      ? same(order, { payment: before }, true)
      : refused('IDEMPOTENCY_KEY_REUSED');
  }
  const { nowMs, nextId } = desk.rules;
  const why = unpayable(order, nowMs);
  if (why) return refusedWith(why);
  if (payments.length >= PAYMENTS_MAX) {
    return refused('ORDER_NOT_PAYABLE', { reason: `it has ${payments.length} payments` });
  }
  dropPayment(desk, order, refusal('ORDER_NOT_PAYABLE', { reason: 'another payment took its place' }));
  const amount = totalOf(order);
  const payment: Payment = {
    id: nextId(),
    orderId: order.id,
    userId: order.userId,
    method,
    amount,
    status: amount === 0n ? 'COMPLETED' : 'PENDING',
    providerRef: null,
    providerUrl: null,
    key,
    contentHash,
    refusal: null,
    createdAtMs: nowMs,
    settledAtMs: amount === 0n ? nowMs : null,
  };
  desk.keepPayment(payment);
  if (amount === 0n) return moved(moneyTaken(desk, order, payment.id), { payment });
  return moved(toStep(desk, order, { status: 'RESERVED', step: 'TAKE_MONEY', paymentId: payment.id }), { payment });
}

function unpayable(order: Order, nowMs: number): Refusal | undefined {
  const { state } = order;
  const waits = state.status === 'RESERVED' && state.step === null;
  if (waits && nowMs < order.expiresAtMs) return undefined;
  if (waits || ('ending' in state && state.ending.status === 'EXPIRED')) return orderExpired(order);
  const reason = state.status === 'RESERVED' ? 'a payment is being made' : `it is ${statusOf(state)}`;
  return refusal('ORDER_NOT_PAYABLE', { reason });
}

/** The provider will say later; meanwhile the order waits for it as for the customer. */
export function moneyAsked(desk: OrderDesk, order: Order, fact: MoneyAsked): OrderOutcome {
  const { paymentId, providerRef, providerUrl } = fact;
  const { state } = order;
  const payments = desk.payments(order.id);
  const before = payments.find(({ id }) => id === paymentId);
  if (before?.method !== 'EXTERNAL') return same(order, { payment: before });
  const payment = withName(payments, before, providerRef);
  if (before.status === 'PENDING' && state.step === 'TAKE_MONEY' && state.paymentId === paymentId) {
    return moved(toRest(desk, order), { payment: desk.keepPayment({ ...payment, providerUrl }) });
  }
  // Its money may have come, or be given up; it is known by this name all the same. Nobody is to pay at the link any more, and
  // a payment that has one is taken for answered with it.
  if (before.providerRef === payment.providerRef) return same(order, { payment: before });
  return moved(order, { payment: desk.keepPayment(payment) });
}
