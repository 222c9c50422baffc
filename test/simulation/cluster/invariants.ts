import { stored } from '../../../src/contexts/coupon/api.ts';
import type { Ended } from './checkouts.ts';
import { type Acknowledged, scopeOf } from './customers.ts';
import { reservationProblems } from './reservations.ts';
import type { Row, Tables } from './tables.ts';

/** How the cluster has come to rest. */
interface Rest {
  readonly tables: Tables;
  readonly users: readonly bigint[];
  /** Who sent a key with each request. */
  readonly careful: ReadonlySet<bigint>;
  readonly acknowledged: readonly Acknowledged[];
  readonly ended: readonly Ended[];
}

/** Everything that must hold when the cluster has come to rest and every user has a coupon or was refused. */
export function problemsIn({ tables, users, careful, acknowledged, ended }: Rest): string[] {
  const coupons = [...tables.coupons.values()];
  return [
    ...[...tables.policies.values()].flatMap((policy) => policyProblems(policy, coupons, users)),
    ...acknowledged.flatMap((each) => acknowledgedProblems(each, tables)),
    ...orderProblems(acknowledged),
    ...reservationProblems(tables, ended),
    ...keyProblems(tables, careful, acknowledged),
    ...coupons.flatMap(({ id }) => {
      const effects = tables.effects.get(String(id)) ?? 0;
      return effects === 1 ? [] : [`coupon ${id}: its event had ${effects} effects`];
    }),
  ];
}

function policyProblems(policy: Row, all: readonly Row[], users: readonly bigint[]): string[] {
  const { id, current_issue_count: count, max_issue_count: max, last_sequence_no: last } = policy;
  const coupons = all.filter((row) => row['policy_id'] === id);
  const counted = coupons.filter((row) => row['returned'] === false).length;
  const holders = new Map<unknown, number>();
  for (const { user_id: user, slot } of coupons) if (slot !== null) holders.set(user, (holders.get(user) ?? 0) + 1);
  const numbers = coupons.map((row) => Number(row['sequence_no'])).sort((a, b) => a - b);
  const problems: string[] = [];
  const check = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`policy ${id}: ${problem}`);
  };
  check(counted === count, `counts ${count}, and has ${counted} coupons`);
  check(counted <= Number(max), `${counted} of ${max} issued`);
  check(
    numbers.every((number, place) => number === place + 1),
    `the numbers are ${numbers.join(' ')}`,
  );
  check(numbers.length === last, `the last number is ${last} of ${numbers.length} coupons`);
  check(
    [...holders.values()].every((held) => held <= Number(policy['max_issue_per_user'])),
    'a user has too many coupons',
  );
  // A manager's request that took long may close it at the very end.
  const isOpen = policy['status'] !== 'PAUSED' && policy['suspension_reason'] === null;
  const isWanting = isOpen && users.some((user) => !holders.has(user));
  check(!isWanting || counted === Number(max), `${counted} of ${max} issued, and a user has none`);
  return problems;
}

function acknowledgedProblems({ couponId, userId, policyId, sequenceNo }: Acknowledged, { coupons }: Tables): string[] {
  const row = coupons.get(couponId);
  const isThere = row?.['user_id'] === userId && row['policy_id'] === policyId && row['sequence_no'] === sequenceNo;
  return isThere ? [] : [`coupon ${couponId} of user ${userId} was acknowledged, and is not there`];
}

/** A key has one effect, which is stored with it. */
function keyProblems(
  { coupons, results }: Tables,
  careful: ReadonlySet<bigint>,
  acknowledged: readonly Acknowledged[],
): string[] {
  const keysOf = new Map<bigint, string[]>();
  for (const [place, { result }] of results) {
    const { outcome } = stored.IssueCouponResponse.decode(result);
    if (outcome?.$case !== 'coupon') return [`${place}: a refusal was stored`];
    keysOf.set(outcome.value.id, [...(keysOf.get(outcome.value.id) ?? []), place]);
  }
  const own = [...coupons.values()].filter((row) => careful.has(row['user_id'] as bigint));
  return [
    ...own.flatMap(({ id }) => {
      const keys = keysOf.get(id as bigint) ?? [];
      return keys.length === 1 ? [] : [`coupon ${id} was issued for ${keys.length} keys: ${keys}`];
    }),
    ...[...keysOf].flatMap(([id, [key]]) => (coupons.has(id) ? [] : [`${key}: coupon ${id} is not there`])),
    ...acknowledged.flatMap(({ userId, couponId, key }) => {
      if (key === undefined) return [];
      const names = keysOf.get(couponId)?.includes(`${scopeOf(userId)} ${key}`);
      return names ? [] : [`user ${userId} got coupon ${couponId} for key ${key}, which does not name it`];
    }),
  ];
}

/** A user whose response came before the request of another one has the lower number. */
function orderProblems(acknowledged: readonly Acknowledged[]): string[] {
  return acknowledged.flatMap((first) =>
    acknowledged
      .filter(({ policyId, sentMs, sequenceNo }) => {
        return policyId === first.policyId && first.answeredMs < sentMs && first.sequenceNo > sequenceNo;
      })
      .map(({ couponId }) => `coupon ${couponId} has a lower number than ${first.couponId}, which was there before`),
  );
}
