import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../../platform/postgres/transaction.ts';
import { forgetUsers } from '../adapters/postgres/forget-users.ts';
import { lockInboxes } from '../adapters/postgres/inbox-locks.ts';
import { oldNotices } from '../adapters/postgres/old-notices.ts';
import { writeFacts } from '../adapters/postgres/write-facts.ts';
import { writeNotices } from '../adapters/postgres/write-notices.ts';
import { deleteOldNotices } from '../application/delete-old.ts';
import { type NotificationFixture, notificationFixture, reminderOf } from './fixture.ts';
import { cancelled, couponEnded, deleted, eventOf, issued, OTHERS } from './notice-events.ts';

const PUT_BACK = `
  with back as (delete from notification.rejected_facts returning id, fact)
  insert into notification.intake (size, facts) select 1, json_build_array(fact) from back order by id`;

let on: NotificationFixture;
let user = 0;
beforeAll(async () => {
  on = await notificationFixture();
});
afterAll(() => on.close());

const kindsOf = async (userId: number) => (await on.inboxOf(userId)).notices.map(({ kind }) => kind);
const remind = (userId: number, couponId: string) =>
  inTransaction(on.database.pool, (client) =>
    writeNotices(client, [reminderOf(userId, couponId)], { nextId: on.nextId, nowMs: Date.now() }),
  );

describe('notices of events', () => {
  test('an event that comes five times, in other batches and after later ones, makes one notice', async () => {
    const [first, second] = [issued(++user, '101'), issued(user, '102')];
    await on.consume([first, second]);
    await on.write();
    await on.consume([second, first, first]);
    await on.consume([first]);
    await on.consume([second]);
    // The same fact by another event, as after a replay from a backup.
    await on.consume([issued(user, '101')]);
    await on.write();
    const { notices, unread } = await on.inboxOf(user);
    expect(notices.map(({ subject }) => subject)).toEqual(['102', '101']);
    expect(unread).toBe(2);
  });

  test("a notice of an event has the database's time, whatever the node estimates", async () => {
    const wrong = await notificationFixture({ estimate: () => 0 });
    try {
      await wrong.consume([issued(7)]);
      const { rows } = await wrong.database.pool.query<{ now: Date }>('select clock_timestamp() as now');
      await wrong.write();
      const { rows: notices } = await wrong.database.pool.query<{ createdAt: Date }>(
        'select created_at as "createdAt" from notification.notices',
      );
      expect(notices[0]?.createdAt.getTime()).toBeGreaterThanOrEqual(rows[0]?.now.getTime() ?? Number.NaN);
    } finally {
      await wrong.close();
    }
  });

  test.each(OTHERS)(
    '%s has the subject %s and the day of what happened, from %s',
    async (kind, subject, topic, data) => {
      await on.consume([eventOf(topic, { userId: String(++user), ...data })]);
      await on.write();
      const { rows } = await on.database.pool.query(
        'select kind, subject, day::text from notification.notices where user_id = $1',
        [user],
      );
      expect(rows).toEqual([{ kind, subject, day: '2026-01-02' }]);
      const [notice] = (await on.inboxOf(user)).notices;
      for (const text of [notice?.title, notice?.body, notice?.path]) expect(text).toMatch(/\S/);
    },
  );

  test('a batch of 2,500 events is written by bounded transactions, in order', async () => {
    user += 1;
    await on.consume(Array.from({ length: 2_500 }, (_, index) => issued(user, String(10_000 + index))));
    const { rows } = await on.database.pool.query('select size from notification.intake order by id');
    expect(rows.map(({ size }) => size)).toEqual([1_000, 1_000, 500]);
    await on.write();
    const { notices, unread } = await on.inboxOf(user);
    expect([unread, notices[0]?.subject, notices[99]?.subject]).toEqual([2_500, '12499', '12400']);
  });

  test('the lag is that of the oldest fact while a writer that hangs has it, and 0 after it was written', async () => {
    const lag = async () => (await on.metrics.getSingleMetric('stampede_notices_lag_seconds')?.get())?.values[0]?.value;
    expect(await lag()).toBe(0);
    await on.consume([issued(++user, '103')]);
    await on.database.pool.query("update notification.intake set created_at = now() - interval '1 hour'");
    const hanging = await on.database.pool.connect();
    try {
      await hanging.query('begin');
      await hanging.query('delete from notification.intake');
      expect(await lag()).toBeGreaterThanOrEqual(3_600);
    } finally {
      await hanging.query('rollback');
      hanging.release();
    }
    await on.write();
    expect(await lag()).toBe(0);
  });

  test.each([
    ['is used', (userId: number) => couponEnded('coupon.used', userId, '100')],
    ['expires', (userId: number) => couponEnded('coupon.expired', userId, '100')],
    ['is withdrawn', (userId: number) => cancelled(userId, '100', 'WITHDRAWN')],
  ])('the unread reminder of a coupon that %s goes, with what was not sent', async (_, event) => {
    const userId = ++user;
    await remind(userId, '100');
    await remind(userId, '999');
    await on.database.pool.query(
      `insert into notification.deliveries (user_id, channel, kind, subject, day, number, state, due_at)
       select $1, channel, 'COUPON_EXPIRING', '100', '2026-01-24', 1, state, now()
       from (values ('EMAIL', 'PENDING'), ('PUSH', 'SENT')) as d(channel, state)`,
      [userId],
    );
    await on.consume([event(userId)]);
    await on.write();
    const { notices, unread } = await on.inboxOf(userId);
    expect([notices.map(({ subject }) => subject), unread]).toEqual([['999'], 1]);
    const { rows } = await on.database.pool.query('select channel from notification.deliveries where user_id = $1', [
      userId,
    ]);
    expect(rows).toEqual([{ channel: 'PUSH' }]);
  });

  test('the reminder of a coupon whose reservation ends stays, and one that was read stays', async () => {
    const userId = ++user;
    await remind(userId, '100');
    await on.consume([cancelled(userId, '100', 'TIMEOUT')]);
    await on.write();
    expect(await kindsOf(userId)).toEqual(['COUPON_EXPIRING']);
    await on.api.markAllRead({ userId: BigInt(userId), commandKey: undefined });
    await on.consume([couponEnded('coupon.used', userId, '100')]);
    await on.write();
    const { notices, unread } = await on.inboxOf(userId);
    expect([notices.map(({ isRead }) => isRead), unread]).toEqual([[true], 0]);
  });

  test('a kind that the user turned off is not written', async () => {
    const userId = ++user;
    const preferences = [{ kind: 'COUPON_ISSUED', channel: 'INBOX', enabled: false }];
    const settings = { preferences, expiryDays: [7], language: undefined, timezone: undefined, quietHours: undefined };
    await on.api.updateSettings({ userId: BigInt(userId), settings, commandKey: undefined });
    await on.consume([issued(userId), eventOf(OTHERS[0][2], { userId: String(userId), ...OTHERS[0][3] })]);
    await on.write();
    expect(await kindsOf(userId)).toEqual(['POINTS_CREDITED']);
  });

  test('a notice that the user deleted does not come back with its event, nor does it leave again', async () => {
    const userId = ++user;
    await on.consume([issued(userId)]);
    await on.write();
    const [notice] = (await on.inboxOf(userId)).notices;
    await on.api.deleteNotice({ userId: BigInt(userId), noticeId: notice?.id ?? 0n, commandKey: undefined });
    await on.consume([issued(userId), issued(userId, '101')]);
    expect(await on.intake.writeNext()).toMatchObject({ notices: [{ subject: '101' }] });
    expect(await on.inboxOf(userId)).toMatchObject({ notices: [{ subject: '101' }], unread: 1 });
  });
});

test('old notices that were read by reading all are deleted without a count, and deleted ones are forgotten', async () => {
  const userId = ++user;
  await on.consume([issued(userId), issued(userId, '101')]);
  await on.write();
  await on.api.markAllRead({ userId: BigInt(userId), commandKey: undefined });
  const [notice] = (await on.inboxOf(userId)).notices;
  await on.api.deleteNotice({ userId: BigInt(userId), noticeId: notice?.id ?? 0n, commandKey: undefined });
  await on.consume([issued(userId, '102')]);
  await on.write();
  const changed: bigint[] = [];
  const signal = { notify: (userIds: Iterable<bigint>) => void changed.push(...userIds) };
  const later = async () => Date.now() + 91 * 86_400_000;
  await deleteOldNotices(oldNotices(on.database.pool), signal, later)(new AbortController().signal);
  expect([await on.rowsOf(userId), (await on.inboxOf(userId)).unread]).toEqual([0, 0]);
  expect(changed).toContain(BigInt(userId));
});

describe('a fact that cannot be written', () => {
  const rejected = async () =>
    (await on.database.pool.query('select fact, error from notification.rejected_facts order by id')).rows;

  test('is set aside, and all others are written, whatever is before and behind it', async () => {
    const [damaged, gone, other] = [++user, ++user, ++user];
    await remind(damaged, '100');
    await remind(gone, '100');
    await on.database.pool.query('update notification.inboxes set unread = 0 where user_id = $1', [damaged]);
    const used = couponEnded('coupon.used', damaged, '100');
    await on.consume([issued(other, '101'), used, deleted(gone), issued(other, '102')]);
    expect(await on.intake.writeNext()).toMatchObject({
      notices: [{ userId: BigInt(other) }, { userId: BigInt(other) }],
      rejected: [{ reason: expect.stringContaining('inboxes_unread') }],
    });
    expect([(await on.inboxOf(other)).unread, await on.rowsOf(gone)]).toEqual([2, 0]);
    expect(await rejected()).toMatchObject([{ fact: { what: 'DROP', subject: '100' } }]);
    // As the README of the context says.
    await on.database.pool.query('update notification.inboxes set unread = 1 where user_id = $1', [damaged]);
    await on.database.pool.query(PUT_BACK);
    await on.write();
    expect([await rejected(), await on.inboxOf(damaged)]).toMatchObject([[], { notices: [], unread: 0 }]);
  });

  test('is set aside after three attempts when its error is not of the data, and all others are written', async () => {
    const [damaged, other] = [++user, ++user];
    const { pool } = on.database;
    // A damaged block of a table, for example.
    await pool.query(`
      create function notification.fail() returns trigger language plpgsql as $$
      begin raise exception 'invalid page' using errcode = 'XX001'; end $$`);
    await pool.query(`create trigger damaged before insert on notification.notices for each row
      when (new.user_id = ${damaged}) execute function notification.fail()`);
    try {
      await on.consume([issued(damaged, '101'), issued(other, '102')]);
      for (let attempt = 1; attempt <= 3; attempt++)
        await expect(on.intake.writeNext()).rejects.toThrow('invalid page');
      expect(await on.intake.writeNext()).toMatchObject({
        notices: [{ userId: BigInt(other) }],
        rejected: [{ reason: expect.stringContaining('invalid page') }],
      });
    } finally {
      await pool.query('drop trigger damaged on notification.notices; drop function notification.fail()');
    }
    await pool.query(PUT_BACK);
    await on.write();
    expect((await on.inboxOf(damaged)).unread).toBe(1);
  });

  test('is forgotten with its user', async () => {
    const userId = ++user;
    await remind(userId, '100');
    await on.database.pool.query('update notification.inboxes set unread = 0 where user_id = $1', [userId]);
    await on.consume([couponEnded('coupon.used', userId, '100')]);
    await on.write();
    expect(await rejected()).toHaveLength(1);
    await on.consume([deleted(userId)]);
    await on.write();
    expect([await rejected(), await on.rowsOf(userId)]).toEqual([[], 0]);
  });

  test('stays when nothing can be written, and is written later', async () => {
    const userId = ++user;
    await on.consume([issued(userId)]);
    await on.database.pool.query('alter table notification.preferences rename to away');
    for (let attempt = 1; attempt <= 5; attempt++)
      await expect(on.intake.writeNext()).rejects.toThrow('notification.preferences');
    await on.database.pool.query('alter table notification.away rename to preferences');
    await on.write();
    expect((await on.inboxOf(userId)).unread).toBe(1);
  });
});

describe('a user who deletes the account', () => {
  const settingsFor = (userId: number) =>
    on.api.updateSettings({
      userId: BigInt(userId),
      settings: {
        preferences: [{ kind: 'COUPON_ISSUED', channel: 'PUSH', enabled: false }],
        expiryDays: [],
        language: 'ko',
        timezone: undefined,
        quietHours: undefined,
      },
      commandKey: undefined,
    });

  test('leaves nothing, and gets nothing any more, also from events that were there before', async () => {
    const userId = ++user;
    await settingsFor(userId);
    await on.consume([issued(userId)]);
    await on.write();
    expect(await on.rowsOf(userId)).toBeGreaterThan(2);
    await on.consume([issued(userId, '101'), deleted(userId), issued(userId, '102')]);
    await on.write();
    await on.consume([issued(userId, '103')]);
    await on.write();
    await remind(userId, '100');
    expect((await settingsFor(userId)).outcome).toMatchObject({ $case: 'refusal', value: { code: 'FORBIDDEN' } });
    expect([await on.rowsOf(userId), await on.inboxOf(userId)]).toMatchObject([0, { notices: [], unread: 0 }]);
  });

  test('leaves nothing of a notice whose transaction is still open', async () => {
    const userId = ++user;
    let commit = () => {};
    const isOpen = Promise.withResolvers<void>();
    const writing = inTransaction(on.database.pool, async (client) => {
      await writeNotices(client, [reminderOf(userId, '100')], { nextId: on.nextId, nowMs: Date.now() });
      isOpen.resolve();
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
    });
    await isOpen.promise;
    await on.consume([deleted(userId)]);
    const forgetting = on.write();
    await waitForLock();
    commit();
    await Promise.all([writing, forgetting]);
    expect([await on.rowsOf(userId), (await on.inboxOf(userId)).unread]).toEqual([0, 0]);
  });

  test('gets nothing from a writer that waits while the account is deleted', async () => {
    const userId = ++user;
    // Another one waits for an inbox that is being made, also without the lock.
    await remind(userId, '99');
    let written: Promise<unknown> = Promise.resolve();
    await inTransaction(on.database.pool, async (client) => {
      await lockInboxes(client, [BigInt(userId)]);
      written = remind(userId, '100');
      await waitForLock();
      await forgetUsers(client, [BigInt(userId)]);
    });
    expect(await written).toEqual([]);
    expect(await on.rowsOf(userId)).toBe(0);
  });

  test('is locked also for what asks for no notice, together with the inboxes of others', async () => {
    const [one, other] = [++user, ++user];
    let writing: Promise<unknown> = Promise.resolve();
    let first: string | undefined;
    await inTransaction(on.database.pool, async (client) => {
      await lockInboxes(client, [BigInt(other)]);
      writing = inTransaction(on.database.pool, (writer) =>
        writeFacts(
          writer,
          [
            { what: 'NOTICE', ...reminderOf(one, '100'), userId: String(one) },
            { what: 'DROP', userId: String(other), kind: 'COUPON_EXPIRING', subject: '100' },
          ],
          { nextId: on.nextId, nowMs: Date.now() },
        ),
      );
      first = await Promise.race([writing.then(() => 'written'), waitForLock().then(() => 'waits')]);
    });
    await writing;
    expect(first).toBe('waits');
  });
});

/** Resolves when a transaction waits for a row of another one. */
async function waitForLock(): Promise<void> {
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await on.database.vital.query(waiting)).rowCount === 0);
}
