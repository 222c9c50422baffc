import { Replay } from '../../../platform/kernel/command-key.ts';
import { contentHash } from '../../../platform/kernel/content-hash.ts';
import { refuse, Unavailable } from '../../../platform/kernel/refusal.ts';
import type { PaymentResponse, PayOrderRequest } from '../api.ts';
import { asAnswered, asPaid, asReserved } from '../domain/first-answer.ts';
import type { Order, Payment } from '../domain/order.ts';
import { checkOrder } from './check-order.ts';
import { onceChanged } from './once-changed.ts';
import { paymentAnswer, refusalOf, refusedOrder } from './order-answers.ts';
import type { OrderBatcher } from './order-batcher.ts';
import type { OrderReader } from './ports.ts';
import type { Settle } from './settle.ts';

export interface PayOrderDeps {
  readonly reader: Pick<OrderReader, 'findPayment'>;
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly settle: Settle;
  /** Those that this system takes. */
  readonly methods: readonly Payment['method'][];
}

/** Pays with points at once, or asks the provider. A payment that was refused answers that to the same key again. */
export const payOrder =
  ({ reader, batcher, settle, methods }: PayOrderDeps) =>
  async ({ orderId, userId, key, commandKey, ...request }: PayOrderRequest): Promise<PaymentResponse> => {
    const wrong = checkOrder({ userId, key });
    if (wrong) return refusedOrder(wrong);
    const method = methods.find((each) => each === request.method);
    if (!method) return refusedOrder(refuse('VALIDATION_FAILED', { method: `must be ${methods.join(' or ')}` }));
    const fact = { kind: 'PAY', method, key, contentHash: contentHash('PAY', method) } as const;
    const command = { kind: 'FACT', orderId, userId, fact } as const;
    const first = await batcher.submitOnce({ ...command, keep: commandKey && { commandKey, resultOf: onceChanged } });
    if (first instanceof Replay && first.result === undefined) return refusedOrder(refuse('IDEMPOTENCY_KEY_REUSED'));
    // The order remembers the payment by its key.
    const outcome = first instanceof Replay ? await batcher.submit(command) : first;
    if (outcome.kind === 'refused') return refusedOrder(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order' || !outcome.payment) throw new Error(`order ${orderId} was paid without a payment`);
    const { id } = outcome.payment;
    const { order, payment } = await settle.order(outcome.order, outcome.payment);
    // News of another payment of the order may have been heard on the way.
    const told = payment?.id === id ? payment : outcome.payment;
    // Another driver may have been the one who heard what became of it.
    const known = isUnderWay(told) ? ((await reader.findPayment(id)) ?? told) : told;
    return answerOf(order, known, outcome.replayed);
  };

/** Neither settled nor at the provider. */
const isUnderWay = ({ status, providerUrl }: Payment): boolean => status === 'PENDING' && providerUrl === null;

function answerOf(order: Order, payment: Payment, replayed: boolean): PaymentResponse {
  const first = replayed && firstAnswer(order, payment);
  if (first) return first;
  const failure = payment.status === 'FAILED' ? payment.refusal : refusalOf(order);
  if (failure) return refusedOrder(failure, replayed);
  if (isUnderWay(payment)) {
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `payment ${payment.id} is on its way`);
  }
  return paymentAnswer(payment, order, replayed);
}

/** Undefined: a refusal, or there has been no answer yet. */
function firstAnswer(order: Order, payment: Payment): PaymentResponse | undefined {
  const first = asAnswered(payment);
  const isAsked = first.status === 'PENDING' && first.providerUrl !== null;
  const then = isAsked ? asReserved(order) : first.status === 'COMPLETED' ? asPaid(order) : undefined;
  return then && paymentAnswer(first, then, true);
}
