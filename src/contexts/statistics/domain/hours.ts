import { addFields } from '../../../platform/kernel/add-fields.ts';
import type { Counts } from '../api.ts';

/** What happened to a policy's coupons in one hour of its calendar. (policyId, startsAtMs) identifies it. */
export interface Hour {
  readonly policyId: bigint;
  readonly startsAtMs: number;
  /** YYYY-MM-DD and 0 to 23. */
  readonly day: string;
  readonly hour: number;
  /** The policy's store at that time. */
  readonly storeId: bigint | undefined;
  readonly counts: Counts;
}

/** An hour of the day, on whichever days. */
export interface CountedHour {
  readonly hour: number;
  readonly counts: Counts;
}

export const NOTHING: Counts = {
  issued: 0n,
  reserved: 0n,
  used: 0n,
  released: 0n,
  cancelled: 0n,
  expired: 0n,
  restored: 0n,
  discountAmount: 0n,
};
export const COUNT_NAMES = Object.keys(NOTHING) as readonly (keyof Counts)[];

export const sameCounts = (a: Counts, b: Counts): boolean => COUNT_NAMES.every((name) => a[name] === b[name]);

export const sumCounts = (all: Iterable<{ readonly counts: Counts }>): Counts => {
  let sum = NOTHING;
  for (const { counts } of all) sum = addFields(sum, counts);
  return sum;
};

const BASIS_POINTS = 10_000n;

/** Uses that were not restored, per issued coupon: basis points, rounded down; 0 when nothing was issued. */
export const usageRateBp = ({ issued, used, restored }: Counts): number =>
  issued === 0n ? 0 : Number(((used - restored) * BASIS_POINTS) / issued);

/** Locks are taken in this order by everybody who writes. */
export const byPlace = (a: Hour, b: Hour): number =>
  a.policyId === b.policyId ? a.startsAtMs - b.startsAtMs : a.policyId < b.policyId ? -1 : 1;
