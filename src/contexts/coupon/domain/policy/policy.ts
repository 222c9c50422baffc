import { isOperator } from '../../../../platform/kernel/operator.ts';
import { isRefusal, type Refusal } from '../../../../platform/kernel/refusal.ts';
import { type Manager, managesStore } from '../../../store/api.ts';
import { refuse } from '../../refusals.ts';
import { POLICY_STATUSES, type PolicyStatus } from '../enumerations.ts';
import { COUNT_MAX } from '../limits.ts';
import { checkTerms, inCountRange, type PolicyTerms, type RequestedTerms } from './policy-terms.ts';

export const isPolicyStatus = (value: string): value is PolicyStatus => POLICY_STATUSES.some((each) => each === value);

export interface Policy {
  readonly id: bigint;
  readonly terms: PolicyTerms;
  readonly status: PolicyStatus;
  readonly currentIssueCount: number;
  /** The version of the terms that coupons keep (`KEPT_TERMS`). A new coupon gets it. */
  readonly termsVersion: number;
  /** Coupons that were issued with an earlier version have the terms of this one. */
  readonly termsFloor: number;
  /** Why it is suspended: nothing of it can be issued, reserved or used. Beside the status, also of an ENDED policy. */
  readonly suspensionReason: string | undefined;
  /** Increased by every manual change; issuing does not change it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdBy: bigint;
  /** The version that its store had when it was found OPEN for this policy. A closing ends the policies of earlier versions. */
  readonly storeVersion: number | undefined;
}

/** A policy that has issued nothing. */
export const newPolicy = (
  stated: Pick<Policy, 'id' | 'terms' | 'status' | 'createdBy' | 'storeVersion'>,
  nowMs: number,
): Policy => ({
  id: stated.id,
  terms: stated.terms,
  status: stated.status,
  currentIssueCount: 0,
  termsVersion: 1,
  termsFloor: 1,
  suspensionReason: undefined,
  version: 1,
  createdAt: new Date(nowMs),
  updatedAt: new Date(nowMs),
  createdBy: stated.createdBy,
  storeVersion: stated.storeVersion,
});

/**
 * ADMIN and SERVICE may manage every policy, an OWNER those of their stores. EVENT policies are for operators: an event reaches the
 * customers of the whole platform.
 */
export const mayManage = (
  manager: Manager | undefined,
  { storeId, distributionType }: { readonly storeId?: bigint | undefined; readonly distributionType: string },
): boolean => managesStore(manager, storeId) && (distributionType !== 'EVENT' || isOperator(manager?.role));

/**
 * Returns the policy with new terms, or the refusal. Issued coupons keep the terms that they were issued with, unless
 * `applyToIssued`.
 * @param version the version of the policy that the caller has read
 */
export function changeTerms(
  policy: Policy,
  version: number,
  requested: RequestedTerms,
  applyToIssued = false,
): Policy | Refusal {
  if (policy.version !== version) return refuse('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(policy.version) });
  if (policy.status === 'ENDED') return refuse('POLICY_ENDED');
  const terms = checkTerms(requested);
  if (isRefusal(terms)) return terms;
  if (terms.maxIssueCount !== undefined && terms.maxIssueCount < policy.currentIssueCount)
    return belowIssuedCount(policy);
  if (terms.distributionType !== policy.terms.distributionType && policy.currentIssueCount > 0) {
    return refuse('VALIDATION_FAILED', { distributionType: 'cannot change once coupons are issued' });
  }
  if (terms.storeId !== policy.terms.storeId && policy.currentIssueCount > 0) {
    return refuse('VALIDATION_FAILED', { storeId: 'cannot change once coupons are issued' });
  }
  // Statistics of issued coupons use the calendar days of this zone.
  if (terms.timezone !== policy.terms.timezone && policy.currentIssueCount > 0) {
    return refuse('VALIDATION_FAILED', { timezone: 'cannot change once coupons are issued' });
  }
  const termsVersion = policy.termsVersion + (keepsSame(policy.terms, terms) ? 0 : 1);
  const termsFloor = applyToIssued ? termsVersion : policy.termsFloor;
  return withStockStatus({ ...policy, terms, termsVersion, termsFloor, version: policy.version + 1 });
}

/** The terms that a coupon keeps from its issue on. A change of one of them makes a new version. */
export const KEPT_TERMS = [
  'discountType',
  'discountValue',
  'minimumOrderAmount',
  'maxDiscountAmount',
  'storeId',
] as const satisfies readonly (keyof PolicyTerms)[];

const keepsSame = (before: PolicyTerms, after: PolicyTerms): boolean =>
  KEPT_TERMS.every((name) => before[name] === after[name]);

/** The version of the terms of a coupon that was issued with `issuedVersion`. */
export const effectiveVersion = ({ termsFloor }: Pick<Policy, 'termsFloor'>, issuedVersion: number): number =>
  Math.max(termsFloor, issuedVersion);

/** Sets the limit of coupons. */
export function changeQuantity(policy: Policy, newMaxIssueCount: number): Policy | Refusal {
  if (policy.status === 'ENDED') return refuse('POLICY_ENDED');
  if (!inCountRange(newMaxIssueCount))
    return refuse('VALIDATION_FAILED', { newMaxIssueCount: `must be 1 to ${COUNT_MAX}` });
  if (newMaxIssueCount < policy.currentIssueCount) return belowIssuedCount(policy);
  return withStockStatus({
    ...policy,
    terms: { ...policy.terms, maxIssueCount: newMaxIssueCount },
    version: policy.version + 1,
  });
}

const belowIssuedCount = (policy: Policy): Refusal =>
  refuse('CONCURRENT_MODIFICATION', { currentIssuedCount: String(policy.currentIssueCount) });

/** Sets ACTIVE or EXHAUSTED according to the remaining stock. */
function withStockStatus(policy: Policy): Policy {
  if (policy.status !== 'ACTIVE' && policy.status !== 'EXHAUSTED') return policy;
  return { ...policy, status: isExhausted(policy) ? 'EXHAUSTED' : 'ACTIVE' };
}

const isExhausted = (policy: Policy): boolean => {
  const max = policy.terms.maxIssueCount;
  return max !== undefined && policy.currentIssueCount >= max;
};

/** The allowed source states of each manual transition. Repeating a transition returns the policy unchanged. */
const TRANSITIONS: Readonly<Record<string, { readonly from: readonly PolicyStatus[]; readonly to: PolicyStatus }>> = {
  ACTIVATE: { from: ['PENDING', 'PAUSED'], to: 'ACTIVE' },
  PAUSE: { from: ['ACTIVE', 'EXHAUSTED'], to: 'PAUSED' },
  END: { from: ['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED'], to: 'ENDED' },
};

export function changeStatus(policy: Policy, transition: string, nowMs: number): Policy | Refusal {
  const step = Object.hasOwn(TRANSITIONS, transition) ? TRANSITIONS[transition] : undefined;
  if (!step)
    return refuse('VALIDATION_FAILED', { transition: `must be one of ${Object.keys(TRANSITIONS).join(', ')}` });
  if (policy.status === step.to || (step.to === 'ACTIVE' && policy.status === 'EXHAUSTED')) return policy;
  const status = policyStatusAt(policy, nowMs);
  if (status === 'ENDED' && step.to !== 'ENDED') return refuse('POLICY_ENDED');
  if (status !== 'ENDED' && !step.from.includes(status)) return refuse('POLICY_INACTIVE');
  return withStockStatus({ ...policy, status: step.to, version: policy.version + 1 });
}

/** Suspends the policy for a reason, or lifts the suspension. Returns the same policy when nothing changes. */
export function changeSuspension(policy: Policy, reason: string | undefined): Policy | Refusal {
  if (reason?.trim() === '') return refuse('VALIDATION_FAILED', { reason: 'is required' });
  const isSame = (policy.suspensionReason === undefined) === (reason === undefined);
  return isSame ? policy : { ...policy, suspensionReason: reason, version: policy.version + 1 };
}

interface PolicyWindow {
  readonly status: PolicyStatus;
  readonly terms: Pick<PolicyTerms, 'validFrom' | 'validUntil'>;
}

/**
 * The status at `nowMs`, independent of the scheduled task that stores it: PENDING is ACTIVE from validFrom on, and
 * every status is ENDED from validUntil on.
 */
export function policyStatusAt({ status, terms }: PolicyWindow, nowMs: number): PolicyStatus {
  if (terms.validUntil.getTime() <= nowMs) return 'ENDED';
  return status === 'PENDING' && terms.validFrom.getTime() <= nowMs ? 'ACTIVE' : status;
}

/** The policy with its status at `nowMs`. Responses show it, and changes start from it. */
export function policyAt(policy: Policy, nowMs: number): Policy {
  const status = policyStatusAt(policy, nowMs);
  return status === policy.status ? policy : { ...policy, status };
}

/** Returns true within the window, unless the policy is paused, suspended or ended. */
export function isOpen(policy: Policy, nowMs: number): boolean {
  const hasBegun = policy.terms.validFrom.getTime() <= nowMs;
  const status = policyStatusAt(policy, nowMs);
  return hasBegun && policy.suspensionReason === undefined && status !== 'PAUSED' && status !== 'ENDED';
}
