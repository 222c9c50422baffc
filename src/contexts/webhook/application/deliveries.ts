import type { Clock } from '../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import {
  type ListWebhookDeliveriesRequest,
  type ListWebhookDeliveriesResponse,
  type ReplayWebhookDeliveryRequest,
  stored,
  type TestWebhookRequest,
  type WebhookDeliveryResponse,
} from '../api.ts';
import { bodyText, DELIVERY_STATUSES, TEST_TOPIC } from '../domain/delivery.ts';
import type { TestData } from '../events.ts';
import { refuse } from '../refusals.ts';
import type { DeliveryChanged, DeliveryRefused, DeliveryStore, EndpointStore } from './ports.ts';
import { toDelivery } from './views.ts';

export interface DeliveryDeps {
  readonly endpoints: Pick<EndpointStore, 'find'>;
  readonly deliveries: DeliveryStore;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Something is due. */
  readonly onChanged: () => void;
}

const CODES = {
  NO_ENDPOINT: 'WEBHOOK_NOT_FOUND',
  NO_DELIVERY: 'WEBHOOK_DELIVERY_NOT_FOUND',
  DISABLED: 'WEBHOOK_DISABLED',
  ERASED: 'WEBHOOK_DELIVERY_ERASED',
} as const satisfies Readonly<Record<DeliveryRefused, string>>;

const CHANGING: Responding<DeliveryChanged, WebhookDeliveryResponse> = {
  type: stored.WebhookDeliveryResponse,
  refused: toRefusalResponse,
  respond: (outcome) =>
    typeof outcome === 'string'
      ? toRefusalResponse(refuse(CODES[outcome]))
      : { outcome: { $case: 'delivery', value: toDelivery(outcome) } },
};

/** An invalid cursor gives an empty page. Refused: WEBHOOK_NOT_FOUND, VALIDATION_FAILED. */
export const listWebhookDeliveries =
  ({ endpoints, deliveries }: Pick<DeliveryDeps, 'endpoints' | 'deliveries'>) =>
  async ({ id, status: given, page }: ListWebhookDeliveriesRequest): Promise<ListWebhookDeliveriesResponse> => {
    const status = DELIVERY_STATUSES.find((known) => known === given);
    if (given !== undefined && status === undefined)
      return toRefusalResponse(
        refuse('VALIDATION_FAILED', { status: `must be one of ${DELIVERY_STATUSES.join(', ')}` }),
      );
    if ((await endpoints.find(id)) === undefined) return toRefusalResponse(refuse('WEBHOOK_NOT_FOUND'));
    const read = readPage(page);
    if (read === undefined) return { outcome: { $case: 'page', value: { deliveries: [], nextCursor: undefined } } };
    const found = await deliveries.list(id, { status, before: read.before, limit: read.limit + 1 });
    const { rows, nextCursor } = cutPage(found, read.limit, (delivery) => delivery.id);
    return { outcome: { $case: 'page', value: { deliveries: rows.map(toDelivery), nextCursor } } };
  };

/** The event has a subject of its own, so it waits for none. Refused: WEBHOOK_NOT_FOUND, WEBHOOK_DISABLED, IDEMPOTENCY_KEY_REUSED. */
export const testWebhook =
  ({ deliveries, clock, nextId, onChanged }: DeliveryDeps) =>
  async ({ id, commandKey }: TestWebhookRequest): Promise<WebhookDeliveryResponse> => {
    const at = new Date(clock());
    const eventId = `test-${nextId()}`;
    const data: TestData = { webhookId: String(id), message: 'This is a test. No event happened.' };
    const body = bodyText({ type: TEST_TOPIC, timestamp: at.toISOString(), eventId, data });
    const event = { eventId, topic: TEST_TOPIC, subject: `test:${eventId}`, body };
    const response = await executeOnce(commandKey, CHANGING, (idempotency) =>
      deliveries.add(id, event, at, idempotency),
    );
    onChanged();
    return response;
  };

/** Refused: WEBHOOK_NOT_FOUND, WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_DELIVERY_ERASED, WEBHOOK_DISABLED, IDEMPOTENCY_KEY_REUSED. */
export const replayWebhookDelivery =
  ({ deliveries, clock, onChanged }: DeliveryDeps) =>
  async ({ id, deliveryId, commandKey }: ReplayWebhookDeliveryRequest): Promise<WebhookDeliveryResponse> => {
    const response = await executeOnce(commandKey, CHANGING, (idempotency) =>
      deliveries.replay(id, deliveryId, new Date(clock()), idempotency),
    );
    onChanged();
    return response;
  };
