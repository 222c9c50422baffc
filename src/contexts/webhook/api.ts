/** All that other code may import of the webhook context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/webhook/v1/webhook.ts';
export type * from '../../gen/types/stampede/webhook/v1/webhook.ts';
export { ATTEMPT_ERRORS } from './domain/attempt.ts';
export { DELIVERY_STATUSES } from './domain/delivery.ts';
export {
  DESCRIPTION_MAX,
  DISABLED_REASONS,
  ENDPOINTS_MAX,
  OVERLAP_HOURS,
  OVERLAP_HOURS_MAX,
  TOPICS_MAX,
  URL_MAX,
} from './domain/endpoint.ts';
export { FAILING_MAX_DAYS, WAITING_MAX } from './domain/health.ts';
export type { WebhookEvents } from './events.ts';
export { WEBHOOK_REFUSALS } from './refusals.ts';
