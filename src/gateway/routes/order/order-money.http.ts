import type { OrderService } from '../../../contexts/order/api.ts';
import { ownerRequired } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';
import { pageJson, pageOf, pageView } from '../../server/schemas.ts';
import { PAYMENT_RECORD_EXAMPLE, REFUND_RECORD_EXAMPLE } from './order.examples.ts';
import {
  OfOrderQuery,
  OneOrder,
  OnePayment,
  PaymentRecordView,
  paymentRecordJson,
  RefundRecordView,
  refundRecordJson,
} from './order.schemas.ts';

type Money = Pick<OrderService, 'listPayments' | 'getPayment' | 'listRefunds'>;

/** What was paid for an order, and what went back and why. */
export const orderMoneyRoutes = ({ order }: { readonly order: Money }): readonly Route[] => [
  route({
    id: 'listOrderPayments',
    tag: 'orders',
    method: 'GET',
    paths: ['/api/v1/orders/:orderId/payments'],
    summary: 'List the payments of an order, newest first',
    description: 'Also those that failed, and money that the order could not use.',
    access: 'ANY_TOKEN',
    scope: 'orders:read',
    status: 200,
    response: {
      schema: pageView('payments', PaymentRecordView).meta({ id: 'PaymentList' }),
      example: { payments: [PAYMENT_RECORD_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['ORDER_NOT_FOUND'],
    params: OneOrder,
    query: OfOrderQuery,
    async handle({ principal, params: { orderId }, query }) {
      const message = { orderId, userId: ownerRequired(principal), page: pageOf(query) };
      const { payments, nextCursor } = valueFrom((await order.listPayments(message)).outcome);
      return { payments: payments.map(paymentRecordJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'listOrderRefunds',
    tag: 'orders',
    method: 'GET',
    paths: ['/api/v1/orders/:orderId/refunds'],
    summary: 'List the refunds of an order, newest first',
    description: 'What went back and why. Without items: money that the order could not use.',
    access: 'ANY_TOKEN',
    scope: 'orders:read',
    status: 200,
    response: {
      schema: pageView('refunds', RefundRecordView).meta({ id: 'RefundList' }),
      example: { refunds: [REFUND_RECORD_EXAMPLE], nextCursor: null, hasMore: false },
    },
    refusals: ['ORDER_NOT_FOUND'],
    params: OneOrder,
    query: OfOrderQuery,
    async handle({ principal, params: { orderId }, query }) {
      const message = { orderId, userId: ownerRequired(principal), page: pageOf(query) };
      const { refunds, nextCursor } = valueFrom((await order.listRefunds(message)).outcome);
      return { refunds: refunds.map(refundRecordJson), ...pageJson(nextCursor) };
    },
  }),
  route({
    id: 'getPayment',
    tag: 'payments',
    method: 'GET',
    paths: ['/api/v1/payments/:paymentId'],
    summary: 'Read a payment',
    access: 'ANY_TOKEN',
    scope: 'orders:read',
    status: 200,
    response: { schema: PaymentRecordView, example: PAYMENT_RECORD_EXAMPLE },
    refusals: ['PAYMENT_NOT_FOUND'],
    params: OnePayment,
    async handle({ principal, params: { paymentId } }) {
      const message = { paymentId, userId: ownerRequired(principal) };
      return paymentRecordJson(valueFrom((await order.getPayment(message)).outcome));
    },
  }),
];
