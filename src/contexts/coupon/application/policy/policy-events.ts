import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { Policy, PolicyStatus } from '../../domain/policy/policy.ts';
import type { PolicyOfEvents } from './ports.ts';

const TOPIC_OF: Readonly<Partial<Record<PolicyStatus, string>>> = {
  ACTIVE: 'coupon-policy.activated',
  EXHAUSTED: 'coupon-policy.exhausted',
  ENDED: 'coupon-policy.ended',
};

/** The events of a policy's status changes, in their order. PENDING and PAUSED have none. */
export function statusEvents(policy: PolicyOfEvents, statuses: readonly PolicyStatus[]): OutboxBatch[] {
  return statuses.flatMap((status) => {
    const topic = TOPIC_OF[status];
    if (!topic) return [];
    const window = {
      validFrom: new Date(policy.validFromMs).toISOString(),
      validUntil: new Date(policy.validUntilMs).toISOString(),
    };
    const storeId = policy.storeId === null ? null : String(policy.storeId);
    const common = { policyId: String(policy.id), storeId, name: policy.name, window };
    return [{ topic, source: 'coupon', keyField: 'policyId', common, columns: [], rows: [[]] }];
  });
}

/** The events of a policy's new status. */
export const policyEvents = (policy: Policy): OutboxBatch[] => statusEvents(policyEventData(policy), [policy.status]);

const policyEventData = ({ id, terms }: Policy): PolicyOfEvents => ({
  id,
  name: terms.name,
  storeId: terms.storeId ?? null,
  validFromMs: terms.validFrom.getTime(),
  validUntilMs: terms.validUntil.getTime(),
});
