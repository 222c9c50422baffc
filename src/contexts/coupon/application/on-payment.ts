import type { Delivery, Handler } from '../../../platform/events/bus.ts';
import type { PaymentCommand } from '../domain/life-command.ts';
import type { CouponLife } from './coupon-life.ts';

const KINDS: Readonly<Record<string, PaymentCommand['kind']>> = {
  'payment.completed.v1': 'PAYMENT_COMPLETED',
  'payment.failed.v1': 'PAYMENT_FAILED',
};

export const PAYMENT_TOPICS = Object.keys(KINDS);

/**
 * Payments confirm what was reserved for their orders, or free it. Each event is a command, and its id is claimed by the
 * transaction of its effect. Submitted together and in order, so that a batch is one group or two. Throws on an event that
 * cannot be read before any of its batch is submitted.
 */
export const onPayment =
  (life: CouponLife): Handler =>
  async (batch) => {
    const commands = batch.map(paymentCommand);
    await Promise.all(commands.map((command) => life.submitBulk(command)));
  };

function paymentCommand({ topic, event }: Delivery): PaymentCommand {
  const kind = KINDS[topic];
  if (!kind) throw new Error(`${topic} is no payment`);
  const { eventId, data } = event;
  const couponId = optional(data, 'couponId');
  return {
    kind,
    eventId,
    orderId: required(data, 'orderId'),
    userId: BigInt(required(data, 'userId')),
    reservationId: optional(data, 'reservationId'),
    couponId: couponId === null ? null : BigInt(couponId),
  };
}

function required(data: Readonly<Record<string, unknown>>, name: string): string {
  const value = optional(data, name);
  if (value === null) throw new Error(`a payment event without ${name}`);
  return value;
}

/** Ids are decimal strings; producers that write small ones as numbers are understood too. */
function optional(data: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = data[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw new Error(`a payment event whose ${name} is neither text nor an id`);
}
