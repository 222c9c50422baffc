import { encodeQR } from 'qr';
import { z } from 'zod';
import { type CounterUse, DISCOUNT_TYPES } from '../../../contexts/coupon/api.ts';
import { oneOf } from '../../server/one-of.ts';
import { IdText, InstantText, requiredInstant } from '../../server/schemas.ts';
import { TypedCode } from './coupon-code.schemas.ts';
import { DiscountType, discountJson } from './coupon-policy.schemas.ts';
import { OrderAmount } from './coupon-use.schemas.ts';

export const RedemptionCodeView = z
  .strictObject({
    code: z.string().meta({ description: 'For people: 13 symbols and a check symbol, in groups' }),
    qrSvg: z
      .string()
      .meta({ description: 'The same code without dashes as a QR code: an SVG image of 29 × 29 modules' }),
  })
  .meta({ id: 'RedemptionCode' });
export const REDEMPTION_CODE_EXAMPLE: z.input<typeof RedemptionCodeView> = {
  code: 'W556W-3DR24-8138',
  qrSvg: '<svg viewBox="0 0 29 29" xmlns="http://www.w3.org/2000/svg">…</svg>',
};

/** Of a side: the 21 modules of the smallest QR code, and the margin of 4 that scanners need on each side. */
const [MODULES, MARGIN] = [29, 4];
const BACKGROUND = `<path fill="#fff" d="M0 0h${MODULES}v${MODULES}H0Z"/>`;

/** The quarter of the code that may be damaged or dirty costs no larger code. */
export function redemptionCodeJson(code: string): z.input<typeof RedemptionCodeView> {
  const drawn = encodeQR(code.replaceAll('-', ''), 'svg', { ecc: 'quartile', border: MARGIN });
  // The library draws the dark modules only, which nothing could read on a dark page.
  return { code, qrSvg: drawn.replace('<path', `${BACKGROUND}<path`) };
}

export const CounterBody = z.strictObject({
  redemptionCode: TypedCode.meta({ examples: [REDEMPTION_CODE_EXAMPLE.code] }),
  orderAmount: OrderAmount.optional().meta({
    description: 'Of goods of this store. Without it only a fixed discount can be used whose policy has no minimum',
    examples: [32000],
  }),
});

export const CounterUseView = z
  .strictObject({
    couponId: IdText,
    couponPolicyId: IdText,
    couponName: z.string(),
    storeId: IdText.nullable(),
    discountType: DiscountType,
    discountValue: z.number(),
    maxDiscountAmount: z.int().nullable(),
    discountAmount: z.int(),
    usedAt: InstantText,
  })
  .meta({ id: 'RedeemedCoupon' });
export const COUNTER_USE_EXAMPLE: z.input<typeof CounterUseView> = {
  couponId: '7330011234567891',
  couponPolicyId: '7330011234567890',
  couponName: 'Opening day, 3,000 won off',
  storeId: '7330011234567000',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  maxDiscountAmount: null,
  discountAmount: 3000,
  usedAt: '2035-01-02T01:00:00.123Z',
};

/** Who the coupon belongs to is left out: the staff of a store need not know. */
export function counterUseJson({ coupon: shown, storeId, discountAmount }: CounterUse): z.input<typeof CounterUseView> {
  const coupon = shown?.coupon;
  if (shown === undefined || coupon === undefined) throw new Error('a use at the counter came without its coupon');
  const { name, discountType, discountValue, maxDiscountAmount } = shown;
  return {
    couponId: String(coupon.id),
    couponPolicyId: String(coupon.policyId),
    couponName: name,
    storeId: storeId === undefined ? null : String(storeId),
    discountType: oneOf(DISCOUNT_TYPES, discountType),
    discountValue: discountJson(discountType, discountValue),
    maxDiscountAmount: maxDiscountAmount === undefined ? null : Number(maxDiscountAmount),
    discountAmount: Number(discountAmount),
    usedAt: requiredInstant(coupon.usedAt),
  };
}
