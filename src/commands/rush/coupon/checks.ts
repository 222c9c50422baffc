import type { Check } from '../check.ts';
import type { History } from '../history.ts';
import { type Coupon, isOwned, type Owned } from './issue-profile.ts';

/** What the database holds of a policy. */
export interface StoredCoupon {
  readonly id: string;
  readonly userId: string;
  readonly sequenceNo: number;
}

/** Compares the responses with the expected outcome and with the stored coupons. `expected` is the smaller of coupons and users. */
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
    name: 'exactly the available coupons',
    ok,
    detail: `${owned.length} acknowledged, ${stored.length} stored, ${expected} due`,
  };
}

function distinctUsers(owned: readonly Owned[]): Check {
  const users = new Set(owned.map(({ user }) => user)).size;
  const coupons = new Set(owned.map(({ data }) => data.couponId)).size;
  const ok = users === owned.length && coupons === owned.length;
  return { name: 'one coupon per user', ok, detail: `${users} users, ${coupons} coupons` };
}

function gapFree(owned: readonly Owned[]): Check {
  const sequence = owned.map(({ data }) => data.sequenceNo).sort((a, b) => a - b);
  const wrongAt = sequence.findIndex((value, index) => value !== index + 1);
  const detail =
    wrongAt < 0
      ? `1 to ${sequence.length}`
      : `number ${wrongAt + 1} in order is ${sequence[wrongAt]}, of ${sequence.length}`;
  return { name: 'sequence without gaps', ok: wrongAt < 0, detail };
}

function everyAcknowledgedStored(owned: readonly Owned[], stored: readonly StoredCoupon[]): Check {
  const byId = new Map(stored.map((coupon) => [coupon.id, coupon]));
  const wrong = owned.filter(({ user, data }) => {
    const coupon = byId.get(data.couponId);
    return coupon?.userId !== user || coupon.sequenceNo !== data.sequenceNo;
  });
  const [example] = wrong;
  const detail = example
    ? `${wrong.length} differ from their response, such as coupon ${example.data.couponId}`
    : `${owned.length} stored as in their response`;
  return { name: 'every acknowledged coupon in the database', ok: wrong.length === 0, detail };
}

/** A response that arrived before another request was sent must have the smaller number. */
function arrivalOrderKept(owned: readonly Owned[]): Check {
  const bySent = [...owned].sort((a, b) => a.firstSentMs - b.firstSentMs);
  const byAnswered = [...owned].sort((a, b) => a.respondedMs - b.respondedMs);
  let done = 0;
  let highest = 0;
  let overtaken = 0;
  for (const { firstSentMs, data } of bySent) {
    for (let one = byAnswered[done]; one && one.respondedMs < firstSentMs; one = byAnswered[++done]) {
      highest = Math.max(highest, one.data.sequenceNo);
    }
    if (data.sequenceNo <= highest) overtaken += 1;
  }
  return { name: 'numbers in order of arrival', ok: overtaken === 0, detail: `${overtaken} overtaken` };
}
