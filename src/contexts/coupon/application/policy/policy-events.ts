import type { OutboxBatch, OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { PolicyStatus } from '../../domain/enumerations.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { CouponEvents } from '../../events.ts';
import type { PolicyOfEvents } from './ports.ts';

type PolicyTopic = 'coupon-policy.activated' | 'coupon-policy.exhausted' | 'coupon-policy.ended';
type PolicyBatch = OutboxBatchOf<CouponEvents, PolicyTopic, readonly []>;

const TOPIC_OF: Readonly<Partial<Record<PolicyStatus, PolicyTopic>>> = {
  ACTIVE: 'coupon-policy.activated',
  EXHAUSTED: 'coupon-policy.exhausted',
  ENDED: 'coupon-policy.ended',
};

/** The events of a policy's status changes, in their order. PENDING and PAUSED have none. */
export function statusEvents(policy: PolicyOfEvents, statuses: readonly PolicyStatus[]): OutboxBatch[] {
  return statuses.flatMap((status): PolicyBatch[] => {
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

/** The events of a manual change, or of a new policy when `before` is absent. */
export function policyEvents(policy: Policy, before?: Policy): OutboxBatch[] {
  const statuses = before?.status === policy.status ? [] : [policy.status];
  const batches = statusEvents(policyEventData(policy), statuses);
  if (!before) return batches;
  if (before.terms !== policy.terms) batches.push(changeEvent('coupon-policy.changed', policy));
  if (before.suspensionReason !== policy.suspensionReason) {
    batches.push(changeEvent(policy.suspensionReason ? 'coupon-policy.suspended' : 'coupon-policy.resumed', policy));
  }
  return batches;
}

type ChangeTopic = 'coupon-policy.changed' | 'coupon-policy.suspended' | 'coupon-policy.resumed';

function changeEvent(topic: ChangeTopic, { id, terms, suspensionReason, termsVersion }: Policy): OutboxBatch {
  const storeId = terms.storeId === undefined ? null : String(terms.storeId);
  const reason = topic === 'coupon-policy.suspended' ? (suspensionReason ?? null) : null;
  const common = { policyId: String(id), storeId, name: terms.name, reason, termsVersion };
  const batch: OutboxBatchOf<CouponEvents, ChangeTopic, readonly []> = {
    topic,
    source: 'coupon',
    keyField: 'policyId',
    common,
    columns: [],
    rows: [[]],
  };
  return batch;
}

const policyEventData = ({ id, terms }: Policy): PolicyOfEvents => ({
  id,
  name: terms.name,
  storeId: terms.storeId ?? null,
  validFromMs: terms.validFrom.getTime(),
  validUntilMs: terms.validUntil.getTime(),
});
