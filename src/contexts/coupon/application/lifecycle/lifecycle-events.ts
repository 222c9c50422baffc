import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { LifecycleDecision, LifecycleSnapshot, Step } from '../../domain/lifecycle/lifecycle-decision.ts';
import { callerIdOf } from '../../domain/lifecycle/reservation-id.ts';
import type { CouponEvents } from '../../events.ts';
import { statusEvents } from '../policy/policy-events.ts';

/** The fields of all events of a coupon after its issue. */
type Shared = 'couponId' | 'policyId' | 'userId' | 'storeId' | 'timezone';
type CouponTopic = Exclude<keyof CouponEvents, `coupon-policy.${string}`>;

/** `fieldsOf` returns what the topic has in addition to the shared fields. */
const published = <Topic extends CouponTopic>(
  topic: Topic,
  fieldsOf: (step: Step, at: string) => Omit<CouponEvents[Topic], Shared>,
) => ({ topic, fieldsOf });

/** The topic and fields of each kind of step. EXTENDED is not published. */
const TOPICS = {
  RESERVED: published('coupon.reserved', (step, reservedAt) => {
    const { id, orderId, expiresAtMs } = known(step, 'reservation');
    return {
      reservationId: callerIdOf(id),
      orderId,
      discountAmount: String(step.discountAmount),
      expiresAt: new Date(expiresAtMs).toISOString(),
      reservedAt,
    };
  }),
  EXTENDED: undefined,
  RELEASED: published('coupon.cancelled', cancelled),
  USED: published('coupon.used', ({ orderId, discountAmount }, usedAt) => ({
    orderId,
    discountAmount: String(discountAmount),
    usedAt,
  })),
  CANCELLED: published('coupon.cancelled', cancelled),
  EXPIRED: published('coupon.expired', (_, expiredAt) => ({ expiredAt })),
  RESTORED: published('coupon.restored', (step, restoredAt) => ({
    orderId: known(step, 'orderId'),
    discountAmount: String(step.discountAmount),
    restoredAt,
  })),
} as const satisfies Record<Step['kind'], ReturnType<typeof published> | undefined>;

function cancelled(step: Step, cancelledAt: string): Omit<CouponEvents['coupon.cancelled'], Shared> {
  const reason = known(step, 'reason');
  if (reason === 'REFUNDED') throw new Error(`a refund ended coupon ${step.coupon.id}, but it restores coupons`);
  return { ...(step.reservation && { reservationId: callerIdOf(step.reservation.id) }), reason, cancelledAt };
}

/** What each step of a kind has. */
function known<Name extends keyof Step>(step: Step, name: Name): NonNullable<Step[Name]> {
  const value = step[name];
  if (value === null || value === undefined) throw new Error(`a step ${step.kind} lacks its ${name}`);
  return value;
}

/** The events of a decision, in an order that preserves the order of each coupon's steps. */
export function lifecycleEvents(decision: LifecycleDecision, snapshot: LifecycleSnapshot): OutboxBatch[] {
  return [...couponEvents(decision), ...failureEvents(decision), ...policyEvents(decision, snapshot)];
}

/** An outbox batch has one topic and one set of fields. The first steps of all coupons come before the second steps. */
function couponEvents({ steps, nowMs }: LifecycleDecision): OutboxBatch[] {
  const at = new Date(nowMs).toISOString();
  const ranks = new Map<bigint, number>();
  const batches = new Map<string, { topic: CouponTopic; events: CouponEvents[CouponTopic][] }>();
  for (const step of steps) {
    const { coupon, kind } = step;
    const topic = TOPICS[kind];
    if (!topic) continue;
    const rank = ranks.get(coupon.id) ?? 0;
    ranks.set(coupon.id, rank + 1);
    const { policyId, storeId, timezone } = coupon.terms;
    const event = {
      couponId: String(coupon.id),
      policyId: String(policyId),
      userId: String(coupon.userId),
      storeId: storeId === null ? null : String(storeId),
      timezone,
      ...topic.fieldsOf(step, at),
    };
    const place = `${String(rank).padStart(6, '0')} ${topic.topic} ${Object.keys(event).length}`;
    const batch = batches.get(place);
    if (batch) batch.events.push(event);
    else batches.set(place, { topic: topic.topic, events: [event] });
  }
  return [...batches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { topic, events }]) => batchOf(topic, events));
}

/** All events of a batch have the same fields in the same order. */
function batchOf<Topic extends CouponTopic>(topic: Topic, events: readonly CouponEvents[Topic][]): OutboxBatch {
  const columns = Object.keys(events[0] ?? {});
  return { topic, source: 'coupon', keyField: 'couponId', common: {}, columns, rows: events.map(Object.values) };
}

function failureEvents({ failures }: LifecycleDecision): OutboxBatch[] {
  if (failures.length === 0) return [];
  const events = failures.map(({ couponId, reservationId, orderId, reason }) => ({
    couponId: String(couponId),
    reservationId,
    orderId,
    reason,
  }));
  return [batchOf('coupon.confirmation_failed', events)];
}

function policyEvents({ policies }: LifecycleDecision, snapshot: LifecycleSnapshot): OutboxBatch[] {
  return policies.flatMap((policy) =>
    statusEvents(policy, snapshot.policies.get(policy.id)?.status === policy.status ? [] : [policy.status]),
  );
}
