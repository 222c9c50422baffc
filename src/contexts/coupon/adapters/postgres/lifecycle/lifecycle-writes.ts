import { INSERT_OUTBOX, outboxValues } from '../../../../../platform/events/outbox.ts';
import type { Statement } from '../../../../../platform/postgres/batch-transaction.ts';
import { lifecycleEvents } from '../../../application/lifecycle/lifecycle-events.ts';
import type { Coupon, Reservation } from '../../../domain/lifecycle/coupon.ts';
import type {
  LifecycleDecision,
  LifecycleSnapshot,
  Step,
  StockedPolicy,
} from '../../../domain/lifecycle/lifecycle-decision.ts';

const UPDATE_COUPONS = `
  update coupon.coupon_issues i
  set status = new.status, version = new.version, returned = new.returned, reserved_at = new.reserved_at,
    used_at = new.used_at, reservation_id = new.reservation_id, order_id = new.order_id,
    discount_amount = new.discount_amount, slot = case when new.status = 'CANCELLED' then null else i.slot end
  from unnest($1::bigint[], $2::text[], $3::int[], $4::boolean[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[],
    $9::bigint[]) new(id, status, version, returned, reserved_at, used_at, reservation_id, order_id, discount_amount)
  where i.id = new.id`;

// Rows are inserted in the order given: see lifecycleWrites.
const PUT_RESERVATIONS = `
  insert into coupon.coupon_reservations as r (id, coupon_id, user_id, order_id, order_amount, discount_amount, status,
    reserved_at, expires_at, ended_at, confirmation_failed)
  select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::boolean[])
  on conflict (id) do update set status = excluded.status, reserved_at = excluded.reserved_at,
    expires_at = excluded.expires_at, ended_at = excluded.ended_at, confirmation_failed = excluded.confirmation_failed`;

const INSERT_HISTORY = `
  insert into coupon.coupon_history (coupon_id, version, policy_id, kind, reason, reservation_id, order_id, discount_amount,
    changed_by, note, group_id, at)
  select *, $11::bigint, $12::timestamptz from unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::bigint[], $9::text[], $10::text[])`;

const UPDATE_POLICIES = `
  update coupon.coupon_policies p
  set current_issue_count = new.issued_count, status = new.status, refusal_epoch = new.refusal_epoch
  from unnest($1::bigint[], $2::int[], $3::text[], $4::int[]) new(id, issued_count, status, refusal_epoch)
  where p.id = new.id`;

/** The statements of a batch's second round trip. `groupId` identifies the batch in the history and the outbox. */
export function lifecycleWrites(
  decision: LifecycleDecision,
  snapshot: LifecycleSnapshot,
  groupId: bigint,
): Statement[] {
  const writes: Statement[] = [];
  const write = <Row>(
    rows: readonly Row[],
    name: string,
    text: string,
    valuesOf: (rows: readonly Row[]) => unknown[],
  ) => {
    if (rows.length > 0) writes.push({ name, text, values: valuesOf(rows) });
  };
  write(decision.coupons, 'life-update', UPDATE_COUPONS, couponValues);
  // Ended reservations come before new ones, so that no row makes an order or a coupon have two active reservations.
  const ending = (reservation: Reservation) => (holds(reservation) ? 1 : 0);
  const reservations = [...decision.reservations].sort((a, b) => ending(a) - ending(b));
  write(reservations, 'life-reservations-put', PUT_RESERVATIONS, reservationValues);
  const at = instant(decision.nowMs);
  write(decision.steps, 'life-history', INSERT_HISTORY, (steps) => [...historyValues(steps), String(groupId), at]);
  write(decision.policies, 'life-policies-update', UPDATE_POLICIES, policyValues);
  const events = lifecycleEvents(decision, snapshot);
  write(events, 'outbox', INSERT_OUTBOX, (batches) => outboxValues(groupId, batches));
  return writes;
}

const holds = ({ status }: Reservation): boolean => status === 'PENDING' || status === 'CONFIRMED';
const instant = (ms: number): string => new Date(ms).toISOString();
const orNull = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : instant(ms));
const text = (value: bigint | null): string | null => (value === null ? null : String(value));

function couponValues(coupons: readonly Coupon[]): unknown[] {
  const rows = coupons.map(({ state }) => columnsOf(state));
  return [
    coupons.map(({ id }) => String(id)),
    coupons.map(({ state }) => state.status),
    coupons.map(({ version }) => version),
    rows.map(({ returned }) => returned),
    rows.map(({ reservedAtMs }) => orNull(reservedAtMs)),
    rows.map(({ usedAtMs }) => orNull(usedAtMs)),
    rows.map(({ reservationId }) => reservationId),
    rows.map(({ orderId }) => orderId),
    rows.map(({ discountAmount }) => text(discountAmount)),
  ];
}

const NONE = {
  returned: false,
  reservedAtMs: null,
  usedAtMs: null,
  reservationId: null,
  orderId: null,
  discountAmount: null,
};

function columnsOf(state: Coupon['state']) {
  switch (state.status) {
    case 'RESERVED': {
      const { reservationId, orderId, reservedAtMs } = state;
      return { ...NONE, reservationId, orderId, reservedAtMs };
    }
    case 'USED': {
      const { reservation, orderId, usedAtMs, discountAmount } = state;
      const reserved = { reservationId: reservation?.id ?? null, reservedAtMs: reservation?.reservedAtMs ?? null };
      return { ...NONE, ...reserved, orderId, usedAtMs, discountAmount };
    }
    case 'CANCELLED':
      return { ...NONE, returned: state.returned };
    default:
      return NONE;
  }
}

const reservationValues = (reservations: readonly Reservation[]): unknown[] => [
  reservations.map(({ id }) => id),
  reservations.map(({ couponId }) => String(couponId)),
  reservations.map(({ userId }) => String(userId)),
  reservations.map(({ orderId }) => orderId),
  reservations.map(({ orderAmount }) => String(orderAmount)),
  reservations.map(({ discountAmount }) => String(discountAmount)),
  reservations.map(({ status }) => status),
  reservations.map(({ reservedAtMs }) => instant(reservedAtMs)),
  reservations.map(({ expiresAtMs }) => instant(expiresAtMs)),
  reservations.map(({ endedAtMs }) => orNull(endedAtMs)),
  reservations.map(({ confirmationFailed }) => confirmationFailed),
];

const historyValues = (steps: readonly Step[]): unknown[] => [
  steps.map(({ coupon }) => String(coupon.id)),
  steps.map(({ coupon }) => coupon.version),
  steps.map(({ coupon }) => String(coupon.terms.policyId)),
  steps.map(({ kind }) => kind),
  steps.map(({ reason }) => reason),
  steps.map(({ reservation }) => reservation?.id ?? null),
  steps.map(({ orderId }) => orderId),
  steps.map(({ discountAmount }) => text(discountAmount)),
  steps.map(({ changedBy }) => changedBy),
  steps.map(({ note }) => note),
];

const policyValues = (policies: readonly StockedPolicy[]): unknown[] => [
  policies.map(({ id }) => String(id)),
  policies.map(({ issuedCount }) => issuedCount),
  policies.map(({ status }) => status),
  policies.map(({ refusalEpoch }) => refusalEpoch),
];
