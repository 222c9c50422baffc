import { submitKeyed } from '../../../../platform/batching/submit-keyed.ts';
import { contentHash } from '../../../../platform/kernel/content-hash.ts';
import { toRefusalResponse, Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { PaymentResponse, PayOrderRequest } from '../../api.ts';
import type { Order, Payment } from '../../domain/order.ts';
import { asFirstPaid, asFirstReserved, asFirstReturned } from '../../domain/replay.ts';
import { refuse } from '../../refusals.ts';
import { checkOrder } from '../check-order.ts';
import type { CheckoutRunner } from '../checkout/run-checkout.ts';
import { changeResult } from '../command-results.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import { refusalOf, toPaymentResponse } from '../order-views.ts';
import type { OrderReader } from '../ports.ts';

export interface PayOrderDeps {
  readonly reader: Pick<OrderReader, 'findPayment'>;
  readonly batcher: Pick<OrderBatcher, 'submit' | 'submitOnce'>;
  readonly runner: CheckoutRunner;
  /** The methods that this system accepts. */
  readonly methods: readonly Payment['method'][];
}

/** Pays with points, or begins a payment with the provider. A repeat of a refused payment gets the same refusal. */
export const payOrder =
  ({ reader, batcher, runner, methods }: PayOrderDeps) =>
  async ({ orderId, userId, key, commandKey, ...request }: PayOrderRequest): Promise<PaymentResponse> => {
    const wrong = checkOrder({ userId, key });
    if (wrong) return toRefusalResponse(wrong);
    const method = methods.find((each) => each === request.method);
    if (!method) return toRefusalResponse(refuse('VALIDATION_FAILED', { method: `must be ${methods.join(' or ')}` }));
    const hash = contentHash<Omit<PayOrderRequest, 'orderId'>>('PAY', { method });
    const pay = { kind: 'PAY', method, key, contentHash: hash } as const;
    const command = { kind: 'COMMAND', orderId, userId, command: pay } as const;
    // The order finds the payment by its key.
    const outcome = await submitKeyed(batcher, command, { commandKey, resultOf: changeResult });
    if (outcome.kind === 'refused') return toRefusalResponse(outcome.refusal, outcome.replayed);
    if (outcome.kind !== 'order' || !outcome.payment) throw new Error(`paying order ${orderId} returned no payment`);
    const { id } = outcome.payment;
    const { order, payment } = await runner.runCheckout(outcome.order, outcome.payment);
    // The steps may have returned another payment of the order.
    const own = payment?.id === id ? payment : outcome.payment;
    // Another node may have got the payment's result.
    const latest = isRunning(own) ? ((await reader.findPayment(id)) ?? own) : own;
    return toResponse(order, latest, outcome.replayed);
  };

/** Neither settled nor waiting at the provider. */
const isRunning = ({ status, providerUrl }: Payment): boolean => status === 'PENDING' && providerUrl === null;

function toResponse(order: Order, payment: Payment, replayed: boolean): PaymentResponse {
  const first = replayed && replayResponse(order, payment);
  if (first) return first;
  const failure = payment.status === 'FAILED' ? payment.refusal : refusalOf(order);
  if (failure) return toRefusalResponse(failure, replayed);
  if (isRunning(payment)) {
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `payment ${payment.id} is running`);
  }
  return toPaymentResponse(payment, order, replayed);
}

/** Returns the first response to the key. Undefined when it was a refusal or there was none yet. */
function replayResponse(order: Order, payment: Payment): PaymentResponse | undefined {
  const first = asFirstReturned(payment);
  const isRequested = first.status === 'PENDING' && first.providerUrl !== null;
  const orderThen = isRequested
    ? asFirstReserved(order)
    : first.status === 'COMPLETED'
      ? asFirstPaid(order)
      : undefined;
  return orderThen && toPaymentResponse(first, orderThen, true);
}
