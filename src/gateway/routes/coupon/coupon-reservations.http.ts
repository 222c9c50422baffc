import { z } from 'zod';
import type { CouponService, Reserved } from '../../../contexts/coupon/api.ts';
import { isOperator } from '../../../platform/kernel/operator.ts';
import { type Principal, subjectOf } from '../../auth/principal.ts';
import type { KeyedCall } from '../../idempotency/keyed-call.ts';
import { type Route, route } from '../../server/route.ts';
import { EmptyBody, PathUserId } from '../../server/schemas.ts';
import {
  APPLY_RESPONSE_EXAMPLE,
  ApplyView,
  applyJson,
  OneReservation,
  RESERVATION_EXAMPLE,
  RESERVE_EXAMPLE,
  RESERVE_RESPONSE_EXAMPLE,
  ReservationView,
  ReserveBody,
  ReserveView,
  reservedJson,
  reserveJson,
  USE_REFUSALS,
} from './coupon-use.schemas.ts';

const BASES = ['/api/v1/coupons', '/api/coupons'];
const at = (tail: string): string[] => BASES.map((base) => `${base}/${tail}`);

const RESERVE_REFUSALS = [...USE_REFUSALS, 'RESERVATION_EXPIRED'] as const;

/** Reservations of customers and of machines have ids apart. */
const originOf = (principal: Principal): 'SERVICE' | 'CUSTOMER' =>
  isOperator(principal.role) ? 'SERVICE' : 'CUSTOMER';

const UserOfReservation = z.strictObject({
  userId: PathUserId.optional().meta({
    description:
      'Its user. A machine or administrator that names one also finds what that customer reserved; without one, only what machines ' +
      'reserved.',
  }),
});

/** The user of a reservation that a request names: the caller, or the one that a machine names. Refused: FORBIDDEN. */
const namedUser = (principal: Principal, userId: bigint | undefined) => ({
  origin: originOf(principal),
  userId: userId === undefined && isOperator(principal.role) ? undefined : subjectOf(principal, userId),
});

/** Reserving a coupon for an order, and confirming or releasing the reservation. */
export function couponReservationsRoutes({ coupon }: { readonly coupon: CouponService }): readonly Route[] {
  async function reserve(principal: Principal, call: KeyedCall, body: z.output<typeof ReserveBody>): Promise<Reserved> {
    const userId = subjectOf(principal, body.userId);
    return call.valueFrom(
      await coupon.reserveCoupon({ ...body, userId, origin: originOf(principal), commandKey: call.takeCommandKey() }),
    );
  }

  return [
    route({
      id: 'reserveCoupon',
      tag: 'coupons',
      method: 'POST',
      paths: at('reserve'),
      summary: 'Reserve a coupon for an order',
      description:
        'Fixes the discount. A repeat of the request returns the current reservation. The id is one of the user: others may have the ' +
        'same, and so may what a machine reserves for the user. The coupon of a store discounts the lines of that store only, so it needs ' +
        '`lines`; a coupon that would discount nothing is refused with COUPON_NOT_APPLICABLE.',
      access: 'ANY_TOKEN',
      scope: 'coupons:use',
      status: 200,
      response: { schema: ReserveView, example: RESERVE_RESPONSE_EXAMPLE },
      bodyExample: RESERVE_EXAMPLE,
      refusals: RESERVE_REFUSALS,
      idempotent: true,
      body: ReserveBody,
      async handle({ principal, call, body }) {
        return reserveJson(await reserve(principal, call, body));
      },
    }),
    route({
      id: 'applyCoupon',
      tag: 'coupons',
      method: 'POST',
      paths: at('apply'),
      summary: 'Reserve a coupon and get its discount',
      access: 'ANY_TOKEN',
      scope: 'coupons:use',
      status: 200,
      response: { schema: ApplyView, example: APPLY_RESPONSE_EXAMPLE },
      bodyExample: RESERVE_EXAMPLE,
      refusals: RESERVE_REFUSALS,
      idempotent: true,
      body: ReserveBody,
      async handle({ principal, call, body }) {
        return applyJson(await reserve(principal, call, body));
      },
    }),
    route({
      id: 'releaseReservation',
      tag: 'coupons',
      method: 'DELETE',
      paths: at('apply/:reservationId'),
      summary: 'Release a reservation',
      description: 'The coupon can be used again. A repeat gets the same response.',
      access: 'ANY_TOKEN',
      scope: 'coupons:use',
      status: 204,
      bypassesShedding: true,
      refusals: ['FORBIDDEN', 'RESERVATION_NOT_FOUND', 'RESERVATION_CONFLICT', 'COUPON_ALREADY_USED'],
      idempotent: true,
      params: OneReservation,
      query: UserOfReservation,
      async handle({ principal, call, params: { reservationId }, query }): Promise<void> {
        const named = { reservationId, ...namedUser(principal, query.userId), commandKey: call.takeCommandKey() };
        call.valueFrom(await coupon.releaseReservation(named));
      },
    }),
    route({
      id: 'confirmReservation',
      tag: 'coupons',
      method: 'POST',
      paths: at('reservations/:reservationId/confirm'),
      summary: 'Confirm a reservation',
      description: 'The order is paid. Payment events do this automatically.',
      access: ['ADMIN'],
      scope: 'coupons:use',
      status: 200,
      bypassesShedding: true,
      response: { schema: ReservationView, example: RESERVATION_EXAMPLE },
      bodyExample: {},
      refusals: ['RESERVATION_CONFLICT', 'RESERVATION_EXPIRED'],
      idempotent: true,
      params: OneReservation,
      body: EmptyBody,
      query: UserOfReservation,
      async handle({ principal, call, params: { reservationId }, query }) {
        const named = { reservationId, ...namedUser(principal, query.userId), commandKey: call.takeCommandKey() };
        return reservedJson(call.valueFrom(await coupon.confirmReservation(named)));
      },
    }),
    route({
      id: 'extendReservation',
      tag: 'coupons',
      method: 'POST',
      paths: at('reservations/:reservationId/extend'),
      summary: 'Extend a reservation',
      description: 'It lasts for its full time from now.',
      access: ['ADMIN'],
      scope: 'coupons:use',
      status: 200,
      bypassesShedding: true,
      response: { schema: ReservationView, example: { ...RESERVATION_EXAMPLE, status: 'PENDING' } },
      bodyExample: {},
      refusals: ['RESERVATION_NOT_FOUND', 'RESERVATION_EXPIRED', 'RESERVATION_CONFLICT'],
      idempotent: true,
      params: OneReservation,
      body: EmptyBody,
      query: UserOfReservation,
      async handle({ principal, call, params: { reservationId }, query }) {
        const named = { reservationId, ...namedUser(principal, query.userId), commandKey: call.takeCommandKey() };
        return reservedJson(call.valueFrom(await coupon.extendReservation(named)));
      },
    }),
  ];
}
