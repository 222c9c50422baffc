import { z } from 'zod';
import type { CouponRefusalCode, CouponService, RedeemCodeResponse } from '../../../contexts/coupon/api.ts';
import { refusalIn } from '../../../platform/kernel/refusal.ts';
import { subjectOf } from '../../auth/principal.ts';
import { type CodeCaller, codeCaller, codeCallerFor } from '../../limits/code-caller.ts';
import type { CodeLimits } from '../../limits/code-limits.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import {
  DownloadBody,
  REDEEMED_EXAMPLE,
  RedeemedView,
  redeemedJson,
  TypedCode,
  VALIDATED_EXAMPLE,
  ValidatedView,
  validatedJson,
} from './coupon-code.schemas.ts';

const BASES = ['/api/v1/coupons', '/api/coupons'];
const OneCode = z.strictObject({ couponCode: TypedCode });
const LIMITED =
  'At most 5 codes a minute and 20 an hour, together with the other route for codes; after 20 wrong ones within an hour 24 hours of RATE_LIMITED. An address sends at most 200 wrong ones an hour, of all its accounts.';

export function couponCodesRoutes({
  coupon,
  codeLimits,
}: {
  readonly coupon: CouponService;
  readonly codeLimits: CodeLimits;
}): readonly Route[] {
  async function limited<Answer>(
    caller: CodeCaller | undefined,
    tried: () => Promise<Answer>,
    isWrong: (response: Answer) => boolean,
  ): Promise<Answer> {
    if (caller === undefined) return tried();
    await codeLimits.admit(caller);
    const response = await tried();
    if (isWrong(response)) await codeLimits.wrong(caller);
    return response;
  }

  return [
    route({
      id: 'downloadCoupon',
      tag: 'coupons',
      method: 'POST',
      paths: BASES.map((base) => `${base}/download`),
      summary: 'Redeem a code for a coupon',
      description:
        'A shared code, or a unique code, which issues one coupon. Case, spaces and dashes do not matter. Unknown and ' +
        `unavailable codes get the same response. ${LIMITED}`,
      access: 'ANY_TOKEN',
      scope: 'coupons:issue',
      addsUsers: true,
      status: 201,
      response: { schema: RedeemedView, example: REDEEMED_EXAMPLE },
      bodyExample: { couponCode: '7K3WQ-M9T2B-XR4Z' },
      refusals: [
        'COUPON_CODE_NOT_FOUND',
        'COUPON_ALREADY_USED',
        'COUPON_ALREADY_ISSUED',
        'COUPON_ISSUE_LIMIT_EXCEEDED',
        'COUPON_SOLD_OUT',
      ],
      idempotent: true,
      // An opening by a shared code: the limit of codes is the only one.
      unlimited: true,
      body: DownloadBody,
      async handle({ principal, call, request, body }) {
        const userId = subjectOf(principal, body.userId);
        const caller = codeCallerFor(principal, userId, request);
        const isWrong = (response: RedeemCodeResponse) =>
          refusalIn<CouponRefusalCode>(response)?.code === 'COUPON_CODE_NOT_FOUND';
        const commandKey = call.takeCommandKey();
        const tried = () => coupon.redeemCode({ userId, code: body.couponCode, commandKey });
        return redeemedJson(call.valueFrom(await limited(caller, tried, isWrong)));
      },
    }),
    route({
      id: 'validateCouponCode',
      tag: 'coupons',
      method: 'GET',
      paths: BASES.map((base) => `${base}/validate/:couponCode`),
      summary: 'Check whether a code would issue a coupon now',
      description: `Unknown, mistyped, used, sold-out and not yet open codes get the same response. The message follows Accept-Language. ${LIMITED}`,
      access: 'ANYBODY',
      scope: 'coupons:read',
      status: 200,
      response: { schema: ValidatedView, example: VALIDATED_EXAMPLE },
      params: OneCode,
      async handle({ principal, request, params: { couponCode } }) {
        const userId = principal?.userId;
        const tried = () => coupon.validateCode({ code: couponCode, userId });
        const { valid } = await limited(codeCaller(principal, request), tried, ({ valid }) => !valid);
        return validatedJson(couponCode, valid, languageOf(request.headers['accept-language']));
      },
    }),
  ];
}
