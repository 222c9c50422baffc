import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { createNotifier } from '../../../platform/kernel/notifier.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { postgresContactStore } from '../adapters/postgres/contact-store.ts';
import { postgresIdentityStore } from '../adapters/postgres/identity-store.ts';
import { getContacts } from '../application/get-contacts.ts';
import { noticeConsents } from '../application/notice-consents.ts';
import type { ContactStore, IdentityStore } from '../application/ports.ts';
import { withdrawConsent } from '../application/withdraw-consent.ts';
import { decideDeletion, SIGNED_UP_HERE, type SignedUpUser } from '../domain/user.ts';

const SIGNED_UP = new Date('2024-03-01T00:00:00.000Z');
const LATER = new Date('2024-06-01T00:00:00.000Z');

let database: Database;
let drop: () => Promise<void>;
let store: IdentityStore;
let contacts: ContactStore;
let ids = 0n;
beforeAll(async () => {
  const test = await testDatabase();
  database = openDatabase({ url: test.url, onError: () => undefined });
  drop = test.drop;
  store = postgresIdentityStore(database.pool, () => {});
  contacts = postgresContactStore(database.pool);
});
afterAll(async () => {
  await database.close();
  await drop();
});

async function user(changes: Partial<SignedUpUser> = {}): Promise<bigint> {
  const id = ++ids;
  const record: SignedUpUser = {
    id,
    email: `user${id}@example.com`,
    ...SIGNED_UP_HERE,
    name: 'Ada',
    role: 'CUSTOMER',
    marketingConsent: true,
    language: 'ko',
    profileImageUrl: null,
    profileImageFile: null,
    createdAt: SIGNED_UP,
    status: 'ACTIVE',
    emailVerifiedAt: SIGNED_UP,
    ...changes,
  };
  await store.addUser(record, 'hash');
  return id;
}
const history = async (userId: bigint) =>
  (
    await database.pool.query(
      'select given, at, source from identity.consent_changes where user_id = $1 order by at, source',
      [userId],
    )
  ).rows;
const at = (now: string) => getContacts(contacts, { clock: () => Date.parse(now) });

test('every statement about marketing is added to the history, with its time and source', async () => {
  const userId = await user();
  const changed = { given: true, at: LATER, source: 'PROFILE' } as const;
  await store.changeProfile(userId, { consent: changed });
  await contacts.withdrawConsent({ userId }, { at: new Date('2024-07-01'), source: 'MAIL_LINK' });
  expect(await contacts.withdrawConsent({ userId }, { at: new Date('2024-07-02'), source: 'COMPLAINT' })).toBe(false);
  expect(await history(userId)).toEqual([
    { given: true, at: SIGNED_UP, source: 'SIGN_UP' },
    changed,
    { given: false, at: new Date('2024-07-01'), source: 'MAIL_LINK' },
  ]);
});

test('the history of consents cannot be changed or deleted', async () => {
  await user();
  for (const sql of ['update identity.consent_changes set given = true', 'delete from identity.consent_changes']) {
    await expect(database.pool.query(sql)).rejects.toThrow(/refused|only added|change/);
  }
});

test('a deleted account keeps the history of its consent, by its id only', async () => {
  const userId = await user();
  await store.deleteAccount({ userId, at: LATER, outboxId: 9n, random: 'x' }, decideDeletion);
  expect(await history(userId)).toContainEqual({ given: false, at: LATER, source: 'DELETION' });
  expect((await at('2024-06-02')({ userIds: [userId] })).contacts).toEqual([]);
});

test('contacts have address, language and consent, without locked and deleted users, and with ids of no user apart', async () => {
  const [active, locked, silent] = [
    await user(),
    await user({ status: 'LOCKED' }),
    await user({ marketingConsent: false }),
  ];
  const deleted = await user();
  await store.deleteAccount({ userId: deleted, at: LATER, outboxId: 10n, random: 'y' }, decideDeletion);
  const userIds = [active, locked, silent, deleted, 999n];
  const { contacts: found, unknownUserIds } = await at('2024-06-01')({ userIds });
  expect(unknownUserIds).toEqual([999n]);
  expect(found.toSorted((a, b) => Number(a.userId - b.userId))).toEqual([
    {
      userId: active,
      email: `user${active}@example.com`,
      name: 'Ada',
      language: 'ko',
      emailVerified: true,
      marketingConsent: { at: SIGNED_UP, source: 'SIGN_UP' },
    },
    expect.objectContaining({ userId: silent, marketingConsent: undefined }),
  ]);
});

test('a withdrawal by a complaint finds the user by the address', async () => {
  const userId = await user();
  const withdraw = withdrawConsent(contacts, { clock: () => LATER.getTime() });
  const complaint = (email: string) =>
    withdraw({ user: { $case: 'email', value: email }, source: 'COMPLAINT', commandKey: undefined });
  expect((await complaint(`USER${userId}@EXAMPLE.com`)).outcome).toEqual({
    $case: 'withdrawn',
    value: { changed: true },
  });
  for (const email of [`user${userId}@example.com`, 'nobody@example.com', 'nonsense']) {
    expect((await complaint(email)).outcome).toEqual({ $case: 'withdrawn', value: { changed: false } });
  }
});

test('a consent does not count two years after its last confirmation, and its notice is asked for 30 days before', async () => {
  const userId = await user();
  const has = async (now: string) => (await at(now)({ userIds: [userId] })).contacts[0]?.marketingConsent !== undefined;
  expect([await has('2026-02-28T00:00:00Z'), await has('2026-03-02T00:00:00Z')]).toEqual([true, false]);

  const waiting = async () =>
    (
      await database.pool.query<{ kind: string; language: string }>(
        'select kind, language from identity.mails where email = $1',
        [`user${userId}@example.com`],
      )
    ).rows;
  const run = (now: string) =>
    noticeConsents(
      contacts,
      { clock: () => Date.parse(now), changed: createNotifier(), store: undefined as never },
      () => ++ids + 1_000_000n,
    ).run(new AbortController().signal);
  await run('2026-01-28T00:00:00Z');
  expect(await waiting()).toEqual([]);
  await run('2026-02-01T00:00:00Z');
  expect(await waiting()).toEqual([{ kind: 'CONSENT_NOTICE', language: 'ko' }]);

  await contacts.confirmConsent(userId, new Date('2026-02-01'));
  expect(await has('2026-03-02T00:00:00Z')).toBe(true);
});
