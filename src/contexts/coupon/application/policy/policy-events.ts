import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { Policy, PolicyStatus } from '../../domain/policy/policy.ts';

const TOPIC_OF: Readonly<Partial<Record<PolicyStatus, string>>> = {
  ACTIVE: 'coupon-policy.activated',
  EXHAUSTED: 'coupon-policy.exhausted',
  ENDED: 'coupon-policy.ended',
};

export interface PolicyEventData {
  readonly id: bigint;
  readonly name: string;
  readonly storeId: bigint | null;
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** The events of a policy's status changes, in their order. PENDING and PAUSED have none. */
export function statusEvents(policy: PolicyEventData, statuses: readonly PolicyStatus[]): OutboxBatch[] {
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

export const policyEventData = ({ id, terms }: Policy): PolicyEventData => ({
  id,
  name: terms.name,
  storeId: terms.storeId ?? null,
  validFromMs: terms.validFrom.getTime(),
  validUntilMs: terms.validUntil.getTime(),
});
