import { z } from 'zod';
import {
  LINES_MAX,
  MONEY_MAX,
  ORDER_STATUSES,
  type Order,
  type OrderLine,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  type Payment,
  QUANTITY_MAX,
  REASON_MAX,
  REFUND_STATUSES,
  type Refund,
} from '../../../contexts/order/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  BodyId,
  BodyUserId,
  Currency,
  currencyOf,
  IdText,
  Instant,
  InstantText,
  idOrNull,
  instantOrNull,
  PageFields,
  PathId,
  PathUserId,
  requiredInstant,
  requiredText,
  UserIdText,
} from '../../server/schemas.ts';

const OrderStatus = z.enum(ORDER_STATUSES).meta({ id: 'OrderStatus' });
const PaymentMethod = z.enum(PAYMENT_METHODS).meta({ id: 'PaymentMethod' });

/** An amount in the currency's smallest unit, or points, parsed to a bigint. */
const Money = z.int().min(0).max(Number(MONEY_MAX)).transform(BigInt);
const Quantity = z.int().min(1).max(QUANTITY_MAX);

const Taken = {
  userId: BodyUserId.optional(),
  couponId: BodyId.optional(),
  usePoints: Money.optional().meta({ description: 'The most points to use; no more are used than there is to pay' }),
  expectedTotal: Money.optional().meta({ description: 'Refused with PRICE_CHANGED when the total differs' }),
};

export const OrderBody = z.strictObject({
  items: z
    .array(
      z
        .strictObject({ productId: BodyId, timeSaleId: BodyId.optional(), quantity: Quantity })
        .meta({ id: 'NewOrderItem' }),
    )
    .min(1)
    .max(LINES_MAX),
  ...Taken,
});
export const TimeSaleOrderBody = z.strictObject({ quantity: Quantity, ...Taken });

export const PaymentBody = z.strictObject({
  orderId: BodyId,
  method: PaymentMethod,
  userId: BodyUserId.optional(),
});

export const RefundBody = z.strictObject({
  items: z
    .array(z.strictObject({ line: z.int().min(1).max(LINES_MAX), quantity: Quantity }).meta({ id: 'NewRefundItem' }))
    .min(1)
    .max(LINES_MAX)
    .optional()
    .meta({ description: 'Units of lines; absent: all that are left' }),
  reason: requiredText(REASON_MAX),
});

export const OneTimeSale = z.strictObject({ timeSaleId: PathId });
export const OneOrder = z.strictObject({ orderId: PathId });
export const OrdersQuery = z.strictObject({
  ...PageFields,
  status: OrderStatus.optional(),
  userId: PathUserId.optional().meta({
    description: 'The user whose orders are listed; ADMIN and SERVICE name others',
  }),
  storeId: PathId.optional().meta({ description: 'Orders with a line of this store; for ADMIN and SERVICE' }),
  from: Instant.optional().meta({ description: 'Orders placed at this time or later' }),
  to: Instant.optional().meta({ description: 'Orders placed before this time' }),
});
export const OnePayment = z.strictObject({ paymentId: PathId });
export const OfOrderQuery = z.strictObject(PageFields);

const Figure = z.int().min(0);

const OrderItemView = z
  .strictObject({
    line: z.int().positive(),
    productId: IdText,
    timeSaleId: IdText.nullable(),
    productName: z.string(),
    storeId: IdText.nullable().meta({ description: 'The store that sold it; null = the platform' }),
    quantity: z.int().positive(),
    unitPrice: Figure.meta({ description: 'Fixed when the order was placed' }),
    couponDiscount: Figure.meta({ description: 'Its share of the order’s amount' }),
    pointsUsed: Figure.meta({ description: 'Its share of the order’s amount' }),
    refundedQuantity: Figure,
  })
  .meta({ id: 'OrderItem' });

const FailureView = z
  .strictObject({ code: z.string(), details: z.record(z.string(), z.string()) })
  .meta({ id: 'OrderFailure' })
  .nullable()
  .meta({ description: 'FAILED: the reason, a problem code' });

export const OrderView = z
  .strictObject({
    orderId: IdText,
    ...UserIdText,
    status: OrderStatus,
    items: z.array(OrderItemView),
    couponId: IdText.nullable(),
    currency: Currency,
    subtotal: Figure,
    couponDiscount: Figure,
    pointsUsed: Figure,
    total: Figure.meta({ description: 'To pay: subtotal - couponDiscount - pointsUsed' }),
    refundedAmount: Figure,
    refundedPoints: Figure,
    createdAt: InstantText,
    expiresAt: InstantText.meta({ description: 'The time at which an unpaid order ends' }),
    paidAt: InstantText.nullable(),
    endedAt: InstantText.nullable().meta({ description: 'CANCELLED, EXPIRED and FAILED: the time of the end' }),
    failure: FailureView,
  })
  .meta({ id: 'Order' });

export const PaymentView = z
  .strictObject({
    paymentId: IdText,
    orderId: IdText,
    method: PaymentMethod,
    currency: Currency,
    amount: Figure,
    status: z.enum(PAYMENT_STATUSES),
    providerUrl: z.string().nullable().meta({ description: 'EXTERNAL and PENDING: where the customer pays' }),
    order: OrderView,
  })
  .meta({ id: 'PaymentResult' });

export const RefundView = z
  .strictObject({
    refundId: IdText,
    orderId: IdText,
    currency: Currency,
    amount: Figure,
    points: Figure,
    status: z.enum(REFUND_STATUSES).meta({ description: 'PENDING: the provider has not confirmed the refund yet' }),
    order: OrderView,
  })
  .meta({ id: 'RefundResult' });

/** A payment as it is read, without its order. */
export const PaymentRecordView = PaymentView.omit({ order: true })
  .extend({
    ...UserIdText,
    failure: FailureView,
    createdAt: InstantText,
    settledAt: InstantText.nullable().meta({ description: 'When it stopped being PENDING' }),
  })
  .meta({ id: 'Payment' });

/** A refund as it is read, without its order. */
export const RefundRecordView = RefundView.omit({ order: true })
  .extend({
    paymentId: IdText,
    reason: z.string(),
    items: z
      .array(
        z
          .strictObject({ line: z.int().positive(), quantity: z.int().positive(), amount: Figure, points: Figure })
          .meta({ id: 'RefundItem' }),
      )
      .meta({ description: 'Empty: money that the order could not use' }),
    createdAt: InstantText,
  })
  .meta({ id: 'Refund' });

export const orderJson = (order: Order): z.input<typeof OrderView> => ({
  orderId: String(order.id),
  userId: String(order.userId),
  status: oneOf(ORDER_STATUSES, order.status),
  items: order.lines.map(itemJson),
  couponId: idOrNull(order.couponId),
  currency: currencyOf(order),
  subtotal: Number(order.subtotal),
  couponDiscount: Number(order.couponDiscount),
  pointsUsed: Number(order.pointsUsed),
  total: Number(order.total),
  refundedAmount: Number(order.refundedAmount),
  refundedPoints: Number(order.refundedPoints),
  createdAt: requiredInstant(order.createdAt),
  expiresAt: requiredInstant(order.expiresAt),
  paidAt: instantOrNull(order.paidAt),
  endedAt: instantOrNull(order.endedAt),
  failure: failureJson(order.failure),
});

const itemJson = (line: OrderLine): z.input<typeof OrderItemView> => ({
  line: line.line,
  productId: String(line.productId),
  timeSaleId: idOrNull(line.timeSaleId),
  productName: line.productName,
  storeId: idOrNull(line.storeId),
  quantity: line.quantity,
  unitPrice: Number(line.unitPrice),
  couponDiscount: Number(line.couponDiscount),
  pointsUsed: Number(line.pointsUsed),
  refundedQuantity: line.refundedQuantity,
});

const failureJson = (failure: Order['failure']): z.input<typeof FailureView> =>
  failure === undefined ? null : { code: failure.code, details: failure.details };

const paymentFields = (payment: Payment) => ({
  paymentId: String(payment.id),
  orderId: String(payment.orderId),
  method: oneOf(PAYMENT_METHODS, payment.method),
  currency: currencyOf(payment),
  amount: Number(payment.amount),
  status: oneOf(PAYMENT_STATUSES, payment.status),
  providerUrl: payment.providerUrl ?? null,
});

export const paymentJson = (payment: Payment): z.input<typeof PaymentView> => ({
  ...paymentFields(payment),
  order: orderJson(known(payment.order)),
});

export const paymentRecordJson = (payment: Payment): z.input<typeof PaymentRecordView> => ({
  ...paymentFields(payment),
  userId: String(payment.userId),
  failure: failureJson(payment.failure),
  createdAt: requiredInstant(payment.createdAt),
  settledAt: instantOrNull(payment.settledAt),
});

const refundFields = (refund: Refund) => ({
  refundId: String(refund.id),
  orderId: String(refund.orderId),
  currency: currencyOf(refund),
  amount: Number(refund.amount),
  points: Number(refund.points),
  status: oneOf(REFUND_STATUSES, refund.status),
});

export const refundJson = (refund: Refund): z.input<typeof RefundView> => ({
  ...refundFields(refund),
  order: orderJson(known(refund.order)),
});

export const refundRecordJson = (refund: Refund): z.input<typeof RefundRecordView> => ({
  ...refundFields(refund),
  paymentId: String(refund.paymentId),
  reason: refund.reason,
  items: refund.lines.map(({ line, quantity, amount, points }) => ({
    line,
    quantity,
    amount: Number(amount),
    points: Number(points),
  })),
  createdAt: requiredInstant(refund.createdAt),
});

function known(order: Order | undefined): Order {
  if (order === undefined) throw new Error('the order context returned no order');
  return order;
}
