import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import type { IssuablePolicy, IssueDecision, IssueSnapshot, NewCoupon } from '../domain/issue.ts';

/** The facts that an issue decision makes true: coupon.issued for each coupon, and what happened to the policies. */
export function issueEvents(decision: IssueDecision, snapshot: IssueSnapshot): OutboxBatch[] {
  const byPolicy = new Map<bigint, NewCoupon[]>();
  for (const coupon of decision.issued) {
    const coupons = byPolicy.get(coupon.policyId);
    if (coupons) coupons.push(coupon);
    else byPolicy.set(coupon.policyId, [coupon]);
  }
  return decision.changed.flatMap((policy) => [
    couponsIssued(policy, byPolicy.get(policy.id) ?? []),
    ...statusChanged(policy, snapshot.policies.get(policy.id)?.status),
  ]);
}

function couponsIssued(policy: IssuablePolicy, coupons: readonly NewCoupon[]): OutboxBatch {
  return {
    topic: 'coupon.issued',
    source: 'coupon',
    keyField: 'couponId',
    countBy: 'policyId',
    common: {
      policyId: String(policy.id),
      couponCode: null,
      couponName: policy.name,
      discountType: policy.discountType,
      discountValue: String(policy.discountValue),
      status: 'ISSUED',
      // All coupons of a group are issued at one moment, so they expire at one.
      expiresAt: new Date(coupons[0]?.expiresAtMs ?? 0).toISOString(),
    },
    columns: ['couponId', 'userId', 'sequenceNo'],
    rows: coupons.map((coupon) => [String(coupon.couponId), String(coupon.userId), coupon.sequenceNo]),
  };
}

function statusChanged(policy: IssuablePolicy, before: string | undefined): OutboxBatch[] {
  if (policy.status === before) return [];
  // A policy that opened and sold out within one group did both.
  const passed = before !== 'ACTIVE' && policy.status === 'EXHAUSTED' && before !== 'EXHAUSTED' ? ['ACTIVE', 'EXHAUSTED'] : [policy.status];
  return passed.map((status) => policyEvent(status, policy.id, policy.name, new Date(policy.validFromMs), new Date(policy.validUntilMs)));
}

const TOPIC_OF: Readonly<Record<string, string>> = {
  ACTIVE: 'coupon-policy.activated',
  EXHAUSTED: 'coupon-policy.exhausted',
  ENDED: 'coupon-policy.ended',
};

/** The event of a policy that came into a status; statuses without one (PAUSED) give undefined to callers of `topicOf`. */
export function policyEvent(
  status: string,
  policyId: bigint,
  name: string,
  validFrom: Date,
  validUntil: Date,
  storeId?: bigint,
): OutboxBatch {
  const window = { validFrom: validFrom.toISOString(), validUntil: validUntil.toISOString() };
  return {
    topic: TOPIC_OF[status] ?? `coupon-policy.${status.toLowerCase()}`,
    source: 'coupon',
    keyField: 'policyId',
    common: { policyId: String(policyId), storeId: storeId === undefined ? null : String(storeId), name, window },
    columns: [],
    rows: [[]],
  };
}
