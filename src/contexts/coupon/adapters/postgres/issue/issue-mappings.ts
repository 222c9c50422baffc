import { computed, converted, millis, optional, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import { isPresent } from '../policy/policy-mappings.ts';
import { couponIssues, couponPolicies } from '../schema.ts';

export const ISSUABLE_POLICY = tableMapping(couponPolicies, {
  id: couponPolicies.id,
  name: couponPolicies.name,
  storeId: couponPolicies.storeId,
  code: couponPolicies.code,
  status: couponPolicies.status,
  distributionType: couponPolicies.distributionType,
  discountType: couponPolicies.discountType,
  discountValue: couponPolicies.discountValue,
  maxIssueCount: couponPolicies.maxIssueCount,
  maxIssuePerUser: couponPolicies.maxIssuePerUser,
  validDays: couponPolicies.validDays,
  expireAtMs: millis(couponPolicies.expireAt),
  validFromMs: millis(couponPolicies.validFrom),
  validUntilMs: millis(couponPolicies.validUntil),
  timezone: couponPolicies.timezone,
  issuedCount: couponPolicies.currentIssueCount,
  lastSequenceNo: couponPolicies.lastSequenceNo,
  refusalEpoch: couponPolicies.refusalEpoch,
  termsVersion: couponPolicies.termsVersion,
  isSuspended: isPresent(couponPolicies.suspensionReason),
});
/** What only the guard of an optimistic batch compares. */
export const POLICY_GUARD = tableMapping(couponPolicies, {
  version: couponPolicies.version,
  formerPerUser: couponPolicies.formerIssuePerUser,
  fence: couponPolicies.fence,
});
/** The row that an optimistic batch was decided on. Its statement compares all of it. */
export const EXPECTED_POLICY = tableMapping(couponPolicies, {
  id: shared(couponPolicies.id),
  issuedCount: shared(couponPolicies.currentIssueCount),
  lastSequenceNo: shared(couponPolicies.lastSequenceNo),
  status: shared(couponPolicies.status),
  refusalEpoch: shared(couponPolicies.refusalEpoch),
  version: shared(couponPolicies.version),
  fence: shared(couponPolicies.fence),
  maxIssueCount: shared(couponPolicies.maxIssueCount),
  validFromMs: shared(millis(couponPolicies.validFrom)),
  validUntilMs: shared(millis(couponPolicies.validUntil)),
});
/** What issuing changes. */
export const POLICY_COUNT = tableMapping(couponPolicies, {
  id: couponPolicies.id,
  issuedCount: couponPolicies.currentIssueCount,
  lastSequenceNo: couponPolicies.lastSequenceNo,
  status: couponPolicies.status,
});
/** The same of one policy. */
export const ONE_POLICY_COUNT = tableMapping(couponPolicies, {
  issuedCount: shared(couponPolicies.currentIssueCount),
  lastSequenceNo: shared(couponPolicies.lastSequenceNo),
  status: shared(couponPolicies.status),
});

export const HOLDING = tableMapping(couponIssues, {
  policyId: couponIssues.policyId,
  userId: couponIssues.userId,
  couponId: couponIssues.id,
  sequenceNo: couponIssues.sequenceNo,
  // Null only once it is cancelled: then it is no holding.
  slot: converted(
    couponIssues.slot,
    (slot) => slot as number,
    (slot) => slot,
  ),
});

export const CLAIM = tableMapping(couponIssues, {
  policyId: couponIssues.policyId,
  userId: couponIssues.userId,
  couponId: couponIssues.id,
  sequenceNo: couponIssues.sequenceNo,
});

// All coupons of a batch have the same time of issue.
const newCoupon = {
  couponId: couponIssues.id,
  policyId: couponIssues.policyId,
  userId: couponIssues.userId,
  sequenceNo: couponIssues.sequenceNo,
  slot: couponIssues.slot,
  issuedAtMs: shared(millis(couponIssues.issuedAt)),
  expiresAtMs: millis(couponIssues.expiresAt),
  termsVersion: couponIssues.termsVersion,
};
export const NEW_COUPON = tableMapping(couponIssues, newCoupon);
/** With the code or the event that it is issued for. The batches of an opening have none. */
export const CLAIMING_COUPON = tableMapping(couponIssues, {
  ...newCoupon,
  code: optional(couponIssues.code),
  eventId: optional(couponIssues.eventId),
});

/** The new coupons of one policy, whose `id` and `terms_version` the row `policy` of the statement has. */
export const couponOfOnePolicy = (policy: string) =>
  tableMapping(couponIssues, {
    ...newCoupon,
    policyId: computed(couponIssues.policyId, () => `${policy}.id`),
    termsVersion: computed(couponIssues.termsVersion, () => `${policy}.terms_version`),
  });
