import { z } from 'zod';
import {
  COUNT_MAX,
  DISCOUNT_TYPES,
  DISTRIBUTION_TYPES,
  PER_USER_MAX,
  POLICY_STATUSES,
  type Policy,
  type PolicyTerms,
  REASON_MAX,
  VALID_DAYS_MAX,
} from '../../../contexts/coupon/api.ts';
import { shopTimeZone } from '../../../platform/kernel/shop.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  Amount,
  BodyId,
  IdText,
  Instant,
  InstantText,
  idOrNull,
  instantOrNull,
  PathId,
  plainText,
  requiredInstant,
  requiredText,
  VERSION_MAX,
} from '../../server/schemas.ts';

const NAME_MAX = 100;
const DESCRIPTION_MAX = 1_000;
const BASIS_POINTS_A_PERCENT = 100n;
/** Letters and digits of any script. How it is compared does not depend on separators and case. */
const CODE = /^[\p{L}\p{M}\p{Nd}][\p{L}\p{M}\p{Nd} _-]{2,49}$/u;
/** No offset: JavaScript accepts those, too, and PostgreSQL reads their sign the other way round. */
const TIMEZONE = /^[A-Za-z][\w+/-]*$/;
const PERCENT = /^(?:100|[1-9]?[0-9](?:\.[0-9]{1,2})?)$/;

/** Of the list of policies; a route of one policy adds `/:id`. */
export const POLICIES_PATHS = ['/api/v1/coupon-policies', '/api/coupon-policies'] as const;
export const OnePolicy = z.strictObject({ id: PathId });

export const DiscountType = z.enum(DISCOUNT_TYPES).meta({ id: 'DiscountType' });
export const DistributionType = z.enum(DISTRIBUTION_TYPES).meta({ id: 'DistributionType' });
export const PolicyStatus = z.enum(POLICY_STATUSES).meta({ id: 'CouponPolicyStatus' });

const CodeText = z
  .string()
  .normalize('NFC')
  .regex(CODE, 'must be 3 to 50 letters and digits, with spaces, _ and - between them');

/** The request body of an editor, parsed to the contract's PolicyTerms. */
const TermsFields = z.strictObject({
  name: requiredText(NAME_MAX),
  description: plainText(DESCRIPTION_MAX).default(''),
  code: CodeText.nullish().meta({
    description: 'Typed in any case and with any separators. The code of a policy that has ended may be taken again',
  }),
  discountType: DiscountType,
  discountValue: z.number().positive().max(Number.MAX_SAFE_INTEGER).meta({
    description: 'FIXED_AMOUNT: the amount, an integer. PERCENTAGE: above 0, at most 100, at most two decimals.',
  }),
  minimumOrderAmount: Amount.default(0n),
  maxDiscountAmount: Amount.nullish().meta({ description: 'PERCENTAGE only' }),
  distributionType: DistributionType,
  maxIssueCount: z.int().min(1).max(COUNT_MAX).nullish().meta({ description: 'null = unlimited' }),
  maxIssuePerUser: z.int().min(1).max(PER_USER_MAX).default(1),
  validDays: z
    .int()
    .min(1)
    .max(VALID_DAYS_MAX)
    .nullish()
    .meta({ description: 'exactly one of validDays and expireAt' }),
  expireAt: Instant.nullish(),
  validFrom: Instant,
  validUntil: Instant,
  storeId: BodyId.nullish().meta({ description: 'null = platform wide, for ADMIN only' }),
  timezone: z
    .string()
    .max(64)
    .regex(TIMEZONE, 'must be an IANA time zone')
    .refine(isTimezone, 'must be an IANA time zone')
    .default(shopTimeZone)
    .meta({ description: 'IANA; absent: that of the shop (STAMPEDE_TIME_ZONE)' }),
  triggerEventType: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,99}$/)
    .nullish()
    .meta({ description: 'EVENT only' }),
  restoreOnRefund: z.boolean().default(false),
});
type Terms = z.output<typeof TermsFields>;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Checks rules between fields. The context checks them again; the edge only responds sooner and names the field. */
function relations(terms: Terms, context: z.RefinementCtx): void {
  const refuse = (path: keyof Terms, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (terms.discountType === 'FIXED_AMOUNT') {
    if (!Number.isSafeInteger(terms.discountValue)) refuse('discountValue', 'must be an integer');
    if (terms.maxDiscountAmount != null) refuse('maxDiscountAmount', 'is for PERCENTAGE only');
  } else if (!PERCENT.test(String(terms.discountValue))) {
    refuse('discountValue', 'must be at most 100 with at most two decimals');
  }
  if ((terms.validDays == null) === (terms.expireAt == null))
    refuse('validDays', 'exactly one of validDays and expireAt');
  if (terms.validUntil <= terms.validFrom) refuse('validUntil', 'must be after validFrom');
  if (terms.expireAt != null && terms.expireAt <= terms.validFrom) refuse('expireAt', 'must be after validFrom');
  if (terms.triggerEventType != null && terms.distributionType !== 'EVENT')
    refuse('triggerEventType', 'is for EVENT only');
}

/** Fields of a policy that was read: it can be sent back as it is. */
const READ_ONLY = {
  termsVersion: z.int().optional().meta({ description: 'ignored' }),
  termsFloor: z.int().optional().meta({ description: 'ignored' }),
  suspended: z.boolean().optional().meta({ description: 'ignored' }),
  suspensionReason: z.string().nullish().meta({ description: 'ignored' }),
};

export const PolicyBody = TermsFields.extend(READ_ONLY).superRefine(relations);
export const PolicyUpdateBody = TermsFields.extend({
  ...READ_ONLY,
  version: z.int().min(0).max(VERSION_MAX),
  applyToIssued: z
    .boolean()
    .default(false)
    .meta({ description: 'Also changes discount, minimum, cap and store of coupons that are issued already' }),
}).superRefine(relations);
/** What a clone has of its own. */
export const CloneBody = z
  .strictObject({
    name: requiredText(NAME_MAX).optional(),
    code: CodeText.optional(),
    validFrom: Instant.optional(),
    validUntil: Instant.optional(),
    expireAt: Instant.optional().meta({ description: 'Only where the policy has one' }),
  })
  .optional();
export const QuantityBody = z.strictObject({
  newMaxIssueCount: z.int().min(1).max(COUNT_MAX),
  modifiedBy: requiredText(NAME_MAX).meta({ description: 'who made the change, for the record' }),
  reason: requiredText(DESCRIPTION_MAX),
});

export const ReasonBody = z.strictObject({ reason: requiredText(REASON_MAX) }).meta({ id: 'ReasonRequest' });

export function termsOf(terms: Terms): PolicyTerms {
  return {
    name: terms.name,
    description: terms.description,
    code: terms.code ?? undefined,
    discountType: terms.discountType,
    discountValue: discountOf(terms),
    minimumOrderAmount: terms.minimumOrderAmount,
    maxDiscountAmount: terms.maxDiscountAmount ?? undefined,
    distributionType: terms.distributionType,
    maxIssueCount: terms.maxIssueCount ?? undefined,
    maxIssuePerUser: terms.maxIssuePerUser,
    validDays: terms.validDays ?? undefined,
    expireAt: terms.expireAt ?? undefined,
    validFrom: terms.validFrom,
    validUntil: terms.validUntil,
    storeId: terms.storeId ?? undefined,
    timezone: terms.timezone,
    triggerEventType: terms.triggerEventType ?? undefined,
    restoreOnRefund: terms.restoreOnRefund,
  };
}

/** From the decimal text, not from the float: 0.29 * 100 is 28.999999999999996. */
function discountOf({ discountType, discountValue }: Pick<Terms, 'discountType' | 'discountValue'>): bigint {
  if (discountType === 'FIXED_AMOUNT') return BigInt(discountValue);
  const [whole = '0', decimals = ''] = String(discountValue).split('.');
  return BigInt(whole) * BASIS_POINTS_A_PERCENT + BigInt(decimals.padEnd(2, '0'));
}

/** FIXED_AMOUNT: the amount. PERCENTAGE: percent with at most two decimals. */
export const discountJson = (discountType: string, value: bigint): number =>
  discountType === 'PERCENTAGE' ? Number(value) / Number(BASIS_POINTS_A_PERCENT) : Number(value);

/** The public fields of a policy. */
const PublicPolicy = z.strictObject({
  couponPolicyId: IdText,
  name: z.string(),
  description: z.string(),
  discountType: DiscountType,
  discountValue: z.number(),
  minimumOrderAmount: z.int(),
  maxDiscountAmount: z.int().nullable(),
  distributionType: DistributionType,
  maxIssueCount: z.int().nullable(),
  currentIssueCount: z.int(),
  maxIssuePerUser: z.int(),
  validDays: z.int().nullable(),
  expireAt: InstantText.nullable(),
  validFrom: InstantText,
  validUntil: InstantText,
  storeId: IdText.nullable(),
  timezone: z.string(),
  status: PolicyStatus,
  suspended: z.boolean().meta({ description: 'Nothing of it can be issued, reserved or used, whatever its status' }),
});
/** The fields for editors, above all the code: a customer must know it, and must not be able to look it up. */
export const PolicyView = PublicPolicy.extend({
  code: z.string().nullable().optional(),
  triggerEventType: z.string().nullable().optional(),
  restoreOnRefund: z.boolean().optional(),
  version: z
    .int()
    .optional()
    .meta({ description: 'for PUT; this and the fields before it are shown to ADMIN and the OWNER of its store' }),
  suspensionReason: z.string().nullable().optional().meta({ description: 'null = not suspended' }),
  termsVersion: z.int().optional().meta({ description: 'of discount, minimum, cap and store; new coupons get it' }),
  termsFloor: z.int().optional().meta({ description: 'coupons with an earlier version of the terms have this one' }),
  createdAt: InstantText.optional(),
  updatedAt: InstantText.optional(),
}).meta({ id: 'CouponPolicy' });
export type PolicyJson = z.input<typeof PolicyView>;

const publicJson = (policy: Policy, terms: PolicyTerms) => ({
  couponPolicyId: String(policy.id),
  name: terms.name,
  description: terms.description,
  discountType: oneOf(DISCOUNT_TYPES, terms.discountType),
  discountValue: discountJson(terms.discountType, terms.discountValue),
  minimumOrderAmount: Number(terms.minimumOrderAmount),
  maxDiscountAmount: terms.maxDiscountAmount === undefined ? null : Number(terms.maxDiscountAmount),
  distributionType: oneOf(DISTRIBUTION_TYPES, terms.distributionType),
  maxIssueCount: terms.maxIssueCount ?? null,
  currentIssueCount: policy.currentIssueCount,
  maxIssuePerUser: terms.maxIssuePerUser,
  validDays: terms.validDays ?? null,
  expireAt: instantOrNull(terms.expireAt),
  validFrom: requiredInstant(terms.validFrom),
  validUntil: requiredInstant(terms.validUntil),
  storeId: idOrNull(terms.storeId),
  timezone: terms.timezone,
  status: oneOf(POLICY_STATUSES, policy.status),
  suspended: policy.suspensionReason !== undefined,
});

export function policyJson(policy: Policy, showsAll: boolean): PolicyJson {
  if (policy.terms === undefined) throw new Error(`policy ${policy.id} came without terms`);
  const shown = publicJson(policy, policy.terms);
  if (!showsAll) return shown;
  return {
    ...shown,
    code: policy.terms.code ?? null,
    triggerEventType: policy.terms.triggerEventType ?? null,
    restoreOnRefund: policy.terms.restoreOnRefund,
    version: policy.version,
    suspensionReason: policy.suspensionReason ?? null,
    termsVersion: policy.termsVersion,
    termsFloor: policy.termsFloor,
    createdAt: requiredInstant(policy.createdAt),
    updatedAt: requiredInstant(policy.updatedAt),
  };
}
