import { type Refusal, refuse } from '../../../../platform/kernel/refusal.ts';
import { zoneOffset } from '../../../../platform/kernel/time-zone.ts';
import type { CouponRefusalCode, Policy, PolicyTerms } from '../../api.ts';
import { normalizeCode } from '../codes/code.ts';

export const COUNT_MAX = 2_000_000_000;
const DISCOUNT_TYPES = ['FIXED_AMOUNT', 'PERCENTAGE'];
const DISTRIBUTION_TYPES = ['CODE', 'DOWNLOAD', 'FIRST_COME', 'EVENT', 'DIRECT'];

const refusal = (code: CouponRefusalCode, details: Readonly<Record<string, string>> = {}): Refusal =>
  refuse(code, details);

/**
 * Checks the rules of all fields and between them. The refusal's details have a message for each field that violates
 * one.
 */
export function checkTerms(terms: PolicyTerms): Refusal | undefined {
  const { validFrom, validUntil, expireAt, discountValue } = terms;
  const percentage = terms.discountType === 'PERCENTAGE';
  const rules: readonly (readonly [field: string, holds: boolean, message: string])[] = [
    ['name', terms.name.trim().length > 0, 'must not be empty'],
    [
      'code',
      terms.code === undefined || normalizeCode(terms.code) !== undefined,
      'must be letters and digits, with -, _ and spaces between them',
    ],
    ['discountType', DISCOUNT_TYPES.includes(terms.discountType), `must be one of ${DISCOUNT_TYPES.join(', ')}`],
    [
      'distributionType',
      DISTRIBUTION_TYPES.includes(terms.distributionType),
      `must be one of ${DISTRIBUTION_TYPES.join(', ')}`,
    ],
    [
      'discountValue',
      discountValue > 0n && (!percentage || discountValue <= 10_000n),
      'must be above 0, a percentage at most 100',
    ],
    ['minimumOrderAmount', terms.minimumOrderAmount >= 0n, 'must not be negative'],
    ['maxDiscountAmount', terms.maxDiscountAmount === undefined || percentage, 'goes with PERCENTAGE only'],
    ['maxDiscountAmount', (terms.maxDiscountAmount ?? 1n) > 0n, 'must be above 0'],
    ['maxIssueCount', inCountRange(terms.maxIssueCount ?? 1), `must be 1 to ${COUNT_MAX}`],
    ['maxIssuePerUser', terms.maxIssuePerUser >= 1 && terms.maxIssuePerUser <= 1_000, 'must be 1 to 1000'],
    [
      'validDays',
      (terms.validDays === undefined) !== (expireAt === undefined),
      'give validDays or expireAt, and not both',
    ],
    ['validDays', (terms.validDays ?? 1) >= 1 && (terms.validDays ?? 1) <= 3_650, 'must be 1 to 3650'],
    ['validFrom', validFrom !== undefined, 'is required'],
    ['validUntil', validUntil !== undefined, 'is required'],
    ['validUntil', !validFrom || !validUntil || validUntil > validFrom, 'must be after validFrom'],
    ['expireAt', !expireAt || !validUntil || expireAt >= validUntil, 'must not be before validUntil'],
    ['timezone', isZone(terms.timezone), 'must be an IANA time zone such as Asia/Seoul'],
    [
      'triggerEventType',
      (terms.triggerEventType !== undefined) === (terms.distributionType === 'EVENT'),
      'goes with EVENT, and only with it',
    ],
  ];
  const violated = rules.filter(([, holds]) => !holds);
  return violated.length === 0
    ? undefined
    : refusal('VALIDATION_FAILED', Object.fromEntries(violated.map(([field, , message]) => [field, message])));
}

const inCountRange = (count: number) => Number.isInteger(count) && count >= 1 && count <= COUNT_MAX;

function isZone(name: string): boolean {
  try {
    zoneOffset(name, 0);
    return true;
  } catch {
    return false;
  }
}

/** ADMIN may manage every policy, OWNER those that they created. */
export function mayManage(principal: { readonly userId: bigint; readonly role: string }, policy: Policy): boolean {
  return principal.role === 'ADMIN' || (principal.role === 'OWNER' && policy.createdBy === principal.userId);
}

/** Returns the policy with new terms, or the refusal. */
export function changeTerms(policy: Policy, version: number, terms: PolicyTerms): Policy | Refusal {
  if (policy.version !== version) return refusal('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(policy.version) });
  if (policy.status === 'ENDED') return refusal('POLICY_ENDED');
  const violated = checkTerms(terms);
  if (violated) return violated;
  if (terms.maxIssueCount !== undefined && terms.maxIssueCount < policy.currentIssueCount)
    return belowIssuedCount(policy);
  if (terms.distributionType !== policy.terms?.distributionType && policy.currentIssueCount > 0) {
    return refusal('VALIDATION_FAILED', { distributionType: 'cannot change once coupons are issued' });
  }
  // Statistics of issued coupons use the calendar days of this zone.
  if (terms.timezone !== policy.terms?.timezone && policy.currentIssueCount > 0) {
    return refusal('VALIDATION_FAILED', { timezone: 'cannot change once coupons are issued' });
  }
  return withStock({ ...policy, terms, version: policy.version + 1 });
}

/** Sets the limit of coupons. */
export function changeQuantity(policy: Policy, newMaxIssueCount: number): Policy | Refusal {
  if (!policy.terms) throw new Error(`policy ${policy.id} has no terms`);
  if (policy.status === 'ENDED') return refusal('POLICY_ENDED');
  if (!inCountRange(newMaxIssueCount))
    return refusal('VALIDATION_FAILED', { newMaxIssueCount: `must be 1 to ${COUNT_MAX}` });
  if (newMaxIssueCount < policy.currentIssueCount) return belowIssuedCount(policy);
  return withStock({
    ...policy,
    terms: { ...policy.terms, maxIssueCount: newMaxIssueCount },
    version: policy.version + 1,
  });
}

const belowIssuedCount = (policy: Policy): Refusal =>
  refusal('CONCURRENT_MODIFICATION', { currentIssuedCount: String(policy.currentIssueCount) });

/** Sets ACTIVE or EXHAUSTED according to the remaining stock. */
function withStock(policy: Policy): Policy {
  if (policy.status !== 'ACTIVE' && policy.status !== 'EXHAUSTED') return policy;
  return { ...policy, status: isExhausted(policy) ? 'EXHAUSTED' : 'ACTIVE' };
}

const isExhausted = (policy: Policy): boolean => {
  const max = policy.terms?.maxIssueCount;
  return max !== undefined && policy.currentIssueCount >= max;
};

/** The allowed source states of each manual transition. Repeating a transition returns the policy unchanged. */
const STEPS: Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>> = {
  ACTIVATE: { from: ['PENDING', 'PAUSED'], to: 'ACTIVE' },
  PAUSE: { from: ['ACTIVE', 'EXHAUSTED'], to: 'PAUSED' },
  END: { from: ['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED'], to: 'ENDED' },
};

export function changeStatus(policy: Policy, transition: string, nowMs: number): Policy | Refusal {
  const step = Object.hasOwn(STEPS, transition) ? STEPS[transition] : undefined;
  if (!step) return refusal('VALIDATION_FAILED', { transition: `must be one of ${Object.keys(STEPS).join(', ')}` });
  if (policy.status === step.to || (step.to === 'ACTIVE' && policy.status === 'EXHAUSTED')) return policy;
  const status = policyStatusAt(policy, nowMs);
  if (status === 'ENDED' && step.to !== 'ENDED') return refusal('POLICY_ENDED');
  if (status !== 'ENDED' && !step.from.includes(status)) return refusal('POLICY_INACTIVE');
  return withStock({ ...policy, status: step.to, version: policy.version + 1 });
}

interface PolicyWindow {
  readonly status: string;
  readonly terms?: Pick<PolicyTerms, 'validFrom' | 'validUntil'> | undefined;
}

/**
 * The status at `nowMs`, independent of the scheduled task that stores it: PENDING is ACTIVE from validFrom on, and
 * every status is ENDED from validUntil on.
 */
export function policyStatusAt({ status, terms }: PolicyWindow, nowMs: number): string {
  if ((terms?.validUntil?.getTime() ?? Infinity) <= nowMs) return 'ENDED';
  return status === 'PENDING' && (terms?.validFrom?.getTime() ?? Infinity) <= nowMs ? 'ACTIVE' : status;
}

/** The policy with its status at `nowMs`. Responses show it, and changes start from it. */
export function policyAt(policy: Policy, nowMs: number): Policy {
  const status = policyStatusAt(policy, nowMs);
  return status === policy.status ? policy : { ...policy, status };
}

/** Returns true within the window, unless the policy is paused or ended. */
export function isOpen(policy: Policy, nowMs: number): boolean {
  const hasBegun = (policy.terms?.validFrom?.getTime() ?? Infinity) <= nowMs;
  const status = policyStatusAt(policy, nowMs);
  return hasBegun && status !== 'PAUSED' && status !== 'ENDED';
}
