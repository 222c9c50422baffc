import { z } from 'zod';
import { COUPON_FILTERS, type CouponService, type Stock } from '../../../contexts/coupon/api.ts';
import { requireReader } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import {
  IdText,
  PageFields,
  PathId,
  PathUserId,
  pageJson,
  pageOf,
  pageView,
  queryWords,
} from '../../server/schemas.ts';
import type { OpenStreams } from '../../streams/open-streams.ts';
import type { StockSource, StockStreams } from '../../streams/stock-streams.ts';
import type { StreamPlaces } from '../../streams/stream-places.ts';
import { USER_COUPON_EXAMPLE, UserCouponView, userCouponJson } from './user-coupon.schemas.ts';

const BASES = ['/api/v1/coupons', '/api/coupons'];
const below = (...tails: readonly string[]): string[] =>
  BASES.flatMap((base) => tails.map((tail) => `${base}/${tail}`));

const OnePolicy = z.strictObject({ policyId: PathId });
const OneUser = z.strictObject({ userId: PathUserId });
const IssuedQuery = z.strictObject({ userId: PathUserId.optional() });
const UserCouponsQuery = z.strictObject({
  ...PageFields,
  status: queryWords(COUPON_FILTERS)
    .optional()
    .meta({ examples: ['AVAILABLE,USED'] }),
});
const StockView = z
  .strictObject({
    couponPolicyId: IdText,
    remainingStock: z.int().nullable().meta({ description: 'null = unlimited' }),
    available: z.boolean(),
  })
  .meta({ id: 'CouponStock' });
const STOCK_EXAMPLE = { couponPolicyId: '7330011234567890', remainingStock: 9999, available: true };

const stockJson = ({ policyId, remaining, available }: Stock): z.input<typeof StockView> => ({
  couponPolicyId: String(policyId),
  remainingStock: remaining ?? null,
  available,
});
const stockSource = (coupon: Pick<CouponService, 'getStock'>): StockSource => ({
  pollMs: 250,
  async read(policyId) {
    const { outcome } = await coupon.getStock({ policyId });
    return outcome?.$case === 'stock' ? stockJson(outcome.value) : undefined;
  },
});

export function couponsRoutes({
  coupon,
  openStreams,
  streams,
  streamPlaces,
}: {
  readonly coupon: CouponService;
  readonly openStreams: OpenStreams;
  readonly streams: StockStreams;
  readonly streamPlaces: StreamPlaces;
}): readonly Route[] {
  const source = stockSource(coupon);

  return [
    route({
      id: 'getCouponStock',
      tag: 'coupons',
      method: 'GET',
      paths: below('policies/:policyId/stock'),
      summary: 'Read how many coupons are left',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'coupons:read',
      status: 200,
      response: { schema: StockView, example: STOCK_EXAMPLE },
      refusals: ['POLICY_NOT_FOUND'],
      params: OnePolicy,
      async handle({ params: { policyId } }) {
        return stockJson(valueFrom((await coupon.getStock({ policyId })).outcome));
      },
    }),
    route({
      id: 'streamCouponStock',
      tag: 'coupons',
      method: 'GET',
      paths: below('policies/:policyId/stock/stream'),
      summary: 'Watch how many coupons are left',
      description: 'Server-sent events named `stock`, one at once and one after each change, checked every 250 ms.',
      access: 'ANYBODY',
      scope: 'coupons:read',
      status: 200,
      response: {
        schema: z.string(),
        example: `event: stock\ndata: ${JSON.stringify(STOCK_EXAMPLE)}\n\n`,
        type: 'text/event-stream',
      },
      refusals: ['POLICY_NOT_FOUND'],
      sendsResponse: true,
      params: OnePolicy,
      async handle({ principal, params: { policyId }, request, reply }): Promise<void> {
        streamPlaces.take(principal, request, reply);
        openStreams.requireRoom();
        const stock = valueFrom((await coupon.getStock({ policyId })).outcome);
        streams.watch(source, policyId, stockJson(stock), reply);
      },
    }),
    route({
      id: 'checkCouponIssued',
      tag: 'coupons',
      method: 'GET',
      paths: below('policies/:policyId/issued'),
      summary: 'Check whether a user has a coupon of a policy',
      description: 'Only for the caller, unless ADMIN or SERVICE.',
      access: 'ANY_TOKEN',
      scope: 'coupons:read',
      status: 200,
      response: { schema: z.boolean(), example: true },
      refusals: ['NOT_FOUND'],
      params: OnePolicy,
      query: IssuedQuery,
      async handle({ principal, params: { policyId }, query }): Promise<boolean> {
        const userId = query.userId ?? principal.userId;
        requireReader(principal, userId);
        return (await coupon.isIssued({ policyId, userId })).issued;
      },
    }),
    route({
      id: 'listUserCoupons',
      tag: 'coupons',
      method: 'GET',
      paths: below('users/:userId', 'user/:userId'),
      summary: "List a user's coupons, newest first",
      description: 'Only own coupons, unless the caller is ADMIN or SERVICE.',
      access: 'ANY_TOKEN',
      scope: 'coupons:read',
      status: 200,
      response: {
        schema: pageView('coupons', UserCouponView).meta({ id: 'UserCouponList' }),
        example: { coupons: [USER_COUPON_EXAMPLE], nextCursor: null, hasMore: false },
      },
      refusals: ['NOT_FOUND'],
      params: OneUser,
      query: UserCouponsQuery,
      async handle({ principal, params: { userId }, query }) {
        requireReader(principal, userId);
        const message = { userId, page: pageOf(query), filters: query.status ?? [] };
        const { coupons, nextCursor } = await coupon.listUserCoupons(message);
        return {
          coupons: coupons.map(userCouponJson),
          ...pageJson(nextCursor),
        };
      },
    }),
  ];
}
