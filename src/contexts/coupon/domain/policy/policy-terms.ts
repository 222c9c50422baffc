import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { isBlank } from '../../../../platform/kernel/text.ts';
import { isZone } from '../../../../platform/kernel/time-zone.ts';
import { refuse } from '../../refusals.ts';
import { normalizeCode } from '../codes/code.ts';
import { DISCOUNT_TYPES, DISTRIBUTION_TYPES, type DiscountType, type DistributionType } from '../enumerations.ts';
import { COUNT_MAX, PER_USER_MAX, VALID_DAYS_MAX } from '../limits.ts';

/** The terms of a policy, as checked by `checkTerms`. */
export interface PolicyTerms {
  readonly name: string;
  readonly description: string;
  /** The shared code, as printed. */
  readonly code?: string | undefined;
  readonly discountType: DiscountType;
  /** Smallest unit, or basis points when it is a percentage. */
  readonly discountValue: bigint;
  readonly minimumOrderAmount: bigint;
  readonly maxDiscountAmount?: bigint | undefined;
  readonly distributionType: DistributionType;
  /** Undefined = unlimited. */
  readonly maxIssueCount?: number | undefined;
  readonly maxIssuePerUser: number;
  /** Exactly one of validDays and expireAt is defined. */
  readonly validDays?: number | undefined;
  readonly expireAt: Date | undefined;
  /** The issue window is [validFrom, validUntil). */
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly storeId?: bigint | undefined;
  readonly timezone: string;
  /** The topic that triggers issuing; for EVENT policies only. */
  readonly triggerEventType?: string | undefined;
  readonly restoreOnRefund: boolean;
}

/** Terms as a client sends them. */
export interface RequestedTerms
  extends Omit<PolicyTerms, 'discountType' | 'distributionType' | 'validFrom' | 'validUntil'> {
  readonly discountType: string;
  readonly distributionType: string;
  readonly validFrom?: Date | undefined;
  readonly validUntil?: Date | undefined;
}

/** Checks the rules of all fields and between them. The refusal's details have a message for each field that violates one. */
export function checkTerms(terms: RequestedTerms): PolicyTerms | Refusal {
  const { discountType, distributionType, validFrom, validUntil, expireAt, discountValue } = terms;
  const percentage = discountType === 'PERCENTAGE';
  const rules: readonly (readonly [field: string, holds: boolean, message: string])[] = [
    ['name', !isBlank(terms.name), 'must not be empty'],
    [
      'code',
      terms.code === undefined || normalizeCode(terms.code) !== undefined,
      'must be letters of one alphabet and digits, with -, _ and spaces between them',
    ],
    ['discountType', isDiscountType(discountType), `must be one of ${DISCOUNT_TYPES.join(', ')}`],
    ['distributionType', isDistributionType(distributionType), `must be one of ${DISTRIBUTION_TYPES.join(', ')}`],
    [
      'discountValue',
      discountValue > 0n && (!percentage || discountValue <= 10_000n),
      'must be above 0, a percentage at most 100',
    ],
    ['minimumOrderAmount', terms.minimumOrderAmount >= 0n, 'must not be negative'],
    ['maxDiscountAmount', terms.maxDiscountAmount === undefined || percentage, 'goes with PERCENTAGE only'],
    ['maxDiscountAmount', (terms.maxDiscountAmount ?? 1n) > 0n, 'must be above 0'],
    ['maxIssueCount', inCountRange(terms.maxIssueCount ?? 1), `must be 1 to ${COUNT_MAX}`],
    [
      'maxIssuePerUser',
      terms.maxIssuePerUser >= 1 && terms.maxIssuePerUser <= PER_USER_MAX,
      `must be 1 to ${PER_USER_MAX}`,
    ],
    [
      'validDays',
      (terms.validDays === undefined) !== (expireAt === undefined),
      'give validDays or expireAt, and not both',
    ],
    [
      'validDays',
      (terms.validDays ?? 1) >= 1 && (terms.validDays ?? 1) <= VALID_DAYS_MAX,
      `must be 1 to ${VALID_DAYS_MAX}`,
    ],
    ['validFrom', validFrom !== undefined, 'is required'],
    ['validUntil', validUntil !== undefined, 'is required'],
    ['validUntil', !validFrom || !validUntil || validUntil > validFrom, 'must be after validFrom'],
    ['expireAt', !expireAt || !validUntil || expireAt >= validUntil, 'must not be before validUntil'],
    ['timezone', isZone(terms.timezone), 'must be an IANA time zone such as Asia/Seoul'],
    [
      'triggerEventType',
      (terms.triggerEventType !== undefined) === (distributionType === 'EVENT'),
      'goes with EVENT, and only with it',
    ],
  ];
  const violated = rules.filter(([, holds]) => !holds);
  const isComplete =
    isDiscountType(discountType) &&
    isDistributionType(distributionType) &&
    validFrom !== undefined &&
    validUntil !== undefined;
  if (violated.length === 0 && isComplete) return { ...terms, discountType, distributionType, validFrom, validUntil };
  return refuse('VALIDATION_FAILED', Object.fromEntries(violated.map(([field, , message]) => [field, message])));
}

const isDiscountType = (value: string): value is DiscountType => DISCOUNT_TYPES.some((each) => each === value);

export const isDistributionType = (value: string): value is DistributionType =>
  DISTRIBUTION_TYPES.some((each) => each === value);

export const inCountRange = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= COUNT_MAX;
