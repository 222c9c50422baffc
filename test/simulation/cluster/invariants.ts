import type { Acknowledged } from './customers.ts';
import type { Row, Tables } from './tables.ts';

/** Everything that must hold when the cluster has come to rest and every user has a coupon or was refused. */
export function problemsIn(tables: Tables, users: readonly bigint[], acknowledged: readonly Acknowledged[]): string[] {
  const coupons = [...tables.coupons.values()];
  return [
    ...[...tables.policies.values()].flatMap((policy) => policyProblems(policy, coupons, users)),
    ...acknowledged.flatMap((each) => acknowledgedProblems(each, tables)),
    ...orderProblems(acknowledged),
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
    [...holders.values()].every((held) => held === 1),
    'a user has two coupons',
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
