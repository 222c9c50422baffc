import type { Delivery, Handler } from '../../../../platform/events/bus.ts';
import type { PaymentEvents } from '../../../payment/api.ts';
import type { PaymentCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { CouponLifecycle } from './coupon-lifecycle.ts';

/** Only a completed payment may contain a coupon id. */
type Payment = PaymentEvents['payment.completed.v1'] | (PaymentEvents['payment.failed.v1'] & { couponId?: undefined });

const KINDS: Readonly<Record<keyof PaymentEvents, PaymentCommand['kind']>> = {
  'payment.completed.v1': 'PAYMENT_COMPLETED',
  'payment.failed.v1': 'PAYMENT_FAILED',
};
const isPayment = (topic: string): topic is keyof PaymentEvents => Object.hasOwn(KINDS, topic);

export const PAYMENT_TOPICS = Object.keys(KINDS);

/**
 * Payment events confirm or release the reservations of their orders. Each event is a command; its id is claimed in the
 * transaction of its effect. The commands are submitted together and in order, so that a batch of events becomes one or
 * two batches of commands. Throws on an unreadable event before any command of the batch is submitted.
 */
export const onPayment =
  (lifecycle: CouponLifecycle): Handler =>
  async (batch) => {
    const commands = batch.map(paymentCommand);
    await Promise.all(commands.map((command) => lifecycle.submitBulk(command)));
  };

function paymentCommand({ topic, event }: Delivery): PaymentCommand {
  if (!isPayment(topic)) throw new Error(`${topic} is not a payment topic`);
  const { orderId, userId, reservationId, couponId } = event.data as Payment;
  return {
    kind: KINDS[topic],
    eventId: event.eventId,
    orderId,
    userId: BigInt(userId),
    callerReservationId: reservationId ?? null,
    couponId: couponId === undefined || couponId === null ? null : BigInt(couponId),
  };
}
