import type { CouponEvents } from '../../coupon/api.ts';
import type { Counts } from '../api.ts';

/** What an event of a coupon counts as. */
export interface CouponFact {
  /** Decimal. */
  readonly policyId: string;
  readonly storeId: string | null;
  readonly timezone: string;
  readonly atMs: number;
  readonly what: Exclude<keyof Counts, 'discountAmount'>;
  /** Moves the discount given; smallest unit. */
  readonly discount: bigint;
}

type Data = Readonly<Record<string, unknown>>;
type Counted = Extract<
  keyof CouponEvents,
  `coupon.${'issued' | 'reserved' | 'used' | 'cancelled' | 'expired' | 'restored'}`
>;
interface Reading<Of = Data> {
  /** The field with the time of the fact. */
  readonly moment: keyof Of & string;
  what(data: Of): CouponFact['what'];
  /** How the discount given moves. */
  readonly sign: 1n | 0n | -1n;
}

const READINGS: { readonly [Name in Counted]: Reading<CouponEvents[Name]> } = {
  'coupon.issued': { moment: 'issuedAt', what: () => 'issued', sign: 0n },
  'coupon.reserved': { moment: 'reservedAt', what: () => 'reserved', sign: 0n },
  'coupon.used': { moment: 'usedAt', what: () => 'used', sign: 1n },
  // One topic for two things: the coupon is free again, or it is withdrawn.
  'coupon.cancelled': {
    moment: 'cancelledAt',
    what: ({ reason }) => (reason === 'WITHDRAWN' ? 'cancelled' : 'released'),
    sign: 0n,
  },
  'coupon.expired': { moment: 'expiredAt', what: () => 'expired', sign: 0n },
  'coupon.restored': { moment: 'restoredAt', what: () => 'restored', sign: -1n },
};

export const COUPON_TOPICS: readonly string[] = Object.keys(READINGS);

/** Throws for a topic that is not one of COUPON_TOPICS, and for data that is not what its producer promised. */
export function couponFact(topic: string, data: Data): CouponFact {
  const reading = Object.hasOwn(READINGS, topic) ? (READINGS[topic as Counted] as Reading) : undefined;
  if (!reading) throw new Error(`${topic} is nothing that happens to coupons`);
  const atMs = instantOf(text(topic, data, reading.moment));
  if (Number.isNaN(atMs)) throw new Error(`${topic}: ${reading.moment} is no instant`);
  return {
    policyId: text(topic, data, 'policyId'),
    storeId: data['storeId'] == null ? null : text(topic, data, 'storeId'),
    timezone: text(topic, data, 'timezone'),
    atMs,
    what: reading.what(data),
    discount: reading.sign === 0n ? 0n : reading.sign * amount(data['discountAmount']),
  };
}

let last = { text: '', atMs: Number.NaN };

/** Remembers the last one: all coupons of a batch are issued at one moment, and parsing it is a third of what an event costs. */
function instantOf(text: string): number {
  if (text !== last.text) last = { text, atMs: Date.parse(text) };
  return last.atMs;
}

function text(topic: string, data: Data, field: string): string {
  const value = data[field];
  if (typeof value !== 'string') throw new Error(`${topic}: ${field} is missing`);
  return value;
}

/** The discount of a coupon that was used without an order is unknown and counts as 0. */
const amount = (value: unknown): bigint =>
  typeof value === 'string' || typeof value === 'number' ? BigInt(value) : 0n;
