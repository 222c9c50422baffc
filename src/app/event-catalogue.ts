import { COUPON_EVENTS } from '../contexts/coupon/events.ts';
import { IDENTITY_EVENTS } from '../contexts/identity/events.ts';
import { ORDER_EVENTS } from '../contexts/order/events.ts';
import { PAYMENT_EVENTS } from '../contexts/payment/events.ts';
import { POINT_EVENTS } from '../contexts/point/events.ts';
import type { Topics } from '../platform/events/topic.ts';

/** The topics that each context publishes. */
export const PRODUCERS: Readonly<Record<string, Topics>> = {
  coupon: COUPON_EVENTS,
  identity: IDENTITY_EVENTS,
  order: ORDER_EVENTS,
  // Orders publish it for their payments, and payment providers publish it directly to Kafka.
  payment: PAYMENT_EVENTS,
  point: POINT_EVENTS,
};

/** Every topic. A name belongs to one context only; tools/events/generated.test.ts checks that. */
export const TOPICS: Topics = Object.assign({}, ...Object.values(PRODUCERS));

/** The topics that each context consumes. event-catalogue.int.test.ts compares them with the subscriptions. */
export const CONSUMERS: Readonly<Record<string, readonly string[]>> = {
  // What names a user may trigger a policy.
  coupon: [
    'user.signed_up',
    'order.reserved',
    'order.paid',
    'order.cancelled',
    'order.expired',
    'order.refunded',
    ...Object.keys(POINT_EVENTS),
    ...Object.keys(PAYMENT_EVENTS),
  ],
  order: Object.keys(PAYMENT_EVENTS),
  statistics: [
    'coupon.issued',
    'coupon.reserved',
    'coupon.used',
    'coupon.cancelled',
    'coupon.restored',
    'coupon.expired',
  ],
};
