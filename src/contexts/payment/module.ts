import type { ContextFacts } from '../../platform/context.ts';
import { PAYMENT_EVENTS } from './events.ts';

/** Nothing runs here. Orders publish these events for their payments, and payment providers publish them directly to Kafka. */
export const paymentContext = {
  name: 'payment',
  refusals: {},
  publishes: PAYMENT_EVENTS,
  consumes: () => [],
  audits: [],
} as const satisfies ContextFacts;
