import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import type { PaymentEvents } from '../../../payment/api.ts';
import type { PaymentCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { CouponLifecycle } from './coupon-lifecycle.ts';

type PaymentEvent = DeliveryOf<PaymentEvents>;

const KINDS: Readonly<Record<keyof PaymentEvents, PaymentCommand['kind']>> = {
  'payment.completed.v1': 'PAYMENT_COMPLETED',
  'payment.failed.v1': 'PAYMENT_FAILED',
};
export const PAYMENT_TOPICS = Object.keys(KINDS) as readonly (keyof PaymentEvents)[];

/**
 * Payment events confirm or release the reservations of their orders. Each event is a command; its id is claimed in the
 * transaction of its effect. The commands are submitted together and in order, so that a batch of events becomes one or
 * two batches of commands. Throws on an unreadable event before any command of the batch is submitted.
 */
export const onPayment =
  (lifecycle: CouponLifecycle): Handler<PaymentEvent> =>
  async (batch) => {
    const commands = batch.map(paymentCommand);
    await Promise.all(commands.map((command) => lifecycle.submitBulk(command)));
  };

function paymentCommand({ topic, event }: PaymentEvent): PaymentCommand {
  const { orderId, userId, reservationId } = event.data;
  // Only a completed payment may contain a coupon id.
  const couponId = 'couponId' in event.data ? event.data.couponId : undefined;
  return {
    kind: KINDS[topic],
    eventId: event.eventId,
    orderId,
    userId: BigInt(userId),
    callerReservationId: reservationId ?? null,
    couponId: couponId === undefined || couponId === null ? null : BigInt(couponId),
  };
}
