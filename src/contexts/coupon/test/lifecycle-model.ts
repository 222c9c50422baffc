import type { LifecycleCommand } from '../domain/lifecycle/lifecycle-command.ts';

/** The coupon and the reservation of the model; the test compares the tables with them. */
export interface ModelCoupon {
  readonly id: bigint;
  readonly user: bigint;
  readonly policy: bigint;
  readonly percent: bigint | undefined;
  readonly amount: bigint;
  readonly least: bigint;
  readonly cap: bigint | undefined;
  readonly restores: boolean;
  readonly endsAt: number;
  status: string;
  by: string | null;
  order: string | null;
  took: bigint | null;
  returned: boolean;
}
export interface ModelReservation {
  readonly coupon: ModelCoupon;
  readonly order: string | null;
  readonly total: bigint;
  readonly discount: bigint;
  status: string;
  since: number;
  endsAt: number;
  failureReported: boolean;
}

const least = (first: bigint, ...others: bigint[]): bigint =>
  others.reduce((lowest, amount) => {
    if (amount < lowest) return amount;
    return lowest;
  }, first);

const discountOf = ({ percent, amount, cap }: ModelCoupon, total: bigint): bigint =>
  percent === undefined ? least(amount, total) : least((total * percent) / 100n, cap ?? total, total);

/**
 * A second implementation of the rules: one command at a time, without batches, locks or versions. Returns 'ok',
 * 'ignored' or the refusal's code.
 */
export function lifecycleModel(coupons: Map<bigint, ModelCoupon>, holdMs: number, holdsMax: number) {
  const reservations = new Map<string, ModelReservation>();
  const handled = new Set<string>();
  const failures: string[] = [];

  const all = () => [...reservations.values()];
  const free = (reservation: ModelReservation, status: string): string => {
    reservation.status = status;
    Object.assign(reservation.coupon, { status: 'ISSUED', by: null, order: null });
    return 'ok';
  };
  const overdue = (reservation: ModelReservation, now: number) =>
    reservation.status === 'PENDING' && now >= reservation.endsAt;
  /** Returns whether the order has a coupon. Overdue reservations are ended first. */
  function taken(user: bigint, order: string | null, now: number): boolean {
    if (order === null) return false;
    if (
      [...coupons.values()].some(
        (each) => each.user === user && each.status === 'USED' && each.order === order && each.by === null,
      )
    )
      return true;
    const on = all().filter(({ coupon, order: its }) => coupon.user === user && its === order);
    for (const each of on) if (overdue(each, now)) free(each, 'EXPIRED');
    return on.some(({ status }) => status === 'PENDING' || status === 'CONFIRMED');
  }
  function use(id: string, reservation: ModelReservation): string {
    reservation.status = 'CONFIRMED';
    const { coupon, order, discount } = reservation;
    Object.assign(coupon, { status: 'USED', by: id, order, took: discount });
    return 'ok';
  }

  /** The discount of a use without a reservation, or the code of the refusal. */
  function discountOfUse(coupon: ModelCoupon, status: string, orderAmount: bigint | null): bigint | string {
    if (status === 'RESERVED') return 'RESERVATION_CONFLICT';
    if (status !== 'ISSUED') return status === 'EXPIRED' ? 'COUPON_EXPIRED' : 'COUPON_NOT_AVAILABLE';
    if ((orderAmount ?? 0n) < coupon.least) return 'MINIMUM_ORDER_NOT_MET';
    const unknown = coupon.percent === undefined ? coupon.amount : 0n;
    const took = orderAmount === null ? unknown : discountOf(coupon, orderAmount);
    return took === 0n ? 'COUPON_NOT_APPLICABLE' : took;
  }

  function reserve(command: Extract<LifecycleCommand, { kind: 'RESERVE' }>, now: number): string {
    const { reservationId: id, orderId: order, orderAmount: total } = command;
    const coupon = coupons.get(command.couponId);
    const existing = reservations.get(id);
    if (existing) {
      const same = existing.coupon === coupon && coupon.user === command.userId && existing.order === order;
      if (!same || existing.total !== total || existing.status === 'CANCELLED') return 'RESERVATION_CONFLICT';
      return existing.status === 'EXPIRED' || overdue(existing, now) ? 'RESERVATION_EXPIRED' : 'ok';
    }
    if (coupon?.user !== command.userId) return 'COUPON_NOT_FOUND';
    const holder = reservations.get(coupon.by ?? '');
    if (holder && overdue(holder, now)) free(holder, 'EXPIRED');
    if (coupon.status === 'RESERVED') return 'RESERVATION_CONFLICT';
    if (coupon.status === 'USED') return 'COUPON_ALREADY_USED';
    if (coupon.status === 'CANCELLED') return 'COUPON_NOT_AVAILABLE';
    if (coupon.status === 'EXPIRED' || now >= coupon.endsAt) return 'COUPON_EXPIRED';
    if (total < coupon.least) return 'MINIMUM_ORDER_NOT_MET';
    const discount = discountOf(coupon, total);
    if (discount === 0n) return 'COUPON_NOT_APPLICABLE';
    if (taken(coupon.user, order, now)) return 'COUPON_NOT_STACKABLE';
    const holds = all().filter((each) => each.coupon.user === coupon.user && each.status === 'PENDING');
    if (holds.filter((each) => !overdue(each, now)).length >= holdsMax) return 'RESERVATION_CONFLICT';
    const times = { since: now, endsAt: now + holdMs };
    reservations.set(id, { coupon, order, total, discount, status: 'PENDING', ...times, failureReported: false });
    Object.assign(coupon, { status: 'RESERVED', by: id, order });
    return 'ok';
  }

  function confirm(id: string, now: number): string {
    const reservation = reservations.get(id);
    if (!reservation || reservation.status === 'CANCELLED') return 'RESERVATION_CONFLICT';
    const { coupon, order, status } = reservation;
    if (status === 'CONFIRMED') return 'ok';
    if (status === 'EXPIRED') {
      if (coupon.status !== 'ISSUED' || now >= coupon.endsAt || taken(coupon.user, order, now)) {
        return 'RESERVATION_EXPIRED';
      }
      Object.assign(reservation, { since: now, endsAt: now + holdMs });
    }
    return use(id, reservation);
  }

  /** The reservation of an order: an active one, else the last that timed out, else the last released. */
  function idOf(user: bigint, orderId: string): string {
    const on = [...reservations].filter(([, { coupon, order }]) => coupon.user === user && order === orderId);
    const last = (...states: string[]) =>
      on
        .filter(([, { status }]) => states.includes(status))
        .sort(([a, { since: x }], [b, { since: y }]) => x - y || (a < b ? -1 : 1))
        .at(-1);
    return (last('PENDING', 'CONFIRMED') ?? last('EXPIRED') ?? last('CANCELLED'))?.[0] ?? '';
  }

  function pay(command: Extract<LifecycleCommand, { eventId: string }>, now: number): string {
    const { kind, eventId, orderId } = command;
    if (handled.has(eventId)) return 'ignored';
    handled.add(eventId);
    const named = ['CHECKOUT', 'SERVICE', 'CUSTOMER']
      .map((origin) => `${origin}:${command.userId}:${command.callerReservationId}`)
      .filter((each) => command.callerReservationId !== null && reservations.has(each));
    const ofOrder = named.find((each) => reservations.get(each)?.order === orderId);
    const id = command.callerReservationId === null ? idOf(command.userId, orderId) : (ofOrder ?? named[0] ?? '');
    const reservation = reservations.get(id);
    if (kind === 'PAYMENT_FAILED')
      return reservation?.status === 'PENDING' ? free(reservation, 'CANCELLED') : 'ignored';
    if (!reservation && command.couponId === null) return 'ignored';
    const result = confirm(id, now);
    if (result === 'ok' || reservation?.failureReported) return result;
    if (reservation) reservation.failureReported = true;
    const callerId = id.replace(/^[A-Z]+:\d+:/, '');
    failures.push(`${reservation ? callerId : (command.callerReservationId ?? '')} ${orderId} ${result}`);
    return result;
  }

  function execute(command: LifecycleCommand, now: number): string {
    const coupon = coupons.get('couponId' in command ? (command.couponId ?? 0n) : 0n);
    const reservation = reservations.get('reservationId' in command ? command.reservationId : '');
    switch (command.kind) {
      case 'RESERVE':
        return reserve(command, now);
      case 'CONFIRM':
        return confirm(command.reservationId, now);
      case 'PAYMENT_COMPLETED':
      case 'PAYMENT_FAILED':
        return pay(command, now);
      case 'RELEASE':
        if (!reservation) return 'RESERVATION_NOT_FOUND';
        if (reservation.status === 'CONFIRMED') return 'COUPON_ALREADY_USED';
        if (reservation.status === 'PENDING') return free(reservation, 'CANCELLED');
        reservation.status = 'CANCELLED';
        return 'ok';
      case 'EXTEND':
        if (!reservation) return 'RESERVATION_NOT_FOUND';
        if (reservation.status === 'EXPIRED' || overdue(reservation, now)) return 'RESERVATION_EXPIRED';
        if (reservation.status !== 'PENDING') return 'RESERVATION_CONFLICT';
        reservation.endsAt = now + holdMs;
        return 'ok';
      case 'TIME_OUT':
        if (!reservation) return 'ignored';
        return overdue(reservation, now) ? free(reservation, 'EXPIRED') : 'ok';
      default:
    }
    if (!coupon && command.kind === 'USE_AT_COUNTER') return 'COUPON_CODE_NOT_FOUND';
    if (!coupon) return command.kind === 'EXPIRE' ? 'ignored' : 'COUPON_NOT_FOUND';
    const status = coupon.status === 'ISSUED' && now >= coupon.endsAt ? 'EXPIRED' : coupon.status;
    switch (command.kind) {
      case 'EXPIRE':
        coupon.status = status;
        return 'ok';
      case 'USE': {
        if (coupon.user !== command.userId) return 'COUPON_NOT_FOUND';
        if (status === 'USED') {
          const again = command.orderId === null ? coupon.by === null : true;
          return coupon.order === command.orderId && again ? 'ok' : 'COUPON_ALREADY_USED';
        }
        const took = discountOfUse(coupon, status, command.orderAmount);
        if (typeof took === 'string') return took;
        if (taken(coupon.user, command.orderId, now)) return 'COUPON_NOT_STACKABLE';
        Object.assign(coupon, { status: 'USED', order: command.orderId, took });
        return 'ok';
      }
      case 'USE_AT_COUNTER': {
        if (command.clerk.role !== 'ADMIN') return 'FORBIDDEN';
        if (status === 'USED') return 'COUPON_ALREADY_USED';
        const took = discountOfUse(coupon, status, command.orderAmount);
        if (typeof took === 'string') return took;
        Object.assign(coupon, { status: 'USED', order: null, took });
        return 'ok';
      }
      case 'RESTORE': {
        if (status !== 'USED') return 'ok';
        if (coupon.order !== command.orderId) return 'RESERVATION_CONFLICT';
        if (!command.unpaid && (!coupon.restores || now >= coupon.endsAt)) return 'ok';
        const ended = reservations.get(coupon.by ?? '');
        if (ended) ended.status = 'CANCELLED';
        const free = now >= coupon.endsAt ? 'EXPIRED' : 'ISSUED';
        Object.assign(coupon, { status: free, by: null, order: null, took: null });
        return 'ok';
      }
      default: {
        if (command.manager.role !== 'ADMIN') return 'FORBIDDEN';
        if (status === 'USED') return 'COUPON_ALREADY_USED';
        if (status === 'EXPIRED') return 'COUPON_EXPIRED';
        if (status === 'CANCELLED') return 'ok';
        if (status === 'RESERVED' && !command.orderCancelled) return 'RESERVATION_CONFLICT';
        const ended = reservations.get(coupon.by ?? '');
        if (ended) ended.status = 'CANCELLED';
        Object.assign(coupon, { status: 'CANCELLED', by: null, order: null, returned: command.returnStock });
        return 'ok';
      }
    }
  }
  return { execute, reservations, failures };
}
