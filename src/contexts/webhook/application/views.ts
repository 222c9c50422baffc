import type { Webhook, WebhookDelivery } from '../api.ts';
import { messageIdOf } from '../domain/delivery.ts';
import type { CountedEndpoint, DeliveryRecord } from './ports.ts';

/** An endpoint as the contract has it. */
export function toWebhook({ endpoint, waiting }: CountedEndpoint, at: Date): Webhook {
  const { id, url, topics, description, state, health, previousSecretUntil, createdAt, updatedAt } = endpoint;
  const isAhead = (date: Date | null): date is Date => date !== null && date > at;
  return {
    id,
    url,
    topics,
    description,
    enabled: state.kind === 'ENABLED',
    disabledReason: state.kind === 'DISABLED' ? state.reason : undefined,
    disabledAt: state.kind === 'DISABLED' ? state.at : undefined,
    failures: health.failures,
    failingSince: health.failingSince ?? undefined,
    resumesAt: isAhead(health.resumeAt) ? health.resumeAt : undefined,
    waiting,
    previousSecretUntil: isAhead(previousSecretUntil) ? previousSecretUntil : undefined,
    createdAt,
    updatedAt,
  };
}

/** A delivery as the contract has it. */
export const toDelivery = (delivery: DeliveryRecord): WebhookDelivery => ({
  id: delivery.id,
  eventId: delivery.eventId,
  messageId: messageIdOf(delivery.endpointId, delivery.eventId),
  topic: delivery.topic,
  subject: delivery.subject,
  status: delivery.status,
  attempts: delivery.attempts,
  lastStatus: delivery.lastStatus ?? undefined,
  lastError: delivery.lastError ?? undefined,
  nextAttemptAt: delivery.status === 'PENDING' ? delivery.dueAt : undefined,
  createdAt: delivery.createdAt,
  finishedAt: delivery.finishedAt ?? undefined,
  body: delivery.body ?? undefined,
});
