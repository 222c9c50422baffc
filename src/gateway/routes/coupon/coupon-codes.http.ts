import { Body, Controller, Get, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CouponService, RedeemCodeResponse } from '../../../contexts/coupon/api.ts';
import { type Principal, subjectOf } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { type CodeLimits, codeKey } from '../../limits/code-limits.ts';
import { languageOf } from '../../server/language.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { CODE_LIMITS, COUPON_API } from '../../server/tokens.ts';
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

const BASES = ['api/v1/coupons', 'api/coupons'];
const OneCode = z.strictObject({ couponCode: TypedCode });
const LIMITED =
  'At most 5 codes a minute and 20 an hour, together with the other route for codes; after 20 wrong ones within an hour 24 hours of RATE_LIMITED.';

@ApiTags('coupons')
@Controller()
export class CouponCodesController {
  readonly #coupon: CouponService;
  readonly #limits: CodeLimits;

  constructor(@Inject(COUPON_API) coupon: CouponService, @Inject(CODE_LIMITS) limits: CodeLimits) {
    this.#coupon = coupon;
    this.#limits = limits;
  }

  @Post(BASES.map((base) => `${base}/download`))
  @Operation({
    summary: 'Get a coupon for a code',
    description: `A shared code, or a unique one, which gives one coupon. Case, spaces and dashes do not matter. Unknown and unavailable codes get the same response. ${LIMITED}`,
    access: 'ANY_TOKEN',
    status: 201,
    response: { schema: RedeemedView, example: REDEEMED_EXAMPLE },
    bodyExample: { couponCode: '7K3WQ-M9T2B-XR4Z' },
    refusals: [
      'FORBIDDEN',
      'COUPON_CODE_NOT_FOUND',
      'COUPON_ALREADY_USED',
      'COUPON_ALREADY_ISSUED',
      'COUPON_ISSUE_LIMIT_EXCEEDED',
      'COUPON_SOLD_OUT',
      'RATE_LIMITED',
    ],
    idempotent: true,
    // An opening by a shared code: the limit of codes is the only one.
    unlimited: true,
  })
  async download(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Req() request: FastifyRequest,
    @Body({ schema: DownloadBody }) body: z.output<typeof DownloadBody>,
  ) {
    const userId = subjectOf(principal, body.userId);
    const key = codeKey({ ...principal, userId: principal.role === 'SERVICE' ? userId : principal.userId }, request.ip);
    const isWrong = ({ outcome }: RedeemCodeResponse) =>
      outcome?.$case === 'refusal' && outcome.value.code === 'COUPON_CODE_NOT_FOUND';
    const { commandKey } = call;
    const tried = () => this.#coupon.redeemCode({ userId, code: body.couponCode, commandKey });
    return redeemedJson(call.valueFrom(await this.#limited(key, tried, isWrong)));
  }

  @Get(BASES.map((base) => `${base}/validate/:couponCode`))
  @Operation({
    summary: 'Would this code give a coupon now?',
    description: `Unknown, mistyped, used, sold-out and not yet open codes get the same response. The message follows Accept-Language. ${LIMITED}`,
    access: 'ANYBODY',
    status: 200,
    response: { schema: ValidatedView, example: VALIDATED_EXAMPLE },
    refusals: ['RATE_LIMITED'],
  })
  async validate(@Req() request: FastifyRequest, @Param({ schema: OneCode }) { couponCode }: z.output<typeof OneCode>) {
    const userId = request.principal?.userId;
    const tried = () => this.#coupon.validateCode({ code: couponCode, userId });
    const { valid } = await this.#limited(codeKey(request.principal, request.ip), tried, ({ valid }) => !valid);
    return validatedJson(couponCode, valid, languageOf(request.headers['accept-language']));
  }

  async #limited<Answer>(
    key: string | undefined,
    tried: () => Promise<Answer>,
    isWrong: (response: Answer) => boolean,
  ): Promise<Answer> {
    if (key === undefined) return tried();
    await this.#limits.admit(key);
    const response = await tried();
    if (isWrong(response)) await this.#limits.wrong(key);
    return response;
  }
}
