/** How late policies open and end, as others see it in PostgreSQL. See bench/README.md. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { prepareFixture } from '../issue/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';

const { values } = parseArgs({
  options: { policies: { type: 'string', default: '50' }, seconds: { type: 'string', default: '20' } },
});
const policies = Number(values.policies);
const windowMs = Number(values.seconds) * 1_000;
/** Time to create them all before the first opens. */
const AHEAD_MS = 3_000;
const OPEN_MS = 2_000;
const POLL_MS = 5;

const fixture = await prepareFixture(1, 1);
closeOnSignal(() => fixture.close());
try {
  const databaseUrl = await fixture.createDatabase('timing');
  const system = await startSystem({ ...fixture, databaseUrl });
  const iat = Math.floor(Date.now() / 1_000);
  const token = accessTokens(fixture.jwtSecret, Date.now).sign({ sub: '1', role: 'ADMIN', iat, exp: iat + 900 });
  const startMs = Date.now() + AHEAD_MS;
  const due = new Map<string, number>();
  for (let n = 0; n < policies; n++) {
    const fromMs = Math.round(startMs + (n * windowMs) / policies + Math.random() * 100);
    const untilMs = fromMs + OPEN_MS;
    const body = {
      name: `Timing ${n}`,
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000,
      distributionType: 'FIRST_COME',
      validDays: 1,
      validFrom: new Date(fromMs).toISOString(),
      validUntil: new Date(untilMs).toISOString(),
    };
    const response = await fetch(new URL('/api/v1/coupon-policies', system.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { couponPolicyId } = (await response.json()) as { couponPolicyId: string };
    due.set(`${couponPolicyId} ACTIVE`, fromMs).set(`${couponPolicyId} ENDED`, untilMs);
    if (response.status === 429) throw new Error('limited: fewer policies');
  }

  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const lags: Record<string, number[]> = { ACTIVE: [], ENDED: [] };
  let last = '0';
  while (due.size > 0) {
    const { rows } = await client.query<{ id: string; policy_id: string; status: string }>(
      `select id, policy_id, status from coupon.coupon_policy_changes where id > $1 and changed_by = 'clock' order by id`,
      [last],
    );
    const seenMs = Date.now();
    for (const { id, policy_id: policyId, status } of rows) {
      last = id;
      const key = `${policyId} ${status}`;
      lags[status]?.push(seenMs - (due.get(key) ?? Number.NaN));
      due.delete(key);
    }
    await delay(POLL_MS);
  }
  for (const [status, all] of Object.entries(lags)) {
    const { median, min, max } = spreadOf(all);
    console.log(`${status} after its instant: median ${median} ms, ${min} to ${max} ms (${all.length} policies)`);
  }
  await client.end();
  await system.stop();
} finally {
  await fixture.close();
}
