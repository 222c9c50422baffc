import type { PgColumn } from 'drizzle-orm/pg-core';
import { computed, converted, group, optional, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { PolicyTerms } from '../../../domain/policy/policy-terms.ts';
import { couponPolicies, couponPolicyChanges, couponPolicyTerms } from '../schema.ts';

/** A column whose presence is all that is read of it. */
export const isPresent = <Column extends PgColumn>(column: Column) =>
  converted(
    column,
    (data) => data !== null,
    () => {
      throw new Error(`${column.name} is only read`);
    },
  );

const policy = {
  id: couponPolicies.id,
  terms: group(
    {
      name: couponPolicies.name,
      description: couponPolicies.description,
      code: optional(couponPolicies.code),
      discountType: couponPolicies.discountType,
      discountValue: couponPolicies.discountValue,
      minimumOrderAmount: couponPolicies.minimumOrderAmount,
      maxDiscountAmount: optional(couponPolicies.maxDiscountAmount),
      distributionType: couponPolicies.distributionType,
      maxIssueCount: optional(couponPolicies.maxIssueCount),
      maxIssuePerUser: couponPolicies.maxIssuePerUser,
      validDays: optional(couponPolicies.validDays),
      expireAt: optional(couponPolicies.expireAt),
      validFrom: couponPolicies.validFrom,
      validUntil: couponPolicies.validUntil,
      storeId: optional(couponPolicies.storeId),
      timezone: couponPolicies.timezone,
      triggerEventType: optional(couponPolicies.triggerEventType),
      restoreOnRefund: couponPolicies.restoreOnRefund,
    },
    (terms): PolicyTerms => terms,
    // Absent is undefined.
    (terms) => terms as Required<PolicyTerms>,
  ),
  status: couponPolicies.status,
  termsVersion: couponPolicies.termsVersion,
  termsFloor: couponPolicies.termsFloor,
  suspensionReason: optional(couponPolicies.suspensionReason),
  version: couponPolicies.version,
  createdAt: couponPolicies.createdAt,
  updatedAt: couponPolicies.updatedAt,
  createdBy: couponPolicies.createdBy,
  storeVersion: optional(couponPolicies.storeVersion),
};
/** The columns that a manual change may set. */
export const POLICY_EDIT = tableMapping(couponPolicies, policy);
export const POLICY = tableMapping(couponPolicies, { ...policy, currentIssueCount: couponPolicies.currentIssueCount });

/** One version of the terms that coupons keep. */
export const KEPT_TERMS = tableMapping(couponPolicyTerms, {
  policyId: couponPolicyTerms.policyId,
  version: couponPolicyTerms.version,
  discountType: couponPolicyTerms.discountType,
  discountValue: couponPolicyTerms.discountValue,
  minimumOrderAmount: couponPolicyTerms.minimumOrderAmount,
  maxDiscountAmount: optional(couponPolicyTerms.maxDiscountAmount),
  eligibleStoreId: optional(couponPolicyTerms.eligibleStoreId),
  createdAt: couponPolicyTerms.createdAt,
});

/** A policy whose window opens or ends. */
export const DUE_POLICY = tableMapping(couponPolicies, {
  id: couponPolicies.id,
  name: couponPolicies.name,
  storeId: couponPolicies.storeId,
  status: couponPolicies.status,
  validFrom: couponPolicies.validFrom,
  validUntil: couponPolicies.validUntil,
  version: couponPolicies.version,
  maxIssueCount: couponPolicies.maxIssueCount,
});

const change = {
  id: couponPolicyChanges.id,
  policyId: couponPolicyChanges.policyId,
  kind: couponPolicyChanges.kind,
  changedBy: couponPolicyChanges.changedBy,
  reason: couponPolicyChanges.reason,
  version: couponPolicyChanges.version,
  maxIssueCount: couponPolicyChanges.maxIssueCount,
  status: couponPolicyChanges.status,
  changedAt: couponPolicyChanges.changedAt,
};
/** The record of a manual change. */
export const POLICY_CHANGE = tableMapping(couponPolicyChanges, change);

/** The record of a transition of many policies for one cause. */
export const TRANSITION = tableMapping(couponPolicyChanges, {
  ...change,
  kind: computed(change.kind, () => "'STATUS'"),
  changedBy: shared(change.changedBy),
  changedAt: shared(change.changedAt),
});

/** The record of a manual action that does not change the policy, beside the policy as it is. */
export const POLICY_ACTION = tableMapping(couponPolicyChanges, {
  id: shared(change.id),
  policyId: computed(change.policyId, (policy) => `${policy}id`),
  kind: shared(change.kind),
  changedBy: shared(change.changedBy),
  reason: shared(change.reason),
  version: computed(change.version, (policy) => `${policy}version`),
  maxIssueCount: computed(change.maxIssueCount, (policy) => `${policy}max_issue_count`),
  status: computed(change.status, (policy) => `${policy}status`),
  changedAt: shared(change.changedAt),
});
