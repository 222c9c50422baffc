import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
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

/** It changed nothing: it came twice, late or out of order, or its key was answered before. */
export const same = (order: Order, about: About = {}, replayed = false): Now => ({
  ...moved(order, about),
  changed: false,
  replayed,
});

export const refusedWith = (refusal: Refusal): OrderOutcome => ({ kind: 'refused', refusal, replayed: false });

export const refused = (code: string, details: Readonly<Record<string, string>> = {}): OrderOutcome =>
  refusedWith(refuse(code, details));
