import type { OutboxBatch } from '../../../platform/events/outbox.ts';
import type { IssuablePolicy, IssueDecision, IssueSnapshot, NewCoupon } from '../domain/issue.ts';
import { statusEvents } from './policy-events.ts';

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
    ...statusEvents(policy, passedThrough(snapshot.policies.get(policy.id)?.status, policy.status)),
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

/** A policy that opened and sold out within one group did both. */
function passedThrough(before: string | undefined, after: string): string[] {
  if (before === after) return [];
  return after === 'EXHAUSTED' && before === 'PENDING' ? ['ACTIVE', 'EXHAUSTED'] : [after];
}
