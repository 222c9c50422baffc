import type { CouponService } from '../../../contexts/coupon/api.ts';
import { toProto } from '../../auth/principal.ts';
import { codeCaller } from '../../limits/code-caller.ts';
import type { RedemptionLimits } from '../../limits/code-limits.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import {
  COUNTER_USE_EXAMPLE,
  CounterBody,
  CounterUseView,
  counterUseJson,
  REDEMPTION_CODE_EXAMPLE,
  RedemptionCodeView,
  redemptionCodeJson,
} from './coupon-counter.schemas.ts';
import { OneCoupon } from './coupon-use.schemas.ts';

const BASES = ['/api/v1/coupons', '/api/coupons'];
const at = (tail: string): string[] => BASES.map((base) => `${base}/${tail}`);

const UNUSABLE = ['COUPON_ALREADY_USED', 'COUPON_EXPIRED', 'COUPON_NOT_AVAILABLE', 'RESERVATION_CONFLICT'] as const;

/** Coupons at the counter: the code that their owner shows, and its use by the staff of the store. */
export const couponCounterRoutes = ({
  coupon,
  redemptionLimits,
}: {
  readonly coupon: CouponService;
  readonly redemptionLimits: RedemptionLimits;
}): readonly Route[] => [
  route({
    id: 'getRedemptionCode',
    tag: 'coupons',
    method: 'GET',
    paths: at(':couponId/redemption-code'),
    summary: 'Show the redemption code of a coupon',
    description:
      'The code with which the staff of a store use the coupon at the counter, as text and as a QR code. Only for the owner of the coupon, while ' +
      'it can be used. A coupon has the same code each time.',
    access: 'ANY_TOKEN',
    scope: 'coupons:read',
    status: 200,
    response: { schema: RedemptionCodeView, example: REDEMPTION_CODE_EXAMPLE },
    refusals: ['COUPON_NOT_FOUND', ...UNUSABLE],
    params: OneCoupon,
    async handle({ principal: { userId }, params: { couponId } }) {
      const { code } = valueFrom((await coupon.getRedemptionCode({ couponId, userId })).outcome);
      return redemptionCodeJson(code);
    },
  }),
  route({
    id: 'redeemCoupon',
    tag: 'coupons',
    method: 'POST',
    paths: at('redeem'),
    summary: 'Use a coupon at the counter',
    description:
      'By the OWNER of the store of the coupon, its staff, or an ADMIN. Case, spaces and dashes of the code do not matter. `orderAmount` is what ' +
      'the customer buys of this store; without it only a fixed discount can be used whose policy has no minimum. A code is used once: of two ' +
      'tills that send it at the same time one gets COUPON_ALREADY_USED. A repeat needs an Idempotency-Key to get the first response. After 20 ' +
      'wrong codes within an hour 24 hours of RATE_LIMITED.',
    access: 'ANY_TOKEN',
    scope: 'coupons:use',
    status: 200,
    bypassesShedding: true,
    response: { schema: CounterUseView, example: COUNTER_USE_EXAMPLE },
    bodyExample: { redemptionCode: REDEMPTION_CODE_EXAMPLE.code, orderAmount: 32000 },
    refusals: [
      'FORBIDDEN',
      'COUPON_CODE_NOT_FOUND',
      ...UNUSABLE,
      'COUPON_NOT_APPLICABLE',
      'MINIMUM_ORDER_NOT_MET',
      'RATE_LIMITED',
    ],
    idempotent: true,
    body: CounterBody,
    async handle({ principal, call, request, body: { redemptionCode, orderAmount } }) {
      const caller = codeCaller(principal, request);
      if (caller !== undefined) await redemptionLimits.requireUnblocked(caller);
      const commandKey = call.takeCommandKey();
      const use = { principal: toProto(principal), redemptionCode, orderAmount, commandKey };
      const response = await coupon.useAtCounter(use);
      const { outcome } = response;
      const isWrong = outcome?.$case === 'refusal' && outcome.value.code === 'COUPON_CODE_NOT_FOUND';
      if (isWrong && caller !== undefined) await redemptionLimits.wrong(caller);
      return counterUseJson(call.valueFrom(response));
    },
  }),
];
