import type { Order, OrderLine, Payment, Refund } from './order.ts';
import { costOf } from './placement/price.ts';

/**
 * The call that an order needs next. Its ids are derived from the order's, so that the call is idempotent: one for the reservation, one
 * for the points that are used, and one for each payment with points. Kinds of calls are not stored: an order stores its step, and the
 * step TAKE_MONEY is one of two calls.
 */
export type StepCall =
  | {
      readonly kind: 'RESERVE_COUPON';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
      readonly orderAmount: bigint;
      readonly lines: readonly {
        readonly storeId: bigint | undefined;
        readonly productId: bigint;
        readonly amount: bigint;
      }[];
    }
  | { readonly kind: 'HOLD_POINTS'; readonly userId: bigint; readonly orderId: string; readonly amount: bigint }
  /** Spends points under an id of the payment's own, because a refusal bars that id forever. */
  | {
      readonly kind: 'SPEND_POINTS';
      readonly paymentId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'REQUEST_PAYMENT';
      readonly paymentId: bigint;
      readonly orderId: bigint;
      readonly userId: bigint;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'CONFIRM_COUPON';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
    }
  | { readonly kind: 'CAPTURE_POINTS' | 'RELEASE_POINTS'; readonly userId: bigint; readonly orderId: string }
  | {
      readonly kind: 'RELEASE_COUPON';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
    };

export type RefundStepCall =
  | {
      readonly kind: 'REFUND_MONEY';
      readonly refundId: bigint;
      readonly paymentId: bigint;
      readonly providerRef: string | null;
      readonly amount: bigint;
    }
  /** Points that paid, and points that were used in addition to the payment, differ only in the order id that took them. */
  | {
      readonly kind: 'REFUND_POINTS';
      /** The step of the refund that the call completes. */
      readonly step: 'MONEY' | 'POINTS';
      readonly userId: bigint;
      readonly orderId: string;
      readonly refundId: string;
      readonly amount: bigint;
    }
  | { readonly kind: 'RESTORE_COUPON'; readonly couponId: bigint; readonly orderId: string };

export const reservationIdOf = ({ id }: Pick<Order, 'id'>): string => `order:${id}`;

/** The order id under which the ledger spends the points of a payment, apart from those that the order holds. */
export const pointPaymentIdOf = ({ id, orderId }: Pick<Payment, 'id' | 'orderId'>): string => `${orderId}:pay:${id}`;

/** Returns null when the order is at rest. `payments` includes at least the one that the state names. */
export function nextStep(order: Order, payments: readonly Payment[]): StepCall | null {
  const { state, userId, pointsUsed: amount } = order;
  const orderId = String(order.id);
  const reservationId = reservationIdOf(order);
  switch (state.step) {
    case null:
      return null;
    case 'RESERVE_COUPON':
      return {
        kind: 'RESERVE_COUPON',
        reservationId,
        couponId: couponOf(order),
        userId,
        orderId,
        orderAmount: order.subtotal,
        lines: order.lines.map(cartLineOf),
      };
    case 'HOLD_POINTS':
      return { kind: 'HOLD_POINTS', userId, orderId, amount };
    case 'TAKE_MONEY':
      return takeMoney(paymentOf(payments, state.paymentId));
    case 'CONFIRM_COUPON':
      return { kind: 'CONFIRM_COUPON', reservationId, couponId: couponOf(order), userId };
    case 'CAPTURE_POINTS':
    case 'RELEASE_POINTS':
      return { kind: state.step, userId, orderId };
    case 'RELEASE_COUPON':
      return { kind: 'RELEASE_COUPON', reservationId, couponId: couponOf(order), userId, orderId };
  }
}

const cartLineOf = (line: OrderLine) => ({
  storeId: line.storeId ?? undefined,
  productId: line.productId,
  amount: costOf(line),
});

function takeMoney(payment: Payment): StepCall {
  const { id: paymentId, orderId, userId, method, amount } = payment;
  if (method === 'POINTS')
    return { kind: 'SPEND_POINTS', paymentId, userId, orderId: pointPaymentIdOf(payment), amount };
  return { kind: 'REQUEST_PAYMENT', paymentId, orderId, userId, amount };
}

/** Returns null when the refund is done. `payment` is the refunded one. */
export function nextRefundStep(refund: Refund, order: Order, payment: Payment): RefundStepCall | null {
  const { userId } = order;
  const orderId = String(order.id);
  const refundId = String(refund.id);
  switch (refund.step) {
    case null:
      return null;
    case 'MONEY': {
      const { id: paymentId, method, providerRef } = payment;
      if (method === 'EXTERNAL') {
        return { kind: 'REFUND_MONEY', refundId: refund.id, paymentId, providerRef, amount: refund.money };
      }
      const paidAs = pointPaymentIdOf(payment);
      return { kind: 'REFUND_POINTS', step: 'MONEY', userId, orderId: paidAs, refundId, amount: refund.money };
    }
    case 'POINTS':
      return { kind: 'REFUND_POINTS', step: 'POINTS', userId, orderId, refundId, amount: refund.points };
    case 'COUPON':
      return { kind: 'RESTORE_COUPON', couponId: couponOf(order), orderId };
  }
}

function couponOf({ id, couponId }: Order): bigint {
  if (couponId === null) throw new Error(`order ${id} has no coupon`);
  return couponId;
}

function paymentOf(payments: readonly Payment[], paymentId: bigint): Payment {
  const payment = payments.find(({ id }) => id === paymentId);
  if (!payment) throw new Error(`payment ${paymentId} was not passed`);
  return payment;
}
