import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { postgresDeadLetters } from '../../platform/events/dead-letters.ts';
import { deadLetterAudit } from './dead-letter-audit.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  pool.on('error', () => {});
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function audit(policyId?: bigint) {
  const client = await pool.connect();
  return deadLetterAudit.run(client, policyId === undefined ? {} : { policyId }).finally(() => client.release());
}

const put = (eventId: string, policyId: string) =>
  postgresDeadLetters(pool).put(
    'statistics.coupons',
    {
      topic: 'coupon.issued',
      key: '1',
      event: {
        eventId,
        eventType: 'COUPON_ISSUED',
        timestamp: '',
        data: { policyId },
        metadata: { correlationId: 'c', source: 'coupon', version: '1.0' },
      },
    },
    'Error: it was a bad day',
  );

test('a system without dead letters is sound, and each letter is a violation until it is replayed', async () => {
  expect(await audit()).toEqual({ ok: true, figures: { letters: 0 }, violations: [] });
  await put('1:0', '7');
  await put('1:1', '8');
  const found = await audit();
  expect(found).toMatchObject({ ok: false, figures: { letters: 2, broken: 2 } });
  expect(found.violations).toEqual([
    expect.stringMatching(/^statistics\.coupons gave up 2 events of coupon\.issued, the/),
  ]);
  await pool.query('delete from platform.dead_letters');
  expect((await audit()).ok).toBe(true);
});

test('a dead letter is one of the policy that its event names', async () => {
  await put('1:0', '7');
  expect((await audit(7n)).ok).toBe(false);
  expect((await audit(8n)).ok).toBe(true);
});
