import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { openDatabase } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import { reminderOf } from '../../../test/fixture.ts';
import { forgetUsers } from '../forget-users.ts';
import { lockInboxes } from '../inbox-locks.ts';
import { USER_TABLES } from '../user-tables.ts';
import { writeNotices } from '../write-notices.ts';
import { notificationAudits } from './audits.ts';

let home: TestDatabase;
let owner: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  const database = openDatabase({ url: home.url, onError: () => {} });
  let next = 0n;
  await inTransaction(database.pool, async (client) => {
    const wanted = [reminderOf(1, '100'), reminderOf(1, '101'), reminderOf(2, '100')];
    await writeNotices(client, wanted, { nextId: () => ++next, nowMs: Date.now() });
  });
  await inTransaction(database.pool, async (client) => {
    await lockInboxes(client, [3n]);
    await forgetUsers(client, [3n]);
  });
  await database.close();
  // What the audits look for may not be what a constraint would have kept out.
  await owner.query('alter table notification.notices drop constraint notices_once');
  await owner.query('alter table notification.deliveries drop constraint deliveries_once');
});
afterEach(async () => {
  await owner.end();
  await home.drop();
});

const violations = async () => {
  const found: string[] = [];
  for (const audit of notificationAudits) found.push(...(await audit.run(owner, {})).violations);
  return found;
};
const DELIVERY = (number: number) =>
  `insert into notification.deliveries (user_id, channel, kind, subject, day, number, state, due_at)
   values (1, 'EMAIL', 'COUPON_EXPIRING', '100', '2026-01-24', ${number}, 'PENDING', now())`;

it('the audits of notices accept what the context writes', async () => {
  await owner.query(DELIVERY(1));
  expect(await violations()).toEqual([]);
});

it.each([
  [
    'a wrong count',
    'update notification.inboxes set unread = 5 where user_id = 1',
    'user 1: 5 counted as unread, 2 are',
  ],
  [
    'a notice read twice',
    'update notification.inboxes set read_up_to = 1 where user_id = 2',
    'user 2: 1 counted as unread, 0 are',
  ],
  [
    'a lost number',
    'update notification.inboxes set last_number = 1 where user_id = 1',
    'user 1: notice 2, the last number is 1',
  ],
  ['a lost inbox', 'delete from notification.inboxes where user_id = 2', 'user 2 has notices and no inbox'],
  [
    'a second notice',
    `insert into notification.notices select user_id, 0, 99, kind, subject, day, data, created_at, now()
     from notification.notices where user_id = 2`,
    'user 2 has 2 notices COUPON_EXPIRING about 100 of 2026-01-24',
  ],
  [
    'a second delivery',
    `${DELIVERY(1)}; ${DELIVERY(1)}`,
    'user 1 has 2 deliveries by EMAIL of COUPON_EXPIRING about 100 of 2026-01-24',
  ],
  ['a delivery of nothing', DELIVERY(9), expect.stringMatching(/^delivery \d+ by EMAIL: user 1 has no notice 9$/)],
  [
    'a fact that was set aside',
    `insert into notification.rejected_facts (fact, error) values ('{}', 'too long')`,
    expect.stringMatching(/^fact \d+ was set aside: too long\. Mend it/),
  ],
  [
    'what is kept of a deleted user',
    'insert into notification.settings (user_id) values (3)',
    'user 3 deleted the account, and settings are kept',
  ],
])('the audits of notices find %s', async (_, fault, violation) => {
  await owner.query(fault);
  expect(await violations()).toEqual([violation]);
});

it('every table with rows of a user is forgotten with the user, and looked through by the audit', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'notification' and column_name = 'user_id' order by 1`,
  );
  // The inbox stays, closed. A list of a job is deleted with its end.
  const kept = ['inboxes', 'job_users'];
  const tables = rows.map(({ name }) => name).filter((name) => !kept.includes(name));
  expect(tables).toEqual([...USER_TABLES].sort());
  const audit = await readFile(join(import.meta.dirname, 'deleted.sql'), 'utf8');
  const audited = [...audit.matchAll(/from notification\.(\w+)$/gm)].map(([, name]) => name);
  expect(audited.sort()).toEqual(tables);
});
