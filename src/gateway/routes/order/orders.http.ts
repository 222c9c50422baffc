import { Body, Controller, Get, Headers, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { OrderService } from '../../../contexts/order/api.ts';
import { actsForAnybody, type Principal, requireReader, subjectOf, toProto } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/idempotency.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { EmptyBody, pageOf, pageView } from '../../server/schemas.ts';
import { ORDER_API } from '../../server/tokens.ts';
import { ORDER_EXAMPLE, REFUND_EXAMPLE } from './order.examples.ts';
import { OneOrder, OrdersQuery, OrderView, orderJson, RefundBody, RefundView, refundJson } from './order.schemas.ts';

type Orders = Pick<OrderService, 'getOrder' | 'listOrders' | 'cancelOrder' | 'refundOrder'>;

@ApiTags('orders')
@Controller('api/v1/orders')
export class OrdersController {
  readonly #order: Orders;

  constructor(@Inject(ORDER_API) order: Orders) {
    this.#order = order;
  }

  @Get()
  @Operation({
    summary: 'Orders of a user, newest first',
    description: 'Only own orders, unless ADMIN or SERVICE names a user.',
    access: 'ANY_TOKEN',
    status: 200,
    response: {
      schema: pageView('orders', OrderView),
      example: { orders: [ORDER_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['NOT_FOUND', 'FORBIDDEN'],
    query: true,
  })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: OrdersQuery }) query: z.output<typeof OrdersQuery>,
  ) {
    if (query.userId !== undefined) requireReader(principal, query.userId);
    const userId = subjectOf(principal, query.userId);
    const { orders, nextCursor } = await this.#order.listOrders({ userId, page: pageOf(query), status: query.status });
    return { orders: orders.map(orderJson), nextCursor: nextCursor ?? null, hasMore: nextCursor !== undefined };
  }

  @Get(':orderId')
  @Operation({
    summary: 'One order',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: OrderView, example: ORDER_EXAMPLE },
    refusals: ['ORDER_NOT_FOUND'],
  })
  async one(
    @CurrentPrincipal() principal: Principal,
    @Param({ schema: OneOrder }) { orderId }: z.output<typeof OneOrder>,
  ) {
    return orderJson(valueFrom((await this.#order.getOrder({ orderId, userId: ownerOf(principal) })).outcome));
  }

  @Post(':orderId/cancel')
  @Operation({
    summary: 'Cancel an order before it is paid',
    description: 'Points, coupon and stock are returned. A repeat gets the same response.',
    access: 'ANY_TOKEN',
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: {},
    response: {
      schema: OrderView,
      example: { ...ORDER_EXAMPLE, status: 'CANCELLED', endedAt: '2026-01-01T01:03:00.789Z' },
    },
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_CANCELLABLE'],
  })
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OneOrder }) { orderId }: z.output<typeof OneOrder>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ) {
    const { commandKey } = call;
    const response = await this.#order.cancelOrder({ orderId, userId: ownerOf(principal), commandKey });
    return orderJson(call.valueFrom(response));
  }

  @Post(':orderId/refund')
  @Operation({
    summary: 'Refund a paid order',
    description:
      'Whole, or units of its lines. Money and points go back in the shares that the lines had; partial refunds add up to the ' +
      'whole. A coupon comes back, when its policy says so, once nothing is left. An OWNER refunds orders of own products.',
    access: ['ADMIN', 'OWNER', 'SERVICE'],
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: { items: [{ line: 1, quantity: 1 }], reason: 'Arrived broken' },
    response: { schema: RefundView, example: REFUND_EXAMPLE },
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_REFUNDABLE'],
  })
  async refund(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Headers('idempotency-key') header: string | undefined,
    @Param({ schema: OneOrder }) { orderId }: z.output<typeof OneOrder>,
    @Body({ schema: RefundBody }) { items = [], reason }: z.output<typeof RefundBody>,
  ) {
    const key = routeKey('refund', principal, header);
    const { commandKey } = call;
    const message = { principal: toProto(principal), orderId, key, lines: items, reason, commandKey };
    return refundJson(call.valueFrom(await this.#order.refundOrder(message)));
  }
}

/** The user who must own the order; undefined: any user. */
const ownerOf = (principal: Principal): bigint | undefined =>
  actsForAnybody(principal) ? undefined : principal.userId;
