// @module-tag rows
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSERT_OUTBOX, outboxValues } from '../../src/platform/events/outbox.ts';
import { type Answer, openPolicy, policyBody, type Stage, stage, until } from '../attacks/support.ts';

let on: Stage;
let client: pg.Client;
beforeAll(async () => {
  on = await stage();
  client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await on.stop();
});

const eventPolicy = (changes: Readonly<Record<string, unknown>> = {}) =>
  openPolicy(on, { distributionType: 'EVENT', triggerEventType: 'user.signed_up', maxIssuePerUser: 5, ...changes });

const couponsOf = async (userId: string): Promise<readonly Answer['body'][]> =>
  (await on.call('GET', `/api/v1/coupons/users/${userId}`, { token: on.token(userId) })).body.coupons;

async function signUp(): Promise<string> {
  const json = {
    email: `user-${Math.random()}@example.com`,
    password: 'correct horse battery',
    name: 'Minji',
    role: 'CUSTOMER',
  };
  const { status, body } = await on.call('POST', '/api/v1/auth/signup', { json });
  expect(status).toBe(201);
  return body.userId ?? body.id;
}

/** Puts an event of this outbox row's id out, as often as it is called. */
async function publish(outboxId: bigint, userIds: readonly string[]): Promise<void> {
  const rows = userIds.map((userId) => [userId, 'x@example.com']);
  const columns = ['userId', 'email'];
  const batch = { topic: 'user.signed_up', source: 'identity', keyField: 'userId', common: {}, columns, rows };
  await client.query(INSERT_OUTBOX, outboxValues(outboxId, [batch]));
  await until(
    async () => (await client.query('select 1 from platform.outbox where id = $1', [outboxId])).rowCount === 0,
  );
}

describe('an EVENT policy', () => {
  it('a sign-up issues a coupon of every policy that it triggers', async () => {
    const [first, second] = [await eventPolicy(), await eventPolicy({ triggerEventType: 'USER_SIGNED_UP' })];
    const closed = await eventPolicy({ validFrom: new Date(Date.now() + 3_600_000).toISOString() });
    const shown = await on.call('GET', `/api/v1/coupon-policies/${second}`, { token: on.token('1', 'ADMIN') });
    expect(shown.body.triggerEventType).toBe('user.signed_up');
    const userId = await signUp();
    await until(async () => (await couponsOf(userId)).length >= 2);
    const issued = (await couponsOf(userId)).map(({ couponPolicyId }) => couponPolicyId);
    expect(issued.sort()).toEqual([first, second].sort());
    expect(issued).not.toContain(closed);
    for (const id of [first, second]) {
      await on.call('POST', `/api/v1/admin/coupon-policies/${id}/end`, { token: on.token('1', 'ADMIN') });
    }
  });

  it('an EVENT policy issues one coupon for each event and user, however often the event is delivered', async () => {
    const id = await eventPolicy({ maxIssueCount: 4 });
    for (let turn = 0; turn < 3; turn++) await publish(910n, ['5001', '5002', '5001']);
    await publish(911n, ['5001', '5003', '5004']);
    const held = await client.query<{ user_id: string; coupons: number }>(
      `select user_id::text, count(*)::int coupons from coupon.coupon_issues where policy_id = $1 group by 1 order by 1`,
      [id],
    );
    // Two places of one row are two events; the fifth of them came when nothing was left.
    expect(held.rows).toEqual([
      { user_id: '5001', coupons: 3 },
      { user_id: '5002', coupons: 1 },
    ]);
    await until(async () => (await client.query('select 1 from platform.outbox')).rowCount === 0);
    const events = await client.query(
      `select sum(events)::int n from platform.published_events where topic = 'coupon.issued' and key = $1`,
      [id],
    );
    expect(events.rows).toEqual([{ n: 4 }]);
    await on.call('POST', `/api/v1/admin/coupon-policies/${id}/end`, { token: on.token('1', 'ADMIN') });
  });

  it('a coupon of an EVENT policy cannot be requested by its user', async () => {
    const id = await eventPolicy();
    const own = await on.call('POST', `/api/v1/coupons/policies/${id}/issue`, { token: on.token('5010') });
    expect([own.status, own.body.code]).toEqual([400, 'COUPON_NOT_AVAILABLE']);
  });

  it.each(['user.unheard_of', 'coupon.issued', 'COUPON_ISSUED', 'coupon-policy.activated', '__proto__', ''])(
    'an EVENT policy with the trigger %j is refused',
    async (triggerEventType) => {
      const json = policyBody({ distributionType: 'EVENT', triggerEventType });
      const { status, body } = await on.call('POST', '/api/v1/coupon-policies', {
        token: on.token('1', 'ADMIN'),
        json,
      });
      expect([status, body.errors?.[0]?.field]).toEqual([400, 'triggerEventType']);
      if (/^[a-zA-Z]/.test(triggerEventType)) expect(body.errors[0].message).toContain('user.signed_up');
    },
  );
});
