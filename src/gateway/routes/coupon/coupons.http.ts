import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { CouponService, Stock } from '../../../contexts/coupon/api.ts';
import { type Principal, requireReader } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { IdText, PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { COUPON_API, STOCK_STREAMS } from '../../server/tokens.ts';
import { openEventStream } from '../../streams/event-stream.ts';
import type { StockSource, StockStreams } from '../../streams/stock-streams.ts';
import { USER_COUPON_EXAMPLE, UserCouponView, userCouponJson } from './user-coupon.schemas.ts';

const BASES = ['api/v1/coupons', 'api/coupons'];
const below = (...tails: readonly string[]): string[] =>
  BASES.flatMap((base) => tails.map((tail) => `${base}/${tail}`));

const OnePolicy = z.strictObject({ policyId: PathId });
const OneUser = z.strictObject({ userId: PathId });
const IssuedQuery = z.strictObject({ userId: PathId.optional() });
const FILTERS = ['AVAILABLE', 'UNUSED', 'USED', 'EXPIRED'] as const;
const UserCouponsQuery = z.strictObject({
  ...PageFields,
  status: z
    .string()
    .max(100)
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(z.enum(FILTERS)))
    .optional()
    .meta({ description: `Any of ${FILTERS.join(', ')}, separated by commas`, examples: ['AVAILABLE,USED'] }),
});
const StockView = z.strictObject({
  couponPolicyId: IdText,
  remainingStock: z.int().nullable().meta({ description: 'null = unlimited' }),
  available: z.boolean(),
});
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

@ApiTags('coupons')
@Controller()
export class CouponsController {
  readonly #coupon: CouponService;
  readonly #streams: StockStreams;
  readonly #stock: StockSource;

  constructor(@Inject(COUPON_API) coupon: CouponService, @Inject(STOCK_STREAMS) streams: StockStreams) {
    this.#coupon = coupon;
    this.#streams = streams;
    this.#stock = stockSource(coupon);
  }

  @Get(below('policies/:policyId/stock'))
  @Operation({
    summary: 'How many coupons are left',
    access: 'ANYBODY',
    status: 200,
    response: { schema: StockView, example: STOCK_EXAMPLE },
    refusals: ['POLICY_NOT_FOUND'],
  })
  async stock(@Param({ schema: OnePolicy }) { policyId }: z.output<typeof OnePolicy>) {
    return stockJson(valueFrom((await this.#coupon.getStock({ policyId })).outcome));
  }

  @Get(below('policies/:policyId/stock/stream'))
  @Operation({
    summary: 'Watch how many coupons are left',
    description: 'Server-sent events named `stock`, one at once and one at each change, looked for every 250 ms.',
    access: 'ANYBODY',
    status: 200,
    response: {
      schema: z.string(),
      example: `event: stock\ndata: ${JSON.stringify(STOCK_EXAMPLE)}\n\n`,
      type: 'text/event-stream',
    },
    refusals: ['POLICY_NOT_FOUND'],
  })
  async stockStream(
    @Param({ schema: OnePolicy }) { policyId }: z.output<typeof OnePolicy>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.#streams.requireRoom();
    const stock = valueFrom((await this.#coupon.getStock({ policyId })).outcome);
    this.#streams.watch(this.#stock, policyId, stockJson(stock), openEventStream(reply));
  }

  @Get(below('policies/:policyId/issued'))
  @Operation({
    summary: 'Does a user have a coupon of this policy?',
    description: 'Only for the caller, unless ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: z.boolean(), example: true },
    refusals: ['NOT_FOUND'],
    query: true,
  })
  async issued(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OnePolicy }) { policyId }: z.output<typeof OnePolicy>,
    @Query({ schema: IssuedQuery }) query: z.output<typeof IssuedQuery>,
  ): Promise<boolean> {
    const userId = query.userId ?? principal.userId;
    requireReader(principal, userId);
    return (await this.#coupon.isIssued({ policyId, userId })).issued;
  }

  @Get(below('users/:userId', 'user/:userId'))
  @Operation({
    summary: "A user's coupons, newest first",
    description: 'Only own coupons, unless the caller is ADMIN or SERVICE.',
    access: 'ANY_TOKEN',
    status: 200,
    response: {
      schema: pageView('coupons', UserCouponView),
      example: { coupons: [USER_COUPON_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['NOT_FOUND'],
    query: true,
  })
  async ofUser(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneUser }) { userId }: z.output<typeof OneUser>,
    @Query({ schema: UserCouponsQuery }) query: z.output<typeof UserCouponsQuery>,
  ) {
    requireReader(principal, userId);
    const message = { userId, page: pageOf(query), filters: query.status ?? [] };
    const { coupons, nextCursor } = await this.#coupon.listUserCoupons(message);
    return { coupons: coupons.map(userCouponJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }
}
