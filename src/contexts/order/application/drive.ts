import { Unavailable } from '../../../platform/kernel/refusal.ts';
import type { Fact } from '../domain/command.ts';
import { type NextAction, nextAction } from '../domain/next-action.ts';
import type { Order, Payment, Refund } from '../domain/order.ts';
import type { OrderBatcher } from './order-batcher.ts';
import { type CheckoutServices, performStep } from './perform-step.ts';
import type { OrderReader } from './ports.ts';

export interface DriveDeps {
  readonly services: CheckoutServices;
  readonly batcher: Pick<OrderBatcher, 'submit'>;
  readonly reader: Pick<OrderReader, 'findPayment'>;
  /** Hears why something could not be done. */
  readonly onTrouble: (error: unknown, orderId: bigint) => void;
}

/** An order that has nothing to be done, and what was told about its payment and a refund on the way. */
export interface Driven {
  readonly order: Order;
  readonly payment: Payment | null;
  readonly refund: Refund | null;
}

/** More steps than any order has: one that goes round in circles must not keep a request. */
const STEPS_MAX = 20;

/**
 * Does an order's steps one after the other until it has none. Anybody may drive any order, several at once too: each step is a
 * call that may be repeated, and its answer counts only while that step is the order's. Rejects with Unavailable when a
 * step could not be done; it is then for the scheduler to go on, or for whoever asks again.
 */
export async function drive(deps: DriveDeps, from: Order, told: Payment | null = null): Promise<Driven> {
  let driven: Driven = { order: from, payment: told, refund: null };
  for (let steps = 0; driven.order.state.step !== null; steps++) {
    if (steps === STEPS_MAX) throw new Error(`order ${from.id} does not come to rest: ${driven.order.state.step}`);
    driven = await goOn(deps, driven);
  }
  return driven;
}

async function goOn(deps: DriveDeps, { order, payment, refund }: Driven): Promise<Driven> {
  const { outcome, trouble } = await tryStep(deps, order, payment);
  if (outcome.kind !== 'order') throw new Error(`order ${order.id} is not to be told: ${outcome.kind}`);
  // Another driver may have done it meanwhile, or the order may have given up.
  const stands = outcome.order.state.step === order.state.step;
  if (trouble !== undefined && stands) {
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', `order ${order.id}: ${order.state.step}`, 1, { cause: trouble });
  }
  return { order: outcome.order, payment: outcome.payment ?? payment, refund: outcome.refund ?? refund };
}

async function tryStep(deps: DriveDeps, order: Order, told: Payment | null) {
  const tell = (fact: Fact) => deps.batcher.submit({ kind: 'FACT', orderId: order.id, userId: null, fact });
  try {
    const action = nextAction(order, await paymentsFor(deps, order, told));
    if (action === null) throw new Error('nothing is to be done');
    const fact = await performStep(deps.services, action);
    const outcome = await tell(fact);
    if (outcome.kind === 'order' && !outcome.changed) await takeBack(deps.services, action, outcome.order);
    return { outcome, trouble: undefined };
  } catch (trouble) {
    deps.onTrouble(trouble, order.id);
    return { outcome: await tell({ kind: 'STEP_FAILED', step: order.state.step ?? '' }), trouble };
  }
}

/**
 * A coupon that was reserved for an order that has ended meanwhile: another driver was refused it, or gave up. Unlike held points,
 * a coupon that was never reserved cannot be barred. Should this fail, its reservation runs out by itself.
 */
async function takeBack(services: CheckoutServices, action: NextAction, { state }: Order): Promise<void> {
  if (action.kind !== 'RESERVE_COUPON' || state.status !== 'ENDED') return;
  await performStep(services, { ...action, kind: 'RELEASE_COUPON' });
}

/** Only a payment that is to be made has to be known. */
async function paymentsFor({ reader }: DriveDeps, { state }: Order, told: Payment | null): Promise<readonly Payment[]> {
  if (state.step !== 'TAKE_MONEY') return [];
  const payment = told?.id === state.paymentId ? told : await reader.findPayment(state.paymentId);
  return payment ? [payment] : [];
}
