import { arrayLiteral } from '../../../../../platform/postgres/array-literal.ts';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import { claimEvents } from '../../../../../platform/postgres/inbox.ts';
import { type LifecycleCommand, reservationIdsOf } from '../../../domain/lifecycle/lifecycle-command.ts';
import { JOIN_EARLIER_TERMS } from '../kept-terms.ts';
import { COUPON_COLUMNS, DIRECT_USE, RESERVATION, STOCKED_POLICY } from './lifecycle-mappings.ts';

/** The consumer group of payment events, for the inbox. */
export const PAYMENTS_CONSUMER = 'coupon.payments';

/** The statements of a batch's first round trip: locks in the same order for all batches, then what depends on them. */
export type LifecycleRead =
  | 'claims'
  | 'users'
  | 'policies'
  | 'locked'
  | 'coupons'
  | 'reservations'
  | 'direct uses'
  | 'counts';

// One lock per user whose reservations or order are read: a new reservation id is one of its user's.
const LOCK_USERS = `
  select pg_advisory_xact_lock(key) from (
    select hashtextextended(name, 0) as key from unnest($1::text[]) as name
    union
    select hashtextextended('coupon.user:' || user_id, 0) from coupon.coupon_reservations where id = any($2::text[])
    order by 1) as keys`;

const LOCK_POLICIES = `
  select ${STOCKED_POLICY.columns('p')}
  from coupon.coupon_policies p
  where p.id = any(array(select policy_id from coupon.coupon_issues where id = any($1::bigint[])))
  order by p.id for no key update`;

const COUPON_IDS = `array(
    select unnest($1::bigint[])
    union select coupon_id from coupon.coupon_reservations where id = any($2::text[])
    union select r.coupon_id from unnest($3::bigint[], $4::text[]) as o(user_id, order_id)
      join coupon.coupon_reservations r on r.user_id = o.user_id and r.order_id = o.order_id
    union select r.coupon_id from coupon.coupon_reservations n
      join coupon.coupon_reservations r on r.user_id = n.user_id and r.order_id = n.order_id where n.id = any($5::text[]) and n.status = 'EXPIRED')`;

// A reservation never moves to another coupon, so the ones found before the lock are right.
const LOCK_COUPONS = `
  select i.id from coupon.coupon_issues i where i.id = any(${COUPON_IDS}) order by i.id for no key update`;

// A separate statement, as below: a policy may have been suspended, or its terms changed, while the lock was awaited.
const LOAD_COUPONS = `
  select ${COUPON_COLUMNS}
  from coupon.coupon_issues i join coupon.coupon_policies p on p.id = i.policy_id ${JOIN_EARLIER_TERMS}
  where i.id = any(${COUPON_IDS})`;

// A separate statement: only a statement that starts after the locks sees what their previous holders committed.
const LOAD_RESERVATIONS = `
  select ${RESERVATION.columns()}
  from coupon.coupon_reservations
  where id = any(array(
    select unnest($2::text[])
    union select reservation_id from coupon.coupon_issues where id = any($1::bigint[]) and reservation_id is not null
    union select r.id from unnest($3::bigint[], $4::text[]) as o(user_id, order_id)
      join coupon.coupon_reservations r on r.user_id = o.user_id and r.order_id = o.order_id
    union select r.id from coupon.coupon_reservations n
      join coupon.coupon_reservations r on r.user_id = n.user_id and r.order_id = n.order_id where n.id = any($5::text[]) and n.status = 'EXPIRED'
    union select id from coupon.coupon_reservations where user_id = any($6::bigint[]) and status = 'PENDING'))`;

// Of the same orders. Sent only for commands that could give an order a second coupon. `offset 0` keeps one look-up for
// each order: on a young table the planner would rather scan all direct uses.
const LOAD_DIRECT_USES = `
  select ${DIRECT_USE.columns('used')}
  from (
    select * from unnest($1::bigint[], $2::text[])
    union select user_id, order_id from coupon.coupon_reservations where id = any($3::text[]) and status = 'EXPIRED'
  ) as o(user_id, order_id)
  cross join lateral (
    select ${DIRECT_USE.columns('i')} from coupon.coupon_issues i
    where i.user_id = o.user_id and i.order_id = o.order_id and i.reservation_id is null and i.status = 'USED' offset 0
  ) as used`;

// Of users who reserve, whose locks are held. Sent only where there are other shards.
const LOAD_COUNTS = `
  select user_id as "userId", token from coupon.reservation_counts where user_id = any($1::bigint[]) and not is_ended`;

/** The ids in the commands, by what has to be locked or loaded. */
interface CommandIds {
  readonly coupons: Set<bigint>;
  readonly withdrawn: Set<bigint>;
  readonly reservations: Set<string>;
  /**
   * Confirmed reservations. An EXPIRED one may reserve its coupon again, so the other reservations of its order are
   * needed.
   */
  readonly confirmed: Set<string>;
  readonly orders: { readonly userId: bigint; readonly orderId: string }[];
  readonly users: Set<bigint>;
  readonly locks: Set<string>;
  readonly events: Set<string>;
}

/** @param hasShards the reservations of users are counted over several shards */
export function lifecycleReads(
  commands: readonly LifecycleCommand[],
  hasShards: boolean,
): Map<LifecycleRead, Statement> {
  const ids = idsIn(commands);
  const coupons = arrayLiteral(ids.coupons);
  const reservations = [...ids.reservations];
  const orders = [arrayLiteral(ids.orders.map(({ userId }) => userId)), ids.orders.map(({ orderId }) => orderId)];
  const touched = [coupons, reservations, ...orders, [...ids.confirmed]];
  const reads = new Map<LifecycleRead, Statement>();
  const read = (name: LifecycleRead, text: string, values: readonly unknown[]) =>
    reads.set(name, { name: `life-${name}`, text, values });
  if (ids.events.size > 0) reads.set('claims', claimEvents(PAYMENTS_CONSUMER, ids.events));
  if (ids.locks.size + ids.confirmed.size > 0) read('users', LOCK_USERS, [[...ids.locks], [...ids.confirmed]]);
  if (ids.withdrawn.size > 0) read('policies', LOCK_POLICIES, [arrayLiteral(ids.withdrawn)]);
  read('locked', LOCK_COUPONS, touched);
  read('coupons', LOAD_COUPONS, touched);
  read('reservations', LOAD_RESERVATIONS, [...touched, arrayLiteral(ids.users)]);
  if (hasShards && ids.users.size > 0) read('counts', LOAD_COUNTS, [arrayLiteral(ids.users)]);
  if (ids.orders.length + ids.confirmed.size > 0) {
    reads.set('direct uses', {
      name: 'life-direct-uses',
      text: LOAD_DIRECT_USES,
      values: [...orders, [...ids.confirmed]],
    });
  }
  return reads;
}

function idsIn(commands: readonly LifecycleCommand[]): CommandIds {
  const ids: CommandIds = {
    coupons: new Set(),
    withdrawn: new Set(),
    reservations: new Set(),
    confirmed: new Set(),
    orders: [],
    users: new Set(),
    locks: new Set(),
    events: new Set(),
  };
  for (const command of commands) addIds(ids, command);
  return ids;
}

function addIds(ids: CommandIds, command: LifecycleCommand): void {
  if ('reservationId' in command) ids.reservations.add(command.reservationId);
  if ('couponId' in command && command.couponId !== null) ids.coupons.add(command.couponId);
  switch (command.kind) {
    case 'RESERVE':
      ids.users.add(command.userId);
      ids.locks.add(`coupon.user:${command.userId}`);
      if (command.orderId !== null) ids.orders.push({ userId: command.userId, orderId: command.orderId });
      break;
    case 'USE':
      if (command.orderId === null) break;
      ids.locks.add(`coupon.user:${command.userId}`);
      ids.orders.push({ userId: command.userId, orderId: command.orderId });
      break;
    case 'CONFIRM':
      ids.confirmed.add(command.reservationId);
      break;
    case 'CANCEL':
      ids.withdrawn.add(command.couponId);
      break;
    case 'PAYMENT_COMPLETED':
    case 'PAYMENT_FAILED':
      ids.events.add(command.eventId);
      if (command.callerReservationId === null) {
        ids.orders.push({ userId: command.userId, orderId: command.orderId });
      }
      for (const id of reservationIdsOf(command)) {
        ids.reservations.add(id);
        ids.confirmed.add(id);
      }
      ids.locks.add(`coupon.user:${command.userId}`);
      break;
    default:
  }
}
