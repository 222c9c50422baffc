/**
 * Payments are made elsewhere, by a provider. This context is the contract with it: requests to it, and events from it. Others import it,
 * and nothing runs here.
 */
export type { SandboxPaymentService } from '../../gen/types/stampede/payment/v1/payment.ts';
export { PAYMENT_EVENTS, type PaymentEvents } from './events.ts';
export { PAYMENT_ID_MAX, REASON_MAX } from './limits.ts';
export { paymentDeclined } from './payment-declined.ts';
export { NO_PROVIDER, type PaymentBegun, type PaymentProvider } from './provider.ts';
