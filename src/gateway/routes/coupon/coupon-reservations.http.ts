import { Body, Controller, Delete, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CouponService, Reserved } from '../../../contexts/coupon/api.ts';
import { actsForAnybody, type Principal, subjectOf } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { EmptyBody } from '../../server/schemas.ts';
import { COUPON_API } from '../../server/tokens.ts';
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
  reservationJson,
  reserveJson,
} from './coupon-use.schemas.ts';

const BASES = ['api/v1/coupons', 'api/coupons'];
const at = (tail: string): string[] => BASES.map((base) => `${base}/${tail}`);

const RESERVE_REFUSALS = [
  'FORBIDDEN',
  'COUPON_NOT_FOUND',
  'COUPON_EXPIRED',
  'COUPON_ALREADY_USED',
  'COUPON_NOT_AVAILABLE',
  'COUPON_NOT_STACKABLE',
  'MINIMUM_ORDER_NOT_MET',
  'RESERVATION_CONFLICT',
  'RESERVATION_EXPIRED',
];

/** Reserving a coupon for an order, and confirming or releasing the reservation. */
@ApiTags('coupons')
@Controller()
export class CouponReservationsController {
  readonly #coupon: CouponService;

  constructor(@Inject(COUPON_API) coupon: CouponService) {
    this.#coupon = coupon;
  }

  @Post(at('reserve'))
  @Operation({
    summary: 'Reserve a coupon for an order',
    description: 'Freezes the discount. A repeat of the request returns the current reservation.',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: ReserveView, example: RESERVE_RESPONSE_EXAMPLE },
    bodyExample: RESERVE_EXAMPLE,
    refusals: RESERVE_REFUSALS,
    idempotent: true,
  })
  async reserve(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: ReserveBody }) body: z.output<typeof ReserveBody>,
  ) {
    return reserveJson(await this.#reserve(principal, call, body));
  }

  @Post(at('apply'))
  @Operation({
    summary: 'Reserve a coupon and get its discount',
    access: 'ANY_TOKEN',
    status: 200,
    response: { schema: ApplyView, example: APPLY_RESPONSE_EXAMPLE },
    bodyExample: RESERVE_EXAMPLE,
    refusals: RESERVE_REFUSALS,
    idempotent: true,
  })
  async apply(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: ReserveBody }) body: z.output<typeof ReserveBody>,
  ) {
    return applyJson(await this.#reserve(principal, call, body));
  }

  async #reserve(principal: Principal, call: KeyedCall, body: z.output<typeof ReserveBody>): Promise<Reserved> {
    const userId = subjectOf(principal, body.userId);
    return call.valueFrom(await this.#coupon.reserveCoupon({ ...body, userId, commandKey: call.commandKey }));
  }

  @Delete(at('apply/:reservationId'))
  @Operation({
    summary: 'Release a reservation',
    description: 'The coupon can be used again. A repeat gets the same response.',
    access: 'ANY_TOKEN',
    status: 204,
    bypassesShedding: true,
    refusals: ['RESERVATION_NOT_FOUND', 'COUPON_ALREADY_USED'],
    idempotent: true,
  })
  async release(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OneReservation }) { reservationId }: z.output<typeof OneReservation>,
  ): Promise<void> {
    const userId = actsForAnybody(principal) ? undefined : principal.userId;
    const { commandKey } = call;
    call.valueFrom(await this.#coupon.releaseReservation({ reservationId, userId, commandKey }));
  }

  @Post(at('reservations/:reservationId/confirm'))
  @Operation({
    summary: 'Confirm a reservation',
    description: 'The order is paid. Payment events do this automatically.',
    access: ['SERVICE', 'ADMIN'],
    status: 200,
    bypassesShedding: true,
    response: { schema: ReservationView, example: RESERVATION_EXAMPLE },
    bodyExample: {},
    refusals: ['RESERVATION_CONFLICT', 'RESERVATION_EXPIRED'],
    idempotent: true,
  })
  async confirm(
    @Keyed() call: KeyedCall,
    @Param({ schema: OneReservation }) { reservationId }: z.output<typeof OneReservation>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ) {
    const { commandKey } = call;
    return reservationJson(call.valueFrom(await this.#coupon.confirmReservation({ reservationId, commandKey })));
  }

  @Post(at('reservations/:reservationId/extend'))
  @Operation({
    summary: 'Extend a reservation',
    description: 'It lasts for its full time from now.',
    access: ['SERVICE', 'ADMIN'],
    status: 200,
    bypassesShedding: true,
    response: { schema: ReservationView, example: { ...RESERVATION_EXAMPLE, status: 'PENDING' } },
    bodyExample: {},
    refusals: ['RESERVATION_NOT_FOUND', 'RESERVATION_EXPIRED', 'RESERVATION_CONFLICT'],
    idempotent: true,
  })
  async extend(
    @Keyed() call: KeyedCall,
    @Param({ schema: OneReservation }) { reservationId }: z.output<typeof OneReservation>,
    @Body({ schema: EmptyBody }) _body: unknown,
  ) {
    const { commandKey } = call;
    return reservationJson(call.valueFrom(await this.#coupon.extendReservation({ reservationId, commandKey })));
  }
}
