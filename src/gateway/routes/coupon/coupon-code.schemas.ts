import { z } from 'zod';
import {
  CODE_CHARSET,
  CODE_PATTERN,
  CODE_PATTERN_MAX,
  CODE_PREFIX,
  CODE_PREFIX_MAX,
  type Code,
  type CodeList,
  DISCOUNT_TYPES,
  type UserCoupon,
} from '../../../contexts/coupon/api.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import type { ExternalUsers } from '../../auth/external-users.ts';
import { externalIdsOf } from '../../auth/file-users.ts';
import { oneOf } from '../../server/one-of.ts';
import { BodyUserId, IdText, InstantText, requiredInstant } from '../../server/schemas.ts';
import { csvLine } from '../../uploads/csv.ts';
import { DiscountType, discountJson } from './coupon-policy.schemas.ts';

const TYPED_MAX = 200;

/** As the user typed it. Text that cannot be a code gets the same response as a code that does not exist. */
export const TypedCode = z
  .string()
  .min(1)
  .max(TYPED_MAX)
  .meta({ examples: ['7K3WQ-M9T2B-XR4Z'] });

export const DownloadBody = z.strictObject({ couponCode: TypedCode, userId: BodyUserId.optional() });

export const RedeemedView = z
  .strictObject({
    couponId: IdText,
    couponName: z.string(),
    discountType: DiscountType,
    discountValue: z.number(),
    status: z.literal('ISSUED'),
    expiryDate: InstantText,
    issuedAt: InstantText,
  })
  .meta({ id: 'DownloadedCoupon' });
type RedeemedJson = z.input<typeof RedeemedView>;

export const REDEEMED_EXAMPLE: RedeemedJson = {
  couponId: '7330011234567891',
  couponName: 'Opening day, 3,000 won off',
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  status: 'ISSUED',
  expiryDate: '2035-01-31T15:00:00.000Z',
  issuedAt: '2035-01-01T01:00:00.123Z',
};

export function redeemedJson({ coupon, name, discountType, discountValue }: UserCoupon): RedeemedJson {
  if (coupon === undefined) throw new Error('a redeemed code came without its coupon');
  return {
    couponId: String(coupon.id),
    couponName: name,
    discountType: oneOf(DISCOUNT_TYPES, discountType),
    discountValue: discountJson(discountType, discountValue),
    status: 'ISSUED',
    expiryDate: requiredInstant(coupon.expiresAt),
    issuedAt: requiredInstant(coupon.issuedAt),
  };
}

export const ValidatedView = z
  .strictObject({ couponCode: z.string(), valid: z.boolean(), message: z.string() })
  .meta({ id: 'CouponCodeValidation' });
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

const GENERATE_MAX = 1_000_000;

export const GenerateBody = z.strictObject({
  count: z.int().min(1).max(GENERATE_MAX),
  // The context checks the patterns, and says what is wrong.
  prefix: z
    .string()
    .max(CODE_PREFIX_MAX)
    .optional()
    .meta({ description: 'The start of every code', pattern: CODE_PREFIX.source }),
  pattern: z.string().max(CODE_PATTERN_MAX).optional().meta({
    description: 'A # for each symbol, with -, _ or spaces between them; default #####-#####-####',
    pattern: CODE_PATTERN.source,
  }),
  charset: z.string().optional().meta({
    description: 'The symbols of random codes, all different; default: digits and capitals without I, L, O and U',
    pattern: CODE_CHARSET.source,
  }),
});

const HEADER = ['code', 'status', 'userId', 'redeemedAt', 'externalId'];
export const CODES_CSV_EXAMPLE =
  'code,status,userId,redeemedAt,externalId\r\n7K3WQ-M9T2B-XR4Z,REDEEMED,1001,2035-01-01T01:00:00.123Z,\r\nP0N8C-4HDAJ-66QX,FREE,,,\r\n';

/** A page at a time: the next one is read when the one before it has gone out. */
export async function* codesCsv(
  first: CodeList,
  next: (cursor: string) => Promise<CodeList>,
  users: ExternalUsers | undefined,
): AsyncGenerator<string, void, undefined> {
  yield csvLine(HEADER);
  for (let page = first; ; page = await next(page.nextCursor)) {
    const names = await externalIdsOf(
      users,
      page.codes.map(({ userId }) => userId),
    );
    yield page.codes.map((each) => codeLine(each, names.get(each.userId))).join('');
    if (page.nextCursor === undefined) return;
  }
}

const codeLine = ({ code, userId, redeemedAt }: Code, externalId = ''): string =>
  csvLine([
    code,
    userId === undefined ? 'FREE' : 'REDEEMED',
    userId === undefined ? '' : String(userId),
    redeemedAt?.toISOString() ?? '',
    externalId,
  ]);
