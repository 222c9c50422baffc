import type { Clerk, Manager } from '../../../store/api.ts';
import { RESERVATION_ORIGINS } from '../enumerations.ts';
import type { CartLine } from './discount.ts';
import { qualifiedId } from './reservation-id.ts';

/** A command that changes a coupon after its issue. Reservation ids are those of `qualifiedId`. */
export type LifecycleCommand = UserCommand | CounterCommand | AdminCommand | TimeCommand | PaymentCommand;

export type UserCommand =
  | {
      readonly kind: 'RESERVE';
      readonly reservationId: string;
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string | null;
      readonly orderAmount: bigint;
      /** Of the count of the user's reservations in all shards that allows this one. Absent: they were not counted. */
      readonly countToken?: bigint | undefined;
      /** Absent: only the amount of the order is known, so a coupon of a store is refused. */
      readonly lines?: readonly CartLine[];
    }
  | { readonly kind: 'RELEASE'; readonly reservationId: string }
  | { readonly kind: 'EXTEND'; readonly reservationId: string }
  | { readonly kind: 'CONFIRM'; readonly reservationId: string }
  | {
      readonly kind: 'USE';
      readonly couponId: bigint;
      readonly userId: bigint;
      readonly orderId: string | null;
      /** Null: unknown. */
      readonly orderAmount: bigint | null;
      /** As of RESERVE. */
      readonly lines?: readonly CartLine[];
    };

/** The use of a coupon that its owner shows at the counter. */
export interface CounterCommand {
  readonly kind: 'USE_AT_COUNTER';
  readonly couponId: bigint;
  readonly clerk: Clerk;
  /** Of goods of the coupon's store; null: unknown. */
  readonly orderAmount: bigint | null;
}

export type AdminCommand =
  | {
      readonly kind: 'CANCEL';
      readonly couponId: bigint;
      readonly manager: Manager;
      readonly note: string;
      readonly returnStock: boolean;
      readonly orderCancelled: boolean;
    }
  /** `unpaid`: the order was never paid, so the coupon is restored whatever its policy says about refunds. */
  | { readonly kind: 'RESTORE'; readonly couponId: bigint; readonly orderId: string; readonly unpaid: boolean };

/** Commands of the scheduled tasks. Harmless when early, late or repeated. */
export type TimeCommand =
  | { readonly kind: 'TIME_OUT'; readonly reservationId: string }
  | { readonly kind: 'EXPIRE'; readonly couponId: bigint };

/** A payment event; each event id has its effect once. */
export interface PaymentCommand {
  readonly kind: 'PAYMENT_COMPLETED' | 'PAYMENT_FAILED';
  readonly eventId: string;
  readonly orderId: string;
  readonly userId: bigint;
  /** The caller's id, of whichever origin; null: the payment names none. */
  readonly callerReservationId: string | null;
  readonly couponId: bigint | null;
}

/** The reservations that a payment may mean. */
export const reservationIdsOf = ({ callerReservationId, userId }: PaymentCommand): readonly string[] =>
  callerReservationId === null
    ? []
    : RESERVATION_ORIGINS.map((origin) => qualifiedId(origin, userId, callerReservationId));
