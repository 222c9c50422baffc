import type { Order, Payment, Refund } from './order.ts';

/**
 * The call that an order or a refund waits for. Ids are made from the order's, so that the call may be repeated: its reservation,
 * its points, and apart from those the points that pay.
 */
export type NextAction =
  | {
      readonly kind: 'RESERVE_COUPON';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
      readonly orderAmount: bigint;
    }
  | { readonly kind: 'HOLD_POINTS'; readonly userId: bigint; readonly orderId: string; readonly amount: bigint }
  /** Spend them, under a name that is the payment's alone: what is refused is barred for good. */
  | {
      readonly kind: 'PAY_POINTS';
      readonly paymentId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'ASK_PROVIDER';
      readonly paymentId: bigint;
      readonly orderId: bigint;
      readonly userId: bigint;
      readonly amount: bigint;
    }
  | { readonly kind: 'CONFIRM_COUPON'; readonly reservationId: string }
  | { readonly kind: 'CAPTURE_POINTS' | 'RELEASE_POINTS'; readonly userId: bigint; readonly orderId: string }
  | {
      readonly kind: 'RELEASE_COUPON';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string;
    };

export type NextRefundAction =
  | {
      readonly kind: 'REFUND_MONEY';
      readonly refundId: bigint;
      readonly paymentId: bigint;
      readonly providerRef: string | null;
      readonly amount: bigint;
    }
  /** Points that paid, and points that were used beside the payment, differ only in the order that they were taken for. */
  | {
      readonly kind: 'REFUND_POINTS';
      /** What is done then. */
      readonly step: 'MONEY' | 'POINTS';
      readonly userId: bigint;
      readonly orderId: string;
      readonly refundId: string;
      readonly amount: bigint;
    }
  | { readonly kind: 'RESTORE_COUPON'; readonly couponId: bigint; readonly orderId: string };

export const reservationIdOf = ({ id }: Pick<Order, 'id'>): string => `order:${id}`;

/** Under which order's name points are held that pay, apart from those that are used beside the payment. */
export const payingIdOf = ({ id, orderId }: Pick<Payment, 'id' | 'orderId'>): string => `${orderId}:pay:${id}`;

/** Null: nothing, or to wait. `payments`: at least the one that the state names. */
export function nextAction(order: Order, payments: readonly Payment[]): NextAction | null {
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
      };
    case 'HOLD_POINTS':
      return { kind: 'HOLD_POINTS', userId, orderId, amount };
    case 'TAKE_MONEY':
      return takeMoney(paymentOf(payments, state.paymentId));
    case 'CONFIRM_COUPON':
      return { kind: 'CONFIRM_COUPON', reservationId };
    case 'CAPTURE_POINTS':
    case 'RELEASE_POINTS':
      return { kind: state.step, userId, orderId };
    case 'RELEASE_COUPON':
      return { kind: 'RELEASE_COUPON', reservationId, couponId: couponOf(order), userId, orderId };
  }
}

function takeMoney(payment: Payment): NextAction {
  const { id: paymentId, orderId, userId, method, amount } = payment;
  if (method === 'POINTS') return { kind: 'PAY_POINTS', paymentId, userId, orderId: payingIdOf(payment), amount };
  return { kind: 'ASK_PROVIDER', paymentId, orderId, userId, amount };
}

/** Null: the refund is done. `payment`: the one that it gives back from. */
export function nextRefundAction(refund: Refund, order: Order, payment: Payment): NextRefundAction | null {
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
      const paidAs = payingIdOf(payment);
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
  if (!payment) throw new Error(`payment ${paymentId} was not given`);
  return payment;
}
