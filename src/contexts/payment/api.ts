/**
 * Payments are made elsewhere, by a provider. This context is only the contract of what they say: others import it to
 * understand the events, and nothing runs here.
 */
export { PAYMENT_EVENTS, type PaymentEvents } from './events.ts';
export { PAYMENT_ID_MAX, REASON_MAX } from './limits.ts';
