import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Rush, RushOptions } from './rush-faults.ts';
import type { Stand } from './stand.ts';

interface CouponRow {
  readonly id: string;
  readonly user_id: string;
  readonly sequence_no: number;
}

/** Everything that was promised, after everything has recovered. */
export async function expectExact(stand: Stand, rush: Rush, { users, coupons }: RushOptions): Promise<void> {
  const { policyId, data, wrong } = rush;
  expect(wrong).toEqual([]);
  expect(data.size).toBe(users);

  const rows = await stand.query<CouponRow & Record<string, unknown>>(
    'select id::text, user_id::text, sequence_no from coupon.coupon_issues where policy_id = $1 order by sequence_no',
    [policyId],
  );
  expect(rows.length).toBe(coupons);
  expect(rows.map((row) => row.sequence_no)).toEqual(Array.from({ length: coupons }, (_, index) => index + 1));
  expect(new Set(rows.map((row) => row.user_id)).size).toBe(coupons);

  // Everything that was acknowledged is stored, and everything that is stored was acknowledged in the end.
  const stored = rows.map((row) => `${row.user_id} ${row.id} ${row.sequence_no}`);
  const acknowledged = [...data].flatMap(([user, it]) =>
    it === 'sold out' ? [] : [`${user} ${it.couponId} ${it.sequenceNo}`],
  );
  expect(acknowledged.sort()).toEqual(stored.sort());

  expect(await eventsOf(stand, policyId, coupons)).toBe(coupons);
  const { code, output } = await audit(stand, policyId);
  expect(code, output).toBe(0);
}

/** Events published for the policy, once there are as many as expected or no more come. */
async function eventsOf(stand: Stand, policyId: string, expected: number): Promise<number> {
  let events = 0;
  for (let turns = 0; turns < 100; turns++) {
    const [row] = await stand.query<{ events: string }>(
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

function audit(stand: Stand, policyId: string): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: stand.databaseUrl };
  return new Promise((done) => {
    const args = [resolve('bin/stampede.js'), 'audit', '--policy', policyId];
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
