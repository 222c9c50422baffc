import type { OutboxBatch, OutboxBatchOf } from '../../../../platform/events/outbox.ts';
import type { PolicyStatus } from '../../domain/enumerations.ts';
import type { IssuablePolicy, IssueDecision, IssueSnapshot, NewCoupon } from '../../domain/issue/issue.ts';
import type { CouponEvents } from '../../events.ts';
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

type Issued = CouponEvents['coupon.issued'];
const COLUMNS = ['couponId', 'userId', 'sequenceNo'] as const;
const COLUMNS_WITH_CODE = [...COLUMNS, 'couponCode'] as const;
type Batch = OutboxBatchOf<CouponEvents, 'coupon.issued', typeof COLUMNS>;
type BatchWithCodes = OutboxBatchOf<CouponEvents, 'coupon.issued', typeof COLUMNS_WITH_CODE>;

const ISSUED = { topic: 'coupon.issued', source: 'coupon', keyField: 'couponId', countBy: 'policyId' } as const;

/** None when only the status of the policy changed. */
function couponsIssued(policy: IssuablePolicy, coupons: readonly NewCoupon[]): [] | [Batch | BatchWithCodes] {
  const [first] = coupons;
  if (!first) return [];
  const common = sharedBy(policy, first);
  if (coupons.some((coupon) => coupon.code !== undefined)) {
    const rows = coupons.map(
      ({ couponId, userId, sequenceNo, code }) => [String(couponId), String(userId), sequenceNo, code ?? null] as const,
    );
    return [{ ...ISSUED, common, columns: COLUMNS_WITH_CODE, rows }];
  }
  const rows = coupons.map(
    ({ couponId, userId, sequenceNo }) => [String(couponId), String(userId), sequenceNo] as const,
  );
  // No coupon of an opening has a code: this saves 256 nulls in each outbox row.
  return [{ ...ISSUED, common: { ...common, couponCode: null }, columns: COLUMNS, rows }];
}

/** All coupons of a batch have the same time of issue, and so the same expiry. */
const sharedBy = (policy: IssuablePolicy, first: NewCoupon): Omit<Issued, (typeof COLUMNS_WITH_CODE)[number]> => ({
  policyId: String(policy.id),
  storeId: policy.storeId === null ? null : String(policy.storeId),
  timezone: policy.timezone,
  couponName: policy.name,
  discountType: policy.discountType,
  discountValue: String(policy.discountValue),
  status: 'ISSUED',
  issuedAt: new Date(first.issuedAtMs).toISOString(),
  expiresAt: new Date(first.expiresAtMs).toISOString(),
});

/** A policy that opened and sold out within one batch has both events. */
function statusesReached(before: PolicyStatus | undefined, after: PolicyStatus): PolicyStatus[] {
  if (before === after) return [];
  return after === 'EXHAUSTED' && before === 'PENDING' ? ['ACTIVE', 'EXHAUSTED'] : [after];
}
