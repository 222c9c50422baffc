import { z } from 'zod';
import type { CouponService } from '../../../contexts/coupon/api.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import { PAGE_MAX } from '../../../platform/kernel/pages.ts';
import { requireReader, toProto } from '../../auth/principal.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { PathUserId, queryNumber } from '../../server/schemas.ts';
import {
  CancelBody,
  COUPON_EXAMPLE,
  CouponView,
  couponJson,
  OneCoupon,
  RestoreBody,
  USE_REFUSALS,
  UseBody,
  UserStatisticsView,
} from './coupon-use.schemas.ts';
import { USER_COUPON_EXAMPLE, UserCouponView, userCouponJson } from './user-coupon.schemas.ts';

const BASES = ['/api/v1/coupons', '/api/coupons'];
const at = (tail: string): string[] => BASES.map((base) => `${base}/${tail}`);

const DAYS_MAX = 365;
const wholeNumber = (max: number, fallback: number) =>
  queryNumber(max)
    .optional()
    .meta({ description: `1 to ${max}, default ${fallback}`, examples: [fallback] });
const [DAYS, LIMIT] = [7, 10];
const ExpiringQuery = z.strictObject({ days: wholeNumber(DAYS_MAX, DAYS), limit: wholeNumber(PAGE_MAX, LIMIT) });
const OneUser = z.strictObject({ userId: PathUserId });

/** Using coupons without an order system, withdrawing them, and the statistics of a user. */
export const couponUseRoutes = ({ coupon }: { readonly coupon: CouponService }): readonly Route[] => [
  route({
    id: 'useCoupon',
    tag: 'coupons',
    method: 'POST',
    paths: at(':couponId/use'),
    summary: 'Use a coupon',
    description:
      'Without a reservation, by the same rules: the minimum of its policy, a discount above 0, and one coupon for an order. ' +
      'A repeat for the same order returns the current coupon. Without an amount only a fixed discount can be used whose policy has no ' +
      'minimum and no store.',
    access: 'ANY_TOKEN',
    scope: 'coupons:use',
    status: 200,
    bypassesShedding: true,
    response: { schema: CouponView, example: COUPON_EXAMPLE },
    bodyExample: { orderId: 'order-5001', orderAmount: 32000 },
    refusals: USE_REFUSALS,
    idempotent: true,
    params: OneCoupon,
    body: UseBody,
    async handle({ principal, call, params: { couponId }, body }) {
      const userId = isOperator(principal.role) ? undefined : principal.userId;
      const commandKey = call.takeCommandKey();
      const { orderId, orderAmount, lines = [] } = body ?? {};
      const command = { couponId, userId, orderId, orderAmount, lines, commandKey };
      return couponJson(call.valueFrom(await coupon.useCoupon(command)));
    },
  }),
  route({
    id: 'cancelCoupon',
    tag: 'coupons',
    method: 'POST',
    paths: at(':couponId/cancel'),
    summary: 'Withdraw a coupon',
    description: 'By an ADMIN, or the OWNER of its policy. With `returnStock` another user may get it.',
    access: MANAGERS,
    scope: 'coupons:use',
    status: 200,
    bypassesShedding: true,
    response: { schema: CouponView, example: { ...COUPON_EXAMPLE, status: 'CANCELLED', usedAt: null, orderId: null } },
    bodyExample: { reason: 'Issued by mistake', returnStock: true },
    refusals: ['COUPON_NOT_FOUND', 'COUPON_ALREADY_USED', 'COUPON_EXPIRED', 'RESERVATION_CONFLICT'],
    idempotent: true,
    params: OneCoupon,
    body: CancelBody,
    async handle({ principal, call, params: { couponId }, body }) {
      const { reason = '', returnStock = false, orderCancelled = false } = body ?? {};
      const commandKey = call.takeCommandKey();
      const request = { principal: toProto(principal), couponId, reason, returnStock, orderCancelled, commandKey };
      return couponJson(call.valueFrom(await coupon.cancelCoupon(request)));
    },
  }),
  route({
    id: 'restoreCoupon',
    tag: 'coupons',
    method: 'POST',
    paths: at(':couponId/restore'),
    summary: 'Restore a used coupon after a refund',
    description:
      'The coupon is restored when its policy allows it and it has not expired; otherwise it stays used, which is ' +
      'no error. A repeat gets the same response.',
    access: ['ADMIN'],
    scope: 'coupons:use',
    status: 200,
    bypassesShedding: true,
    response: { schema: CouponView, example: { ...COUPON_EXAMPLE, status: 'ISSUED', usedAt: null, orderId: null } },
    bodyExample: { orderId: 'order-5001' },
    refusals: ['COUPON_NOT_FOUND', 'RESERVATION_CONFLICT'],
    idempotent: true,
    params: OneCoupon,
    body: RestoreBody,
    async handle({ call, params: { couponId }, body: { orderId } }) {
      const commandKey = call.takeCommandKey();
      return couponJson(call.valueFrom(await coupon.restoreCoupon({ couponId, orderId, unpaid: false, commandKey })));
    },
  }),
  route({
    id: 'listExpiringCoupons',
    tag: 'coupons',
    method: 'GET',
    paths: at('users/:userId/expiring'),
    summary: 'List the coupons of a user that expire soon',
    description:
      'Coupons that can still be used, in order of expiry. Only own coupons, unless the caller is ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    scope: 'coupons:read',
    status: 200,
    response: {
      schema: z.strictObject({ coupons: z.array(UserCouponView) }).meta({ id: 'ExpiringCouponList' }),
      example: { coupons: [USER_COUPON_EXAMPLE] },
    },
    refusals: ['NOT_FOUND'],
    params: OneUser,
    query: ExpiringQuery,
    async handle({ principal, params: { userId }, query: { days = DAYS, limit = LIMIT } }) {
      requireReader(principal, userId);
      const { coupons } = await coupon.listExpiringCoupons({ userId, days, limit });
      return { coupons: coupons.map(userCouponJson) };
    },
  }),
  route({
    id: 'getUserCouponStatistics',
    tag: 'coupons',
    method: 'GET',
    paths: at('users/:userId/statistics'),
    summary: "Count a user's coupons and the amount that they saved",
    description: 'Withdrawn coupons do not count. Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    scope: 'coupons:read',
    status: 200,
    response: {
      schema: UserStatisticsView,
      example: { totalCoupons: 12, availableCoupons: 5, usedCoupons: 4, expiredCoupons: 3, totalSavedAmount: 12000 },
    },
    refusals: ['NOT_FOUND'],
    params: OneUser,
    async handle({ principal, params: { userId } }) {
      requireReader(principal, userId);
      const { totalSavedAmount, ...counts } = await coupon.getUserStatistics({ userId });
      return { ...counts, totalSavedAmount: Number(totalSavedAmount) };
    },
  }),
];
