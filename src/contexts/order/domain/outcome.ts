import { type OrderRefusal, refuse } from '../refusals.ts';
import type { OrderOutcome } from './decision.ts';
import type { Order, Payment, Refund } from './order.ts';

interface About {
  readonly payment?: Payment | undefined;
  readonly refund?: Refund | undefined;
}

type Current = Extract<OrderOutcome, { readonly kind: 'order' }>;

/** The input changed the order, its payments or its refunds. */
export const updated = (order: Order, { payment, refund }: About = {}): Current => ({
  kind: 'order',
  order,
  changed: true,
  payment: payment ?? null,
  refund: refund ?? null,
  replayed: false,
});

/** The input changed nothing: it arrived twice, late or out of order, its key was used before, or it only scheduled a retry. */
export const unchanged = (order: Order, about: About = {}, replayed = false): Current => ({
  ...updated(order, about),
  changed: false,
  replayed,
});

/** The refusal for an order whose time is over. */
export const orderExpired = ({ expiresAtMs }: Pick<Order, 'expiresAtMs'>): OrderRefusal =>
  refuse('ORDER_EXPIRED', { expiresAt: new Date(expiresAtMs).toISOString() });

export const refused = (refusal: OrderRefusal): OrderOutcome => ({ kind: 'refused', refusal, replayed: false });
