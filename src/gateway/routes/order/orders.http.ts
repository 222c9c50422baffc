import type { OrderService } from '../../../contexts/order/api.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import { ownerRequired, requireReader, subjectOf, toProto } from '../../auth/principal.ts';
import { routeKey } from '../../idempotency/keyed-call.ts';
import { ProblemError, valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { EmptyBody, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { ORDER_EXAMPLE, REFUND_EXAMPLE } from './order.examples.ts';
import { OneOrder, OrdersQuery, OrderView, orderJson, RefundBody, RefundView, refundJson } from './order.schemas.ts';

type Orders = Pick<OrderService, 'getOrder' | 'listOrders' | 'cancelOrder' | 'refundOrder'>;

export const ordersRoutes = ({ order }: { readonly order: Orders }): readonly Route[] => [
  route({
    id: 'listOrders',
    tag: 'orders',
    method: 'GET',
    paths: ['/api/v1/orders'],
    summary: 'List orders, newest first',
    description:
      'Own orders. ADMIN and SERVICE name another user, a store or a time; without a user these are the orders of all users.',
    access: 'ANY_TOKEN',
    scope: 'orders:read',
    status: 200,
    response: {
      schema: pageView('orders', OrderView).meta({ id: 'OrderList' }),
      example: { orders: [ORDER_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['FORBIDDEN', 'NOT_FOUND'],
    query: OrdersQuery,
    async handle({ principal, query }) {
      const { status, storeId, from, to } = query;
      if (query.userId !== undefined) requireReader(principal, query.userId);
      const isAboutAll =
        isOperator(principal.role) && query.userId === undefined && (storeId ?? from ?? to) !== undefined;
      if (storeId !== undefined && !isOperator(principal.role)) throw new ProblemError('FORBIDDEN');
      const userId = isAboutAll ? undefined : subjectOf(principal, query.userId);
      const message = { userId, storeId, from, to, page: pageOf(query), status };
      const { orders, nextCursor } = await order.listOrders(message);
      return { orders: orders.map(orderJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'getOrder',
    tag: 'orders',
    method: 'GET',
    paths: ['/api/v1/orders/:orderId'],
    summary: 'Read an order',
    access: 'ANY_TOKEN',
    scope: 'orders:read',
    status: 200,
    response: { schema: OrderView, example: ORDER_EXAMPLE },
    refusals: ['ORDER_NOT_FOUND'],
    params: OneOrder,
    async handle({ principal, params: { orderId } }) {
      return orderJson(valueFrom((await order.getOrder({ orderId, userId: ownerRequired(principal) })).outcome));
    },
  }),
  route({
    id: 'cancelOrder',
    tag: 'orders',
    method: 'POST',
    paths: ['/api/v1/orders/:orderId/cancel'],
    summary: 'Cancel an order before it is paid',
    description: 'Points, coupon and stock are returned. A repeat gets the same response.',
    access: 'ANY_TOKEN',
    scope: 'orders:write',
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: {},
    response: {
      schema: OrderView,
      example: { ...ORDER_EXAMPLE, status: 'CANCELLED', endedAt: '2035-01-01T01:03:00.789Z' },
    },
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_CANCELLABLE'],
    params: OneOrder,
    body: EmptyBody,
    async handle({ principal, call, params: { orderId } }) {
      const commandKey = call.takeCommandKey();
      const response = await order.cancelOrder({ orderId, userId: ownerRequired(principal), commandKey });
      return orderJson(call.valueFrom(response));
    },
  }),
  route({
    id: 'refundOrder',
    tag: 'orders',
    method: 'POST',
    paths: ['/api/v1/orders/:orderId/refund'],
    summary: 'Refund a paid order',
    description:
      'All of it, or units of its lines. Money and points are returned by the shares of the lines; partial refunds ' +
      'add up to the whole. When no unit is left the coupon is restored, if its policy allows it. An OWNER refunds ' +
      'lines of their stores: those that are named, or all that are left.',
    access: MANAGERS,
    scope: 'payments:refund',
    status: 200,
    bypassesShedding: true,
    idempotent: 'required',
    bodyExample: { items: [{ line: 1, quantity: 1 }], reason: 'Arrived broken' },
    response: { schema: RefundView, example: REFUND_EXAMPLE },
    refusals: ['ORDER_NOT_FOUND', 'ORDER_NOT_REFUNDABLE'],
    params: OneOrder,
    body: RefundBody,
    async handle({ principal, call, params: { orderId }, body: { items = [], reason } }) {
      const key = routeKey('refund', principal, call.key);
      const commandKey = call.takeCommandKey();
      const message = { principal: toProto(principal), orderId, key, lines: items, reason, commandKey };
      return refundJson(call.valueFrom(await order.refundOrder(message)));
    },
  }),
];
