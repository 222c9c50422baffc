import { localHour } from '../../../platform/kernel/time-zone.ts';
import type { Counts } from '../api.ts';
import type { CouponFact } from './coupon-fact.ts';
import { byPlace, type Hour, NOTHING } from './hours.ts';

type Tallied = Omit<Hour, 'counts'> & { readonly counts: { -readonly [Name in keyof Counts]: Counts[Name] } };

/** Facts as hours: each fact falls into the hour that its policy's clocks show at its own moment. In the order of locks. */
export function tally(facts: Iterable<CouponFact>): Hour[] {
  const hours = new Map<string, Tallied>();
  let last: { readonly fact: CouponFact; readonly tallied: Tallied } | undefined;
  for (const fact of facts) {
    if (last !== undefined && isSameHour(last.fact, fact)) {
      add(last.tallied, fact);
      continue;
    }
    const { day, hour, startsAtMs } = localHour(fact.timezone, fact.atMs);
    const key = `${startsAtMs} ${fact.policyId}`;
    let tallied = hours.get(key);
    if (!tallied) {
      const storeId = fact.storeId === null ? undefined : BigInt(fact.storeId);
      tallied = { policyId: BigInt(fact.policyId), startsAtMs, day, hour, storeId, counts: { ...NOTHING } };
      hours.set(key, tallied);
    }
    add(tallied, fact);
    last = { fact, tallied };
  }
  return [...hours.values()].sort(byPlace);
}

/** Facts of one batch follow each other, with the same policy and moment. */
const isSameHour = (a: CouponFact, b: CouponFact): boolean =>
  a.atMs === b.atMs && a.policyId === b.policyId && a.timezone === b.timezone;

function add({ counts }: Tallied, { what, discount }: CouponFact): void {
  counts[what] += 1n;
  counts.discountAmount += discount;
}
