import type { Delivery } from '../../../platform/events/bus.ts';
import type { CountActivityRequest, HourActivity } from '../../coupon/api.ts';
import type { Counts } from '../api.ts';
import { COUNT_NAMES, NOTHING } from '../domain/hours.ts';

/** Something that happened to a coupon, as a model of the coupon context keeps it. */
export interface ModelFact {
  readonly policyId: bigint;
  readonly timezone: string;
  readonly atMs: number;
  readonly topic: string;
  readonly reason?: string;
  readonly discount: number;
}

const MOMENTS: Readonly<Record<string, string>> = {
  'coupon.issued': 'issuedAt',
  'coupon.reserved': 'reservedAt',
  'coupon.used': 'usedAt',
  'coupon.cancelled': 'cancelledAt',
  'coupon.expired': 'expiredAt',
  'coupon.restored': 'restoredAt',
};

/** The event of a fact, as the relay hands it out. */
export function eventOf(fact: ModelFact, index: number): Delivery {
  const at = new Date(fact.atMs).toISOString();
  return {
    topic: fact.topic,
    key: String(index),
    event: {
      eventId: `${1_000 + Math.floor(index / 7)}:${index % 7}`,
      eventType: fact.topic.toUpperCase(),
      timestamp: at,
      data: {
        couponId: String(index),
        policyId: String(fact.policyId),
        storeId: null,
        timezone: fact.timezone,
        [MOMENTS[fact.topic] ?? '']: at,
        ...(fact.reason === undefined ? {} : { reason: fact.reason }),
        discountAmount: String(fact.discount),
      },
      metadata: { correlationId: '', source: 'coupon', version: '1.0' },
    },
  };
}

const NAMES: Readonly<Record<string, keyof Counts>> = {
  'coupon.issued': 'issued',
  'coupon.reserved': 'reserved',
  'coupon.used': 'used',
  'coupon.cancelled RELEASED': 'released',
  'coupon.cancelled TIMEOUT': 'released',
  'coupon.cancelled PAYMENT_FAILED': 'released',
  'coupon.cancelled WITHDRAWN': 'cancelled',
  'coupon.expired': 'expired',
  'coupon.restored': 'restored',
};

/** What a recount of the facts says, hour by hour: one fact after the other, by what a clock on the wall shows. */
export function activityOf(facts: readonly ModelFact[], { from, to }: Partial<CountActivityRequest>): HourActivity[] {
  const hours = new Map<string, HourActivity>();
  for (const fact of facts) {
    if ((from && fact.atMs < from.getTime()) || (to && fact.atMs >= to.getTime())) continue;
    const options = { timeZone: fact.timezone, dateStyle: 'short', timeStyle: 'medium' } as const;
    const shown = new Intl.DateTimeFormat('sv-SE', options).format(fact.atMs);
    const intoHourMs = (Number(shown.slice(14, 16)) * 60 + Number(shown.slice(17, 19))) * 1_000 + (fact.atMs % 1_000);
    const startsAt = new Date(fact.atMs - intoHourMs);
    const key = `${fact.policyId} ${startsAt.getTime()}`;
    const empty = { policyId: fact.policyId, storeId: undefined, startsAt, ...NOTHING };
    const before = hours.get(key) ?? { ...empty, day: shown.slice(0, 10), hour: Number(shown.slice(11, 13)) };
    const name = NAMES[fact.reason === undefined ? fact.topic : `${fact.topic} ${fact.reason}`] ?? 'issued';
    const sign = fact.topic === 'coupon.used' ? 1n : fact.topic === 'coupon.restored' ? -1n : 0n;
    hours.set(key, {
      ...before,
      [name]: before[name] + 1n,
      discountAmount: before.discountAmount + sign * BigInt(fact.discount),
    });
  }
  return [...hours.values()];
}

/** An hour as one line, to compare. */
export const lineOf = (hour: Counts & { policyId: bigint; startsAtMs: number; day: string; hour: number }): string =>
  [
    hour.policyId,
    new Date(hour.startsAtMs).toISOString(),
    hour.day,
    hour.hour,
    ...COUNT_NAMES.map((n) => hour[n]),
  ].join(' ');
