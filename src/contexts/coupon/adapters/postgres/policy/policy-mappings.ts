import { computed, group, optional, shared } from '../../../../../platform/postgres/mapped-fields.ts';
import { tableMapping } from '../../../../../platform/postgres/table-mapping.ts';
import type { PolicyTerms } from '../../../domain/policy/policy-terms.ts';
import { couponPolicies, couponPolicyChanges } from '../schema.ts';

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
  version: couponPolicies.version,
  createdAt: couponPolicies.createdAt,
  updatedAt: couponPolicies.updatedAt,
  createdBy: couponPolicies.createdBy,
};
/** The columns that a manual change may set. */
export const POLICY_EDIT = tableMapping(couponPolicies, policy);
export const POLICY = tableMapping(couponPolicies, { ...policy, currentIssueCount: couponPolicies.currentIssueCount });

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

/** The record of a transition that the clock made. */
export const WINDOW_CHANGE = tableMapping(couponPolicyChanges, {
  id: couponPolicyChanges.id,
  policyId: couponPolicyChanges.policyId,
  kind: computed(couponPolicyChanges.kind, () => "'STATUS'"),
  changedBy: computed(couponPolicyChanges.changedBy, () => "'clock'"),
  reason: couponPolicyChanges.reason,
  version: couponPolicyChanges.version,
  maxIssueCount: couponPolicyChanges.maxIssueCount,
  status: couponPolicyChanges.status,
  changedAt: shared(couponPolicyChanges.changedAt),
});
