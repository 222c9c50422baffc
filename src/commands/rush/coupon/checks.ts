import type { Check } from '../check.ts';
import type { History } from '../history.ts';
import { type Coupon, isOwned, type Owned } from './issue-crowd.ts';

/** What the database holds of a policy. */
export interface StoredCoupon {
  readonly id: string;
  readonly userId: string;
  readonly sequenceNo: number;
}

/** Compares what users were told with what must be, and with what is stored. `expected` is the smaller of coupons and users. */
export function checkHistory(
  history: History<Coupon>,
  stored: readonly StoredCoupon[],
  expected: number,
): readonly Check[] {
  const owned = history.outcomes.filter(isOwned);
  return [
    exactCount(owned, stored, expected),
    distinctUsers(owned),
    gapFree(owned),
    everyAcknowledgedStored(owned, stored),
    arrivalOrderKept(owned),
  ];
}

function exactCount(owned: readonly Owned[], stored: readonly StoredCoupon[], expected: number): Check {
  const ok = owned.length === expected && stored.length === expected;
  return {
    name: 'exactly the coupons there are',
    ok,
    detail: `${owned.length} told, ${stored.length} stored, ${expected} due`,
  };
}

function distinctUsers(owned: readonly Owned[]): Check {
  const users = new Set(owned.map(({ user }) => user)).size;
  const coupons = new Set(owned.map(({ told }) => told.couponId)).size;
  const ok = users === owned.length && coupons === owned.length;
  return { name: 'one coupon per user', ok, detail: `${users} users, ${coupons} coupons` };
}

function gapFree(owned: readonly Owned[]): Check {
  const sequence = owned.map(({ told }) => told.sequenceNo).sort((a, b) => a - b);
  const wrongAt = sequence.findIndex((value, index) => value !== index + 1);
  const detail =
    wrongAt < 0
      ? `1 to ${sequence.length}`
      : `number ${wrongAt + 1} in order is ${sequence[wrongAt]}, of ${sequence.length}`;
  return { name: 'sequence without gaps', ok: wrongAt < 0, detail };
}

function everyAcknowledgedStored(owned: readonly Owned[], stored: readonly StoredCoupon[]): Check {
  const byId = new Map(stored.map((coupon) => [coupon.id, coupon]));
  const wrong = owned.filter(({ user, told }) => {
    const coupon = byId.get(told.couponId);
    return coupon?.userId !== user || coupon.sequenceNo !== told.sequenceNo;
  });
  const [example] = wrong;
  const detail = example
    ? `${wrong.length} not as told, such as coupon ${example.told.couponId}`
    : `${owned.length} found as told`;
  return { name: 'every acknowledged coupon in the database', ok: wrong.length === 0, detail };
}

/** Whoever was answered before another one asked must have the smaller number. */
function arrivalOrderKept(owned: readonly Owned[]): Check {
  const bySent = [...owned].sort((a, b) => a.firstSentMs - b.firstSentMs);
  const byAnswered = [...owned].sort((a, b) => a.answeredMs - b.answeredMs);
  let done = 0;
  let highest = 0;
  let overtaken = 0;
  for (const { firstSentMs, told } of bySent) {
    for (let one = byAnswered[done]; one && one.answeredMs < firstSentMs; one = byAnswered[++done]) {
      highest = Math.max(highest, one.told.sequenceNo);
    }
    if (told.sequenceNo <= highest) overtaken += 1;
  }
  return { name: 'numbers in order of arrival', ok: overtaken === 0, detail: `${overtaken} overtaken` };
}
