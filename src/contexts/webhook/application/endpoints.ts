import { webhookSecret } from '../../../platform/http/webhook-signature.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { type Refusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import {
  type CreateWebhookRequest,
  type DeleteWebhookRequest,
  type DeleteWebhookResponse,
  type GetWebhookRequest,
  type ListWebhooksRequest,
  type ListWebhooksResponse,
  type RotateWebhookSecretRequest,
  stored,
  type UpdateWebhookRequest,
  type WebhookResponse,
} from '../api.ts';
import {
  ENDPOINTS_MAX,
  type EndpointChange,
  type HostRules,
  normaliseTopics,
  readUrl,
  topicsProblem,
} from '../domain/endpoint.ts';
import { refuse } from '../refusals.ts';
import type { CountedEndpoint, EndpointStore, SecretBox } from './ports.ts';
import { toWebhook } from './views.ts';

export interface EndpointDeps {
  readonly store: EndpointStore;
  readonly box: SecretBox;
  readonly hosts: HostRules;
  /** Topics that endpoints may name. */
  readonly topics: ReadonlySet<string>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Something may be due. */
  readonly onChanged: () => void;
}

const refused = (refusal: Refusal): WebhookResponse => ({ ...toRefusalResponse(refusal), secret: undefined });
const notFound = (): WebhookResponse => refused(refuse('WEBHOOK_NOT_FOUND'));
const shown = (found: CountedEndpoint, clock: Clock): WebhookResponse => ({
  outcome: { $case: 'webhook', value: toWebhook(found, new Date(clock())) },
  secret: undefined,
});

/** What is stored has no secret, so a replay has none. */
const responding = (clock: Clock): Responding<CountedEndpoint | 'LIMIT_REACHED' | undefined, WebhookResponse> => ({
  type: stored.WebhookResponse,
  refused,
  respond(outcome) {
    if (outcome === 'LIMIT_REACHED') return refused(refuse('WEBHOOK_LIMIT_REACHED', { max: String(ENDPOINTS_MAX) }));
    return outcome === undefined ? notFound() : shown(outcome, clock);
  },
});

const hasSecret = (response: WebhookResponse): boolean =>
  response.outcome?.$case === 'webhook' && response.replayed !== true;

type Validated<Value> = { readonly value: Value } | { readonly refusal: Refusal };

function validUrl(text: string, { hosts }: Pick<EndpointDeps, 'hosts'>): Validated<string> {
  const read = readUrl(text, hosts);
  return 'problem' in read ? { refusal: refuse('VALIDATION_FAILED', { url: read.problem }) } : { value: read.url };
}

function validTopics(
  names: readonly string[],
  { topics: known }: Pick<EndpointDeps, 'topics'>,
): Validated<readonly string[]> {
  const value = normaliseTopics(names, known);
  if (value !== undefined) return { value };
  return { refusal: refuse('VALIDATION_FAILED', { topics: topicsProblem(names, known) }) };
}

/** Only this response has the secret. Refused: VALIDATION_FAILED, WEBHOOK_LIMIT_REACHED, IDEMPOTENCY_KEY_REUSED. */
export const createWebhook =
  (deps: EndpointDeps) =>
  async ({ url, topics, description, enabled, commandKey }: CreateWebhookRequest): Promise<WebhookResponse> => {
    const { store, box, clock, nextId } = deps;
    const address = validUrl(url, deps);
    if ('refusal' in address) return refused(address.refusal);
    const names = validTopics(topics, deps);
    if ('refusal' in names) return refused(names.refusal);
    const id = nextId();
    const key = box.create();
    const fields = { id, url: address.value, topics: names.value, description, enabled, secret: box.seal(key, id) };
    const response = await executeOnce(commandKey, responding(clock), (idempotency) =>
      store.add(fields, ENDPOINTS_MAX, new Date(clock()), idempotency),
    );
    return hasSecret(response) ? { ...response, secret: webhookSecret(key) } : response;
  };

export const getWebhook =
  ({ store, clock }: Pick<EndpointDeps, 'store' | 'clock'>) =>
  async ({ id }: GetWebhookRequest): Promise<WebhookResponse> => {
    const found = await store.find(id);
    return found === undefined ? notFound() : shown(found, clock);
  };

/** An invalid cursor gives an empty page. */
export const listWebhooks =
  ({ store, clock }: Pick<EndpointDeps, 'store' | 'clock'>) =>
  async ({ page }: ListWebhooksRequest): Promise<ListWebhooksResponse> => {
    const read = readPage(page);
    if (read === undefined) return { webhooks: [], nextCursor: undefined };
    const found = await store.list({ before: read.before, limit: read.limit + 1 });
    const { rows, nextCursor } = cutPage(found, read.limit, ({ endpoint }) => endpoint.id);
    const at = new Date(clock());
    return { webhooks: rows.map((each) => toWebhook(each, at)), nextCursor };
  };

/** Refused: WEBHOOK_NOT_FOUND, VALIDATION_FAILED, IDEMPOTENCY_KEY_REUSED. */
export const updateWebhook =
  (deps: EndpointDeps) =>
  async (request: UpdateWebhookRequest): Promise<WebhookResponse> => {
    const { store, clock, onChanged } = deps;
    const { id, url, topics, description, enabled, commandKey } = request;
    const address = url === undefined ? undefined : validUrl(url, deps);
    if (address !== undefined && 'refusal' in address) return refused(address.refusal);
    const names = topics === undefined ? undefined : validTopics(topics.names, deps);
    if (names !== undefined && 'refusal' in names) return refused(names.refusal);
    const change: EndpointChange = {
      ...(address === undefined ? {} : { url: address.value }),
      ...(names === undefined ? {} : { topics: names.value }),
      ...(description === undefined ? {} : { description }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    const response = await executeOnce(commandKey, responding(clock), (idempotency) =>
      store.change(id, change, new Date(clock()), idempotency),
    );
    onChanged();
    return response;
  };

/** Its deliveries are deleted within the hour. Refused: WEBHOOK_NOT_FOUND, IDEMPOTENCY_KEY_REUSED. */
export const deleteWebhook =
  ({ store }: Pick<EndpointDeps, 'store'>) =>
  ({ id, commandKey }: DeleteWebhookRequest): Promise<DeleteWebhookResponse> =>
    executeOnce(commandKey, DELETING, (idempotency) => store.delete(id, idempotency));

const DELETING: Responding<boolean, DeleteWebhookResponse> = {
  type: stored.DeleteWebhookResponse,
  refused: toRefusalResponse,
  respond: (isDeleted) =>
    isDeleted ? { outcome: { $case: 'deleted', value: {} } } : toRefusalResponse(refuse('WEBHOOK_NOT_FOUND')),
};

/** Only this response has the new secret. Refused: WEBHOOK_NOT_FOUND, IDEMPOTENCY_KEY_REUSED. */
export const rotateWebhookSecret =
  ({ store, box, clock }: Pick<EndpointDeps, 'store' | 'box' | 'clock'>) =>
  async ({ id, overlapHours, commandKey }: RotateWebhookSecretRequest): Promise<WebhookResponse> => {
    const key = box.create();
    const nowMs = clock();
    const previousUntil = new Date(nowMs + overlapHours * HOUR_MS);
    const response = await executeOnce(commandKey, responding(clock), (idempotency) =>
      store.rotate(id, box.seal(key, id), previousUntil, new Date(nowMs), idempotency),
    );
    return hasSecret(response) ? { ...response, secret: webhookSecret(key) } : response;
  };
