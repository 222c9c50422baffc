import { z } from 'zod';
import {
  COUPON_REFUSALS,
  type CouponQuote,
  type CouponQuotes,
  type CouponRefusalCode,
  DISCOUNT_TYPES,
  QUOTED_CODES_MAX,
  QUOTED_IDS_MAX,
} from '../../../contexts/coupon/api.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import { reasonJson } from '../../problems/problem.ts';
import { oneOf } from '../../server/one-of.ts';
import { BodyId, BodyUserId, IdText, InstantText, idOrNull, requiredInstant } from '../../server/schemas.ts';
import { TypedCode } from './coupon-code.schemas.ts';
import { DiscountType, discountJson } from './coupon-policy.schemas.ts';
import { amountOf, CartLines } from './coupon-use.schemas.ts';

export const QuoteBody = z
  .strictObject({
    userId: BodyUserId.optional(),
    lines: CartLines.meta({ description: 'What is in the cart, at its prices' }),
    couponIds: z
      .array(BodyId)
      .max(QUOTED_IDS_MAX)
      .optional()
      .meta({ description: 'Left out: all coupons that the user could reserve now. Empty: none, for codes alone' }),
    codes: z.array(TypedCode).max(QUOTED_CODES_MAX).optional().meta({ description: 'As the user typed them' }),
  })
  .transform((body, context) => {
    amountOf(body, context);
    return body;
  });

/** Why a coupon takes nothing off. */
const REASONS = [
  'COUPON_NOT_FOUND',
  'COUPON_CODE_NOT_FOUND',
  'COUPON_ALREADY_ISSUED',
  'COUPON_ISSUE_LIMIT_EXCEEDED',
  'COUPON_ALREADY_USED',
  'COUPON_EXPIRED',
  'COUPON_NOT_AVAILABLE',
  'COUPON_NOT_APPLICABLE',
  'POLICY_SUSPENDED',
  'MINIMUM_ORDER_NOT_MET',
  'RESERVATION_CONFLICT',
] as const satisfies readonly CouponRefusalCode[];

const QuoteView = z
  .strictObject({
    couponId: IdText.nullable().meta({ description: 'null for a code' }),
    couponCode: z.string().nullable().meta({ description: 'The code as it was sent; null for a coupon' }),
    couponName: z.string().nullable(),
    discountType: DiscountType.nullable(),
    discountValue: z.number().nullable(),
    minimumOrderAmount: z.int().nullable(),
    maxDiscountAmount: z.int().nullable(),
    storeId: IdText.nullable().meta({ description: 'The store whose lines it discounts; null = all lines' }),
    expiresAt: InstantText.nullable(),
    discountAmount: z.int().meta({ description: 'What it takes off the cart, smallest unit; 0 with a reason' }),
    isBest: z.boolean().meta({ description: 'Takes off the most; of equal ones it expires first' }),
    reason: z
      .strictObject({ code: z.enum(REASONS), title: z.string(), detail: z.string() })
      .meta({ id: 'QuoteReason' })
      .nullable()
      .meta({ description: 'Why it takes nothing off, in the language of Accept-Language; null when it does' }),
  })
  .meta({ id: 'CouponQuote' });
export const QuotesView = z
  .strictObject({
    quotes: z.array(QuoteView).meta({ description: 'The best first' }),
    hasMore: z
      .boolean()
      .meta({ description: 'The user has more coupons than were quoted: 500, those that expire first' }),
  })
  .meta({ id: 'CartQuote' });
export type QuotesJson = z.input<typeof QuotesView>;

export const QUOTE_BODY_EXAMPLE = {
  lines: [{ storeId: '7330011234567000', productId: '7330011234567892', amount: 32000 }],
  codes: ['7K3WQ-M9T2B-XR4Z'],
};
export const QUOTES_EXAMPLE: QuotesJson = {
  quotes: [
    {
      couponId: '7330011234567891',
      couponCode: null,
      couponName: 'Opening day, 3,000 won off',
      discountType: 'FIXED_AMOUNT',
      discountValue: 3000,
      minimumOrderAmount: 10000,
      maxDiscountAmount: null,
      storeId: null,
      expiresAt: '2035-01-31T15:00:00.000Z',
      discountAmount: 3000,
      isBest: true,
      reason: null,
    },
    {
      couponId: null,
      couponCode: '7K3WQ-M9T2B-XR4Z',
      couponName: null,
      discountType: null,
      discountValue: null,
      minimumOrderAmount: null,
      maxDiscountAmount: null,
      storeId: null,
      expiresAt: null,
      discountAmount: 0,
      isBest: false,
      reason: {
        code: 'COUPON_CODE_NOT_FOUND',
        title: COUPON_REFUSALS.COUPON_CODE_NOT_FOUND.en.title,
        detail: COUPON_REFUSALS.COUPON_CODE_NOT_FOUND.en.detail,
      },
    },
  ],
  hasMore: false,
};

export const quotesJson = ({ quotes, hasMore }: CouponQuotes, language: Language): QuotesJson => ({
  quotes: quotes.map((quote, index) => quoteJson(quote, index === 0, language)),
  hasMore,
});

function quoteJson({ couponId, code, terms, outcome }: CouponQuote, isFirst: boolean, language: Language) {
  if (outcome === undefined) throw new Error('the coupon context returned a quote without an outcome');
  const discountAmount = outcome.$case === 'discountAmount' ? Number(outcome.value) : 0;
  return {
    couponId: idOrNull(couponId),
    couponCode: code ?? null,
    couponName: terms?.name ?? null,
    discountType: terms === undefined ? null : oneOf(DISCOUNT_TYPES, terms.discountType),
    discountValue: terms === undefined ? null : discountJson(terms.discountType, terms.discountValue),
    minimumOrderAmount: terms === undefined ? null : Number(terms.minimumOrderAmount),
    maxDiscountAmount: terms?.maxDiscountAmount === undefined ? null : Number(terms.maxDiscountAmount),
    storeId: idOrNull(terms?.storeId),
    expiresAt: terms === undefined ? null : requiredInstant(terms.expiresAt),
    discountAmount,
    isBest: isFirst && discountAmount > 0,
    reason:
      outcome.$case === 'refusal'
        ? { ...reasonJson(COUPON_REFUSALS, outcome.value, language), code: oneOf(REASONS, outcome.value.code) }
        : null,
  };
}
