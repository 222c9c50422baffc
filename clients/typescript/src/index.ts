// Everything that the package offers.
export { type ClientOptions, createClient, type StampedeClient } from './create-client.ts';
export type { AccessToken, Account, ApiKey, Credentials, StoredSession } from './credentials.ts';
export { ConnectionError, StampedeError, unwrap } from './errors.ts';
export type { EventSourceOptions } from './event-source.ts';
export type { components, operations, paths } from './generated/openapi.ts';
export { newIdempotencyKey } from './idempotency-key.ts';
export type { ItemOf, List, ListOptions, ListPath } from './list.ts';
export type { Problem, ProblemCode, ProblemOf } from './problems.ts';
export type { RetryOptions } from './retry.ts';
export type { Fetch } from './send.ts';
export type { InboxEvent, Job, Notice, Stock, StreamOptions, Streams, TimeSaleStock } from './streams.ts';
export type { StoredTokens, TokenStore, Tokens } from './token-store.ts';
export {
  verifyWebhook,
  type WebhookEvent,
  type WebhookHeaders,
  type WebhookOptions,
  type WebhookTopic,
  WebhookVerificationError,
} from './webhooks.ts';
