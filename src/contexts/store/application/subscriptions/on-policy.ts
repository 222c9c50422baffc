import type { Delivery, Handler } from '../../../../platform/events/bus.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import type { FollowedPolicy } from '../../domain/subscription.ts';
import type { PolicyRecords } from './ports.ts';

export const POLICY_CONSUMER = 'store.policies';

/** The parts of events of the coupon context that are read here. That context calls this one, so its types are not imported. */
interface PolicyData {
  readonly policyId: string;
  readonly storeId: string | null;
  readonly name: string;
  /** Absent in events of a change that an earlier version wrote. */
  readonly window?: { readonly validFrom: string };
}

type PolicyTopic = `coupon-policy.${'activated' | 'changed' | 'suspended' | 'resumed' | 'ended'}`;
type PolicyEvent = Delivery<PolicyData, PolicyTopic>;

const HANDLERS: Readonly<Record<PolicyTopic, (records: PolicyRecords, policy: Facts) => Promise<void>>> = {
  'coupon-policy.activated': (records, { opensAt, ...policy }) =>
    records.activated({ ...policy, opensAt: required(opensAt) }),
  'coupon-policy.changed': (records, policy) => records.changed(policy),
  'coupon-policy.suspended': (records, { policyId }) => records.suspended(policyId, true),
  'coupon-policy.resumed': (records, { policyId }) => records.suspended(policyId, false),
  'coupon-policy.ended': (records, { policyId }) => records.ended(policyId),
};
export const POLICY_TOPICS = Object.keys(HANDLERS) as readonly PolicyTopic[];

/**
 * Follows what becomes of policies. The events of a policy come in their order, and what they say is a state: an event that is delivered
 * again, with those after it, ends in the same state. So there is no inbox.
 */
export const onPolicy =
  (records: PolicyRecords): Handler<PolicyEvent> =>
  async (batch) => {
    for (const delivery of batch) await HANDLERS[delivery.topic](records, factsOf(delivery));
  };

type Facts = Omit<FollowedPolicy, 'opensAt'> & { readonly opensAt: Date | undefined };

function factsOf({ topic, event }: PolicyEvent): Facts {
  const { policyId: text, storeId, name, window } = event.data;
  const policyId = parseId(text);
  if (policyId === undefined) throw new Error(`an event of ${topic} names no policy`);
  return {
    policyId,
    storeId: storeId === null ? null : (parseId(storeId) ?? null),
    name,
    opensAt: window && new Date(window.validFrom),
  };
}

function required(opensAt: Date | undefined): Date {
  if (opensAt === undefined) throw new Error('an event of an activated policy has no window');
  return opensAt;
}
