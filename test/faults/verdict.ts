import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rush, RushOptions } from './rush-faults.ts';
import { audit, type System } from './system.ts';

interface CouponRow {
  readonly id: string;
  readonly user_id: string;
  readonly sequence_no: number;
}

/** Everything that was promised, after everything has recovered. */
export async function expectExact(
  system: System,
  rush: Pick<Rush, 'policyId' | 'data' | 'wrong'>,
  { users, coupons }: Pick<RushOptions, 'users' | 'coupons'>,
): Promise<void> {
  const { policyId, data, wrong } = rush;
  deepEqual(wrong, []);
  equal(data.size, users, 'users with a final response');

  const rows = await system.query<CouponRow & Record<string, unknown>>(
    'coupon',
    'select id::text, user_id::text, sequence_no from coupon.coupon_issues where policy_id = $1 order by sequence_no',
    [policyId],
  );
  equal(rows.length, coupons, 'coupons stored');
  deepEqual(
    rows.map((row) => row.sequence_no),
    Array.from({ length: coupons }, (_, index) => index + 1),
  );
  equal(new Set(rows.map((row) => row.user_id)).size, coupons, 'users with a coupon');

  // Everything that was acknowledged is stored, and everything that is stored was acknowledged in the end.
  const stored = rows.map((row) => `${row.user_id} ${row.id} ${row.sequence_no}`);
  const acknowledged = [...data].flatMap(([user, it]) =>
    it === 'sold out' ? [] : [`${user} ${it.couponId} ${it.sequenceNo}`],
  );
  deepEqual(acknowledged.sort(), stored.sort());

  equal(await eventsOf(system, policyId, coupons), coupons, 'events published');
  const { code, output } = await audit(system, '--policy', policyId);
  equal(code, 0, output);
}

/** Events published for the policy, once there are as many as expected or no more come. */
async function eventsOf(system: System, policyId: string, expected: number): Promise<number> {
  let events = 0;
  for (let turns = 0; turns < 100; turns++) {
    const [row] = await system.query<{ events: string }>(
      'coupon',
      "select events::text from platform.published_events where topic = 'coupon.issued' and key = $1",
      [policyId],
    );
    const before = events;
    events = Number(row?.events ?? 0);
    if (events >= expected && events === before) return events;
    await sleep(100);
  }
  return events;
}
