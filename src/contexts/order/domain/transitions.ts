import type { Order, OrderState } from './order.ts';
import type { OrderUnitOfWork } from './unit-of-work.ts';

/** The request that caused a step normally executes it at once; the scheduler resumes the order after this time. */
export const STEP_MS = 15_000;

/** An order without its state and the schedule of that state. */
export type OrderWithoutState = Omit<Order, 'state' | 'attempts' | 'resumeAtMs'>;

/** `state` has a step that must be executed. */
export const moveToStep = (work: OrderUnitOfWork, order: OrderWithoutState, state: OrderState): Order =>
  work.saveOrder({ ...order, state, attempts: 0, resumeAtMs: work.rules.nowMs + STEP_MS });

/** Returns whether an order is reserved and has no step left before its payment. */
export const isAwaitingPayment = ({ state }: Order): boolean => state.status === 'RESERVED' && state.step === null;

/** The order has everything it needs and waits for the customer or the provider. */
export const awaitPayment = (work: OrderUnitOfWork, order: OrderWithoutState): Order =>
  work.saveOrder({
    ...order,
    state: { status: 'RESERVED', step: null },
    attempts: 0,
    resumeAtMs: order.expiresAtMs,
  });

/** No step is left. Only a refund can still change the order. */
export const moveToFinalState = (work: OrderUnitOfWork, order: OrderWithoutState, state: OrderState): Order =>
  work.saveOrder({ ...order, state, attempts: 0, resumeAtMs: Number.POSITIVE_INFINITY });
