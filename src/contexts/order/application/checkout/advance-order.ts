import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import type { OrderStep } from '../../domain/enumerations.ts';
import type { Result } from '../../domain/input.ts';
import { nextStep, type StepCall } from '../../domain/next-step.ts';
import type { Order, Payment, Refund } from '../../domain/order.ts';
import type { OrderBatcher } from '../order-batcher.ts';
import type { OrderReader } from '../ports.ts';
import { type CheckoutServices, executeStep } from './execute-step.ts';

export interface AdvanceDeps {
  readonly services: CheckoutServices;
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly reader: Pick<OrderReader, 'findPayment'>;
  /** Called with the error of a step whose outcome is unknown. */
  readonly onStepFailure: (error: unknown, orderId: bigint) => void;
}

/** An order at rest, and the payment and the refund that its steps returned. */
export interface AdvancedOrder {
  readonly order: Order;
  readonly payment: Payment | null;
  readonly refund: Refund | null;
}

/** More steps than any order has, so that a cycle does not hold a request. */
const STEPS_MAX = 20;

/**
 * Executes an order's steps one after another until it is at rest. Several nodes may advance the same order at once: each step is
 * idempotent, and its result counts only while that step is the order's present step. Rejects with Unavailable when the outcome of
 * a step is unknown; the scheduler or a repeat of the request then continues.
 */
export async function advanceOrder(
  deps: AdvanceDeps,
  from: Order,
  known: Payment | null = null,
): Promise<AdvancedOrder> {
  let advanced: AdvancedOrder = { order: from, payment: known, refund: null };
  for (let steps = 0; ; steps++) {
    const { step } = advanced.order.state;
    if (step === null) return advanced;
    if (steps === STEPS_MAX) throw new Error(`order ${from.id} is not at rest after ${steps} steps: ${step}`);
    advanced = await runStep(deps, step, advanced);
  }
}

/** Executes `step`, which the order needs next. */
async function runStep(
  deps: AdvanceDeps,
  step: OrderStep,
  { order, payment, refund }: AdvancedOrder,
): Promise<AdvancedOrder> {
  const { outcome, failure } = await attemptStep(deps, step, order, payment);
  if (outcome.kind !== 'order') throw new Error(`order ${order.id} takes no result: ${outcome.kind}`);
  // Another node may have completed the step meanwhile, or the order may have expired.
  const isUnchanged = outcome.order.state.step === step;
  if (failure !== undefined && isUnchanged) {
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `order ${order.id}: ${step}`, 1, { cause: failure });
  }
  return { order: outcome.order, payment: outcome.payment ?? payment, refund: outcome.refund ?? refund };
}

async function attemptStep(deps: AdvanceDeps, step: OrderStep, order: Order, known: Payment | null) {
  const submit = (result: Result) => deps.batcher.submit({ kind: 'RESULT', orderId: order.id, result });
  try {
    const call = nextStep(order, await loadPayments(deps, order, known));
    if (call === null) throw new Error('the order has no step');
    const result = await executeStep(deps.services, call);
    const outcome = await submit(result);
    if (outcome.kind === 'order' && !outcome.changed) await compensate(deps.services, call, outcome.order);
    return { outcome, failure: undefined };
  } catch (failure) {
    deps.onStepFailure(failure, order.id);
    return { outcome: await submit({ kind: 'STEP_FAILED', step }), failure };
  }
}

/**
 * Releases a coupon that was reserved for an order that has ended meanwhile, because another node got a refusal or the order expired.
 * Points need no such call: a release before the hold prevents the hold. If this call fails, the reservation expires by itself.
 */
async function compensate(services: CheckoutServices, call: StepCall, { state }: Order): Promise<void> {
  if (call.kind !== 'RESERVE_COUPON' || state.status !== 'ENDED') return;
  await executeStep(services, { ...call, kind: 'RELEASE_COUPON' });
}

/** Only the step that pays needs its payment. */
async function loadPayments(
  { reader }: AdvanceDeps,
  { state }: Order,
  known: Payment | null,
): Promise<readonly Payment[]> {
  if (state.step !== 'TAKE_MONEY') return [];
  const payment = known?.id === state.paymentId ? known : await reader.findPayment(state.paymentId);
  return payment ? [payment] : [];
}
