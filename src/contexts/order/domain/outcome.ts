import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { OrderRefusalCode } from '../api.ts';
import type { OrderOutcome } from './decision.ts';
import type { Order, Payment, Refund } from './order.ts';

interface About {
  readonly payment?: Payment | undefined;
  readonly refund?: Refund | undefined;
}

type Now = Extract<OrderOutcome, { readonly kind: 'order' }>;

/** The fact changed the order, its payments or its refunds. */
export const moved = (order: Order, { payment, refund }: About = {}): Now => ({
  kind: 'order',
  order,
  changed: true,
  payment: payment ?? null,
  refund: refund ?? null,
  replayed: false,
});

/** It changed nothing: it came twice, late or out of order, its key was answered before, or it put a step off. */
export const same = (order: Order, about: About = {}, replayed = false): Now => ({
  ...moved(order, about),
  changed: false,
  replayed,
});

type Details = Readonly<Record<string, string>>;

/** One of this context's own. */
export const refusal = (code: OrderRefusalCode, details: Details = {}): Refusal => refuse(code, details);

/** What the customer is told whose order's time is over. */
export const orderExpired = ({ expiresAtMs }: Pick<Order, 'expiresAtMs'>): Refusal =>
  refusal('ORDER_EXPIRED', { expiresAt: new Date(expiresAtMs).toISOString() });

export const refusedWith = (why: Refusal): OrderOutcome => ({ kind: 'refused', refusal: why, replayed: false });

export const refused = (code: OrderRefusalCode, details: Details = {}): OrderOutcome =>
  refusedWith(refusal(code, details));
