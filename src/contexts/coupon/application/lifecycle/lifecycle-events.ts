import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { LifecycleDecision, LifecycleSnapshot, Step } from '../../domain/lifecycle/lifecycle-decision.ts';
import { statusEvents } from '../policy/policy-events.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The topic and fields of each kind of step. EXTENDED is not published. */
const TOPICS: Readonly<
  Record<Step['kind'], { readonly topic: string; fieldsOf(step: Step, at: string): Fields } | undefined>
> = {
  RESERVED: {
    topic: 'coupon.reserved',
    fieldsOf: ({ reservation, discountAmount }, reservedAt) => ({
      reservationId: reservation?.id ?? null,
      orderId: reservation?.orderId ?? null,
      discountAmount: String(discountAmount),
      expiresAt: new Date(reservation?.expiresAtMs ?? 0).toISOString(),
      reservedAt,
    }),
  },
  EXTENDED: undefined,
  RELEASED: { topic: 'coupon.cancelled', fieldsOf: cancelled },
  USED: {
    topic: 'coupon.used',
    fieldsOf: ({ orderId, discountAmount }, usedAt) => ({ orderId, discountAmount: String(discountAmount), usedAt }),
  },
  CANCELLED: { topic: 'coupon.cancelled', fieldsOf: cancelled },
  EXPIRED: { topic: 'coupon.expired', fieldsOf: (_, expiredAt) => ({ expiredAt }) },
  RESTORED: {
    topic: 'coupon.restored',
    fieldsOf: ({ orderId, discountAmount }, restoredAt) => ({
      orderId,
      discountAmount: String(discountAmount),
      restoredAt,
    }),
  },
};

function cancelled({ reservation, reason }: Step, cancelledAt: string): Fields {
  return { ...(reservation && { reservationId: reservation.id }), reason, cancelledAt };
}

/** The events of a decision, in an order that preserves the order of each coupon's steps. */
export function lifecycleEvents(decision: LifecycleDecision, snapshot: LifecycleSnapshot): OutboxBatch[] {
  return [...couponEvents(decision), ...failureEvents(decision), ...policyEvents(decision, snapshot)];
}

/** An outbox batch has one topic and one set of fields. The first steps of all coupons come before the second steps. */
function couponEvents({ steps, nowMs }: LifecycleDecision): OutboxBatch[] {
  const at = new Date(nowMs).toISOString();
  const ranks = new Map<bigint, number>();
  const batches = new Map<string, { topic: string; events: Fields[] }>();
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
function batchOf(topic: string, events: readonly Fields[]): OutboxBatch {
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
