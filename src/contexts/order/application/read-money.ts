import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type {
  GetPaymentRequest,
  ListPaymentsRequest,
  ListPaymentsResponse,
  ListRefundsRequest,
  ListRefundsResponse,
  PaymentResponse,
} from '../api.ts';
import type { Order } from '../domain/order.ts';
import { refuse } from '../refusals.ts';
import { toPaymentResponse, toPaymentView, toRefundView } from './order-views.ts';
import type { MoneyReader, OrderReader } from './ports.ts';

type Reader = Pick<OrderReader, 'findOrder' | 'findPayment'> & MoneyReader;

interface OfOrder {
  readonly orderId: bigint;
  readonly userId?: bigint | undefined;
}

/** Returns the order. Undefined when there is none, or it is another user's. */
async function visibleOrder(reader: Reader, { orderId, userId }: OfOrder): Promise<Order | undefined> {
  const order = await reader.findOrder(orderId);
  return userId === undefined || order?.userId === userId ? order : undefined;
}

/** Every payment of an order. Returns an empty page for a cursor that was not issued by this operation. */
export const listPayments =
  (reader: Reader) =>
  async ({ page, ...of }: ListPaymentsRequest): Promise<ListPaymentsResponse> => {
    const order = await visibleOrder(reader, of);
    if (order === undefined) return toRefusalResponse(refuse('ORDER_NOT_FOUND'));
    const query = readPage(page);
    const found = query ? await reader.paymentsOf(of.orderId, query.before, query.limit + 1) : [];
    const { rows, nextCursor } = cutPage(found, query?.limit ?? 0, ({ id }) => id);
    return {
      outcome: { $case: 'payments', value: { payments: rows.map((row) => toPaymentView(row, order)), nextCursor } },
    };
  };

/** Every refund of an order, also of money that it could not use. */
export const listRefunds =
  (reader: Reader) =>
  async ({ page, ...of }: ListRefundsRequest): Promise<ListRefundsResponse> => {
    const order = await visibleOrder(reader, of);
    if (order === undefined) return toRefusalResponse(refuse('ORDER_NOT_FOUND'));
    const query = readPage(page);
    const found = query ? await reader.refundsOf(of.orderId, query.before, query.limit + 1) : [];
    const { rows, nextCursor } = cutPage(found, query?.limit ?? 0, ({ id }) => id);
    return {
      outcome: { $case: 'refunds', value: { refunds: rows.map((row) => toRefundView(row, order)), nextCursor } },
    };
  };

export const getPayment =
  (reader: Reader) =>
  async ({ paymentId, userId }: GetPaymentRequest): Promise<PaymentResponse> => {
    const payment = await reader.findPayment(paymentId);
    if (!payment || (userId !== undefined && payment.userId !== userId)) {
      return toRefusalResponse(refuse('PAYMENT_NOT_FOUND'));
    }
    const order = await reader.findOrder(payment.orderId);
    if (!order) throw new Error(`payment ${paymentId} is of an order that does not exist`);
    return toPaymentResponse(payment, order);
  };
