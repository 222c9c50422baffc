import { DAY_MS, HOUR_MS } from '../../../platform/kernel/durations.ts';
import type { IssuablePolicy, IssueCommand } from '../domain/issue/issue.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { PolicyTerms } from '../domain/policy/policy-terms.ts';

/** The current time of the tests: noon in Seoul. */
export const NOW_MS = Date.UTC(2026, 2, 1, 3);

export const terms = (changed: Partial<PolicyTerms> = {}): PolicyTerms => ({
  name: 'Opening day',
  description: '',
  discountType: 'FIXED_AMOUNT',
  discountValue: 1_000n,
  minimumOrderAmount: 0n,
  distributionType: 'FIRST_COME',
  maxIssueCount: 10,
  maxIssuePerUser: 1,
  validDays: 7,
  expireAt: undefined,
  validFrom: new Date(NOW_MS - HOUR_MS),
  validUntil: new Date(NOW_MS + HOUR_MS),
  timezone: 'Asia/Seoul',
  restoreOnRefund: false,
  ...changed,
});

/** An open policy, unless changed. */
export const policy = (id: bigint, changed: Partial<Policy> = {}): Policy => ({
  id,
  terms: terms(),
  status: 'ACTIVE',
  currentIssueCount: 0,
  termsVersion: 1,
  termsFloor: 1,
  suspensionReason: undefined,
  version: 1,
  createdAt: new Date(NOW_MS - DAY_MS),
  updatedAt: new Date(NOW_MS - DAY_MS),
  createdBy: 1n,
  storeVersion: undefined,
  ...changed,
});

export const issuable = (changed: Partial<IssuablePolicy> = {}): IssuablePolicy => ({
  id: 1n,
  name: 'Opening day',
  storeId: null,
  code: null,
  status: 'ACTIVE',
  distributionType: 'FIRST_COME',
  discountType: 'FIXED_AMOUNT',
  discountValue: 1_000n,
  maxIssueCount: 10,
  maxIssuePerUser: 1,
  validDays: 7,
  expireAtMs: null,
  validFromMs: NOW_MS - HOUR_MS,
  validUntilMs: NOW_MS + HOUR_MS,
  timezone: 'Asia/Seoul',
  issuedCount: 0,
  lastSequenceNo: 0,
  refusalEpoch: 0,
  termsVersion: 1,
  isSuspended: false,
  ...changed,
});

/** A command of a customer, unless changed. */
export const ask = (policyId: bigint, userId: bigint, changed: Partial<IssueCommand> = {}): IssueCommand => ({
  policyId,
  userId,
  issueMethod: 'CUSTOMER',
  ...changed,
});
