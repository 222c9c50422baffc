import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { inTransaction } from '../../../platform/postgres/transaction.ts';
import { inboxNewsReader } from '../adapters/postgres/inbox-news-reader.ts';
import { inboxReader } from '../adapters/postgres/inbox-reader.ts';
import { writeNotices } from '../adapters/postgres/write-notices.ts';
import type { NewNotice } from '../domain/notice.ts';

let test_: TestDatabase;
let database: Database;
const nextId = countingIds();
beforeAll(async () => {
  test_ = await testDatabase();
  database = openDatabase({ url: test_.url, onError: () => {} });
});
afterAll(async () => {
  await database.close();
  await test_.drop();
});
beforeEach(async () => {
  await database.pool.query('truncate notification.inboxes, notification.notices, notification.delivery_batches');
});

const notice = (userId: number, subject: string, day = '2026-01-01'): NewNotice => ({
  userId: BigInt(userId),
  kind: 'COUPON_ISSUED',
  subject,
  day,
  data: { couponName: `'"{\\},🎁 ${subject}` },
});
const write = (...wanted: readonly NewNotice[]) =>
  inTransaction(database.pool, (client) => writeNotices(client, wanted, { nextId, nowMs: 1_767_225_600_000 }));
const newsOf = async (userId: number, number: bigint) => {
  const [news] = await inboxNewsReader(database.pool).readNews([{ userId: BigInt(userId), number }], 100);
  return news?.notices ?? [];
};
const numbersOf = async (userId: number) => (await newsOf(userId, 0n)).map(({ number }) => number);
const unreadOf = async (userId: number) => (await inboxReader(database.pool).headOf(BigInt(userId))).unread;

describe('writeNotices', () => {
  test('numbers the notices of each user in order and counts them as unread', async () => {
    await write(notice(2, 'a'), notice(1, 'b'), notice(2, 'c'));
    await write(notice(2, 'd'));
    expect([await numbersOf(1), await numbersOf(2)]).toEqual([[1n], [1n, 2n, 3n]]);
    expect([await unreadOf(1), await unreadOf(2)]).toEqual([1, 3]);
    const notices = await newsOf(2, 1n);
    expect(notices.map(({ subject, data }) => [subject, data])).toEqual([
      ['c', { couponName: `'"{\\},🎁 c` }],
      ['d', { couponName: `'"{\\},🎁 d` }],
    ]);
  });

  test('writes one notice for a user, kind, subject and day, also when it comes twice in one call', async () => {
    expect(await write(notice(1, 'a'), notice(1, 'a'), notice(1, 'a', '2026-01-02'))).toHaveLength(2);
    expect(await write(notice(1, 'a'), notice(1, 'b'))).toMatchObject([{ userId: 1n, subject: 'b' }]);
    expect(await unreadOf(1)).toBe(3);
  });

  test('hands exactly the written notices to the channels', async () => {
    const written = [
      ...(await write(notice(1, 'a'), notice(2, 'a'))),
      ...(await write(notice(1, 'a'), notice(1, 'b'))),
    ];
    await write(notice(1, 'a'));
    const { rows } = await database.pool.query(
      'select user_ids, numbers from notification.delivery_batches order by id',
    );
    expect(rows).toHaveLength(2);
    expect(rows.flatMap(({ user_ids }) => user_ids)).toEqual(written.map(({ userId }) => String(userId)));
    expect(rows.flatMap(({ numbers }) => numbers)).toEqual(written.map(({ number }) => String(number)));
  });

  test('writes nothing for a user who has deleted the account', async () => {
    await database.pool.query('insert into notification.inboxes (user_id, deleted_at) values (1, now())');
    expect(await write(notice(1, 'a'), notice(2, 'a'))).toMatchObject([{ userId: 2n }]);
    expect(await numbersOf(1)).toEqual([]);
  });

  test('many writers of the same users leave no gap in what a reader has seen, no deadlock, and the right count', async () => {
    const users = [1, 2, 3, 4, 5];
    const writers = Array.from({ length: 12 }, (_, writer) =>
      write(...users.toSorted(() => Math.random() - 0.5).map((userId) => notice(userId, String(writer % 6)))),
    );
    await Promise.all(writers);
    for (const userId of users) expect(await unreadOf(userId)).toBe(6);
    for (const userId of users) expect(await numbersOf(userId)).toHaveLength(6);
  });
});
