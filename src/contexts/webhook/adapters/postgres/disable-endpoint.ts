import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { insertAudit } from '../../../../platform/audit/insert-audit.ts';
import { insertEvents, type OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { AutomaticReason } from '../../domain/endpoint.ts';
import type { WebhookEvents } from '../../events.ts';

const DISABLE = `
  update webhook.endpoints set enabled = false, disabled_reason = $2, disabled_at = $3, lease = null, lease_until = null, updated_at = $3
  where id = $1 and enabled returning url`;

/**
 * Disables an endpoint in the transaction of `client`, with its event and its line in the audit log: who changed it is this system. One that is disabled
 * already stays as it is. Notify the relay after the commit.
 */
export async function disableEndpoint(
  client: pg.ClientBase,
  nextId: IdSource,
  { id, reason, at }: { readonly id: bigint; readonly reason: AutomaticReason; readonly at: Date },
): Promise<void> {
  const { rows } = await client.query<{ url: string }>(DISABLE, [id, reason, at]);
  const [disabled] = rows;
  if (disabled === undefined) return;
  const entry = { id: nextId(), actor: 'service:0', role: 'SERVICE', operation: 'disableWebhook', fields: [reason] };
  const requestId = randomUUID();
  const event: OutboxBatchOf<WebhookEvents, 'webhook.disabled', readonly []> = {
    topic: 'webhook.disabled',
    source: 'webhook',
    keyField: 'webhookId',
    common: {
      webhookId: String(id),
      auditId: String(entry.id),
      origin: new URL(disabled.url).origin,
      reason,
      disabledAt: at.toISOString(),
    },
    columns: [],
    rows: [[]],
    correlationId: requestId,
  };
  const audit = insertAudit([{ ...entry, requestId, subject: String(id) }]);
  for (const { name, text, values } of [...audit, ...insertEvents(nextId(), [event])])
    await client.query({ name, text, values: [...values] });
}
