import type { ContextFacts } from '../../platform/context.ts';
import type { ServiceContract } from '../../platform/grpc/contract.ts';
import { PAYMENT_EVENTS } from './events.ts';

/** Nothing runs here: the sandbox of the contract runs with orders. Orders publish these events for their payments, and payment providers publish them directly to Kafka. */
export const paymentContext = {
  name: 'payment',
  contract: async () => (await import('../../gen/wire/stampede/payment/v1/payment.ts')).SandboxPaymentServiceDefinition,
  refusals: {},
  publishes: PAYMENT_EVENTS,
  consumes: () => [],
  audits: [],
} as const satisfies ContextFacts & { contract(): Promise<ServiceContract> };
