import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { IssuablePolicy, IssueDecision, IssueSnapshot, NewCoupon } from '../../domain/issue/issue.ts';
import type { PolicyStatus } from '../../domain/policy/policy.ts';
import { statusEvents } from '../policy/policy-events.ts';

/** The events of an issue decision: coupon.issued for each coupon, and the status changes of the policies. */
export function issueEvents(decision: IssueDecision, snapshot: IssueSnapshot): OutboxBatch[] {
  const byPolicy = new Map<bigint, NewCoupon[]>();
  for (const coupon of decision.issued) {
    const coupons = byPolicy.get(coupon.policyId);
    if (coupons) coupons.push(coupon);
    else byPolicy.set(coupon.policyId, [coupon]);
  }
  return decision.changed.flatMap((policy) => [
    ...couponsIssued(policy, byPolicy.get(policy.id) ?? []),
    ...statusEvents(policy, statusesReached(snapshot.policies.get(policy.id)?.status, policy.status)),
  ]);
}

/** None when only the status of the policy changed. */
function couponsIssued(policy: IssuablePolicy, coupons: readonly NewCoupon[]): OutboxBatch[] {
  const [first] = coupons;
  if (!first) return [];
  // No coupon of an opening has a code: this saves 256 nulls in each outbox row.
  const coded = coupons.some((coupon) => coupon.code !== undefined);
  const batch: OutboxBatch = {
    topic: 'coupon.issued',
    source: 'coupon',
    keyField: 'couponId',
    countBy: 'policyId',
    common: {
      policyId: String(policy.id),
      storeId: policy.storeId === null ? null : String(policy.storeId),
      timezone: policy.timezone,
      ...(coded ? {} : { couponCode: null }),
      couponName: policy.name,
      discountType: policy.discountType,
      discountValue: String(policy.discountValue),
      status: 'ISSUED',
      // All coupons of a batch have the same time of issue, and so the same expiry.
      issuedAt: new Date(first.issuedAtMs).toISOString(),
      expiresAt: new Date(first.expiresAtMs).toISOString(),
    },
    columns: coded ? ['couponId', 'userId', 'sequenceNo', 'couponCode'] : ['couponId', 'userId', 'sequenceNo'],
    rows: coupons.map(({ couponId, userId, sequenceNo, code }) =>
      coded
        ? [String(couponId), String(userId), sequenceNo, code ?? null]
        : [String(couponId), String(userId), sequenceNo],
    ),
  };
  return [batch];
}

/** A policy that opened and sold out within one batch has both events. */
function statusesReached(before: PolicyStatus | undefined, after: PolicyStatus): PolicyStatus[] {
  if (before === after) return [];
  return after === 'EXHAUSTED' && before === 'PENDING' ? ['ACTIVE', 'EXHAUSTED'] : [after];
}
