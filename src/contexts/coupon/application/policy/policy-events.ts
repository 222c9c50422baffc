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
    const storeId = policy.storeId === null ? null : String(policy.storeId);
    const common = { policyId: String(policy.id), storeId, name: policy.name, window: windowOf(policy) };
    return [{ topic, source: 'coupon', keyField: 'policyId', common, columns: [], rows: [[]] }];
  });
}

const windowOf = ({ validFromMs, validUntilMs }: Pick<PolicyOfEvents, 'validFromMs' | 'validUntilMs'>) => ({
  validFrom: new Date(validFromMs).toISOString(),
  validUntil: new Date(validUntilMs).toISOString(),
});

/** The events of a manual change, or of a new policy when `before` is absent. */
export function policyEvents(policy: Policy, before?: Policy): OutboxBatch[] {
  const statuses = before?.status === policy.status ? [] : [policy.status];
  const batches = statusEvents(policyEventData(policy), statuses);
  if (!before) return batches;
  if (before.terms !== policy.terms) batches.push(changedEvent(policy));
  if (before.suspensionReason !== policy.suspensionReason) {
    batches.push(
      suspensionEvent(policy.suspensionReason ? 'coupon-policy.suspended' : 'coupon-policy.resumed', policy),
    );
  }
  return batches;
}

type SuspensionTopic = 'coupon-policy.suspended' | 'coupon-policy.resumed';

const changeData = ({ id, terms, termsVersion }: Policy) => ({
  policyId: String(id),
  storeId: terms.storeId === undefined ? null : String(terms.storeId),
  name: terms.name,
  termsVersion,
});
const OF_POLICY = { source: 'coupon', keyField: 'policyId', columns: [], rows: [[]] } as const;

function changedEvent(policy: Policy): OutboxBatch {
  const common = { ...changeData(policy), reason: null, window: windowOf(policyEventData(policy)) };
  const batch: OutboxBatchOf<CouponEvents, 'coupon-policy.changed', readonly []> = {
    ...OF_POLICY,
    topic: 'coupon-policy.changed',
    common,
  };
  return batch;
}

function suspensionEvent(topic: SuspensionTopic, policy: Policy): OutboxBatch {
  const reason = topic === 'coupon-policy.suspended' ? (policy.suspensionReason ?? null) : null;
  const batch: OutboxBatchOf<CouponEvents, SuspensionTopic, readonly []> = {
    ...OF_POLICY,
    topic,
    common: { ...changeData(policy), reason },
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
