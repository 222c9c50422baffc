import { z } from 'zod';
import type { UserCoupon } from '../gen/stampede/coupon/v1/coupon.ts';
import { DISCOUNT_TYPES, discountJson } from './coupon-policy.schemas.ts';
import type { Language } from './problem.ts';
import { BodyId, IdText, InstantText } from './schemas.ts';

const TYPED_MAX = 200;

/** As somebody typed it. What could be no code at all is answered like one that does not exist. */
export const TypedCode = z
  .string()
  .min(1)
  .max(TYPED_MAX)
  .meta({ examples: ['7K3WQ-M9T2B-XR4Z'] });

export const DownloadBody = z.strictObject({ couponCode: TypedCode, userId: BodyId.optional() });

export const RedeemedAnswer = z.strictObject({
  couponId: IdText,
  couponName: z.string(),
  discountType: z.enum(DISCOUNT_TYPES),
  discountValue: z.number(),
  status: z.literal('ISSUED'),
  expiryDate: InstantText,
  issuedAt: InstantText,
});
type RedeemedJson = z.input<typeof RedeemedAnswer>;

export const REDEEMED_EXAMPLE: RedeemedJson = {
  couponId: '7330011234567891',
  couponName: 'Opening day, 3,000 won off',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  status: 'ISSUED',
  expiryDate: '2026-01-31T15:00:00.000Z',
  issuedAt: '2026-01-01T01:00:00.123Z',
};

export function redeemedJson({ coupon, name, discountType, discountValue }: UserCoupon): RedeemedJson {
  if (coupon === undefined) throw new Error('a redeemed code came without its coupon');
  return {
    couponId: String(coupon.id),
    couponName: name,
    discountType: discountType as RedeemedJson['discountType'],
    discountValue: discountJson(discountType, discountValue),
    status: 'ISSUED',
    expiryDate: coupon.expiresAt?.toISOString() ?? '',
    issuedAt: coupon.issuedAt?.toISOString() ?? '',
  };
}

export const ValidatedAnswer = z.strictObject({ couponCode: z.string(), valid: z.boolean(), message: z.string() });
export const VALIDATED_EXAMPLE = {
  couponCode: '7K3WQ-M9T2B-XR4Z',
  valid: true,
  message: 'A coupon can be had for this code.',
};

const MESSAGES: Readonly<Record<Language, readonly [no: string, yes: string]>> = {
  en: ['No coupon can be had for this code.', VALIDATED_EXAMPLE.message],
  ko: ['사용할 수 없는 코드입니다.', '쿠폰을 받을 수 있는 코드입니다.'],
};

export const validatedJson = (couponCode: string, valid: boolean, language: Language) => ({
  couponCode,
  valid,
  message: MESSAGES[language][valid ? 1 : 0],
});
