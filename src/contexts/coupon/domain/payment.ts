import type { Reservation } from './coupon.ts';
import type { PaymentCommand } from './life-command.ts';
import type { LifeOutcome } from './life-decision.ts';
import type { LifeDesk } from './life-desk.ts';
import { IGNORED } from './life-outcome.ts';
import { confirm, release } from './reservation-steps.ts';

/** An order was paid: confirms its reservation, or says that it could not be, so that the payment can be refunded. */
export function paymentCompleted(desk: LifeDesk, command: PaymentCommand): LifeOutcome {
  if (!desk.claim(command.eventId)) return IGNORED;
  const reservation = reservationOf(desk, command);
  const couponId = reservation?.couponId ?? command.couponId;
  // Not ours: an order without a coupon.
  if (couponId === null) return IGNORED;
  const reservationId = reservation?.id ?? command.reservationId;
  const outcome = confirm(desk, reservationId ?? '');
  if (outcome.kind !== 'refused' || reservation?.confirmationFailed) return outcome;
  const { orderId, eventId } = command;
  desk.fail({ couponId, reservationId, orderId, reason: outcome.refusal.code, eventId }, reservation);
  return outcome;
}

/** A payment failed: frees what was reserved for it. Nothing else is touched, also not what was paid meanwhile. */
export function paymentFailed(desk: LifeDesk, command: PaymentCommand): LifeOutcome {
  if (!desk.claim(command.eventId)) return IGNORED;
  const reservation = reservationOf(desk, command);
  return reservation?.status === 'PENDING' ? release(desk, reservation.id, null, 'PAYMENT_FAILED') : IGNORED;
}

/** By its id, else by the order: the one that holds, else the one that ended last. */
function reservationOf(desk: LifeDesk, { reservationId, userId, orderId }: PaymentCommand): Reservation | undefined {
  if (reservationId !== null) return desk.reserved(reservationId)?.reservation;
  const ofOrder = desk.ofOrder(userId, orderId).filter(({ id }) => desk.reserved(id) !== undefined);
  return ofOrder.sort((a, b) => rank(b) - rank(a) || b.reservedAtMs - a.reservedAtMs || (a.id < b.id ? 1 : -1))[0];
}

const RANKS = { PENDING: 3, CONFIRMED: 3, EXPIRED: 2, CANCELLED: 1 } as const;
const rank = ({ status }: Reservation): number => RANKS[status];
