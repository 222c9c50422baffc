import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { postgresMailStore } from '../adapters/postgres/mail-store.ts';
import type { MailStore } from '../application/ports.ts';
import type { RequestedMail } from '../domain/mail.ts';
import { NO_PASSWORD } from '../domain/password.ts';
import { SIGNED_UP_HERE, type SignedUpUser } from '../domain/user.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const LATER = new Date('2026-03-01T00:01:00.000Z');

let database: TestDatabase;
let pool: pg.Pool;
let store: MailStore;
let ids = 0n;
beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  store = postgresMailStore(pool, () => {});
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const user = (email: string): SignedUpUser => ({
  id: ++ids,
  email,
  ...SIGNED_UP_HERE,
  name: 'Ada',
  role: 'CUSTOMER',
  marketingConsent: false,
  language: 'en',
  profileImageUrl: null,
  profileImageFile: null,
  createdAt: NOW,
  status: 'ACTIVE',
  emailVerifiedAt: null,
});
const mail = (email: string, kind: RequestedMail['kind'] = 'SIGN_UP'): RequestedMail => ({
  id: ++ids,
  email,
  kind,
  language: 'en',
  requestedAt: NOW,
});
const change = (sql: string, email: string) => pool.query(`update identity.users set ${sql} where email = $1`, [email]);

async function account(email: string, sql?: string): Promise<string> {
  await store.signUp(user(email), 'hash', mail(email));
  if (sql !== undefined) await change(sql, email);
  return email;
}

test('docs/attacks.md 28: a sign-up and a request of a mail execute the same statements for every address', async () => {
  const emails = [
    await account('verified@example.com', 'email_verified_at = now()'),
    await account('unverified@example.com'),
    await account('locked@example.com', `status = 'LOCKED'`),
    await account('admin@example.com', `role = 'ADMIN'`),
    'nobody@example.com',
  ];
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  const recorded: unknown[] = [];
  for (const email of emails) {
    spy.mockClear();
    await store.signUp(user(email), 'other hash', mail(email));
    await store.request(mail(email, 'VERIFY_EMAIL'));
    await store.request(mail(email, 'RESET_PASSWORD'));
    recorded.push(spy.mock.calls.map(([query]) => (query as { text?: string }).text ?? query));
  }
  spy.mockRestore();
  expect(recorded[0]).toHaveLength(9);
  for (const statements of recorded) expect(statements).toEqual(recorded[0]);
});

test('a second sign-up takes the password only from an account of a customer or owner that is active and not verified', async () => {
  const hashOf = async (email: string) =>
    (await pool.query('select password_hash from identity.users where email = $1', [email])).rows[0].password_hash;
  const hashAfter = async (email: string, sql: string): Promise<string> => {
    await account(email, sql);
    await store.signUp(user(email.toUpperCase()), 'other hash', mail(email));
    return await hashOf(email);
  };
  expect([
    await hashAfter('a@example.com', `role = 'OWNER'`),
    await hashAfter('b@example.com', 'email_verified_at = now()'),
    await hashAfter('c@example.com', `status = 'LOCKED'`),
    await hashAfter('d@example.com', `role = 'ADMIN'`),
  ]).toEqual([NO_PASSWORD, 'hash', 'hash', 'hash']);
  expect(await store.accountOf('a@example.com')).toMatchObject({ hasPassword: false, isVerified: false });
});

test('a mail is claimed by one of several nodes, again after its lease, and the first node changes nothing then', async () => {
  await pool.query('delete from identity.mails');
  await store.request(mail('claimed@example.com', 'RESET_PASSWORD'));
  const claims = await Promise.all(Array.from({ length: 5 }, () => store.claim(NOW, LATER, 8)));
  const [first] = claims.flat();
  expect(claims.flat().map(({ attempt }) => attempt)).toEqual([1]);
  const [second] = await store.claim(LATER, new Date(LATER.getTime() + 60_000), 8);
  expect(second?.attempt).toBe(2);
  if (first === undefined || second === undefined) throw new Error('not claimed');
  await store.finish(first);
  await store.postpone(first, NOW);
  expect(await store.nextDueAt()).toEqual(new Date(LATER.getTime() + 60_000));
  await store.finish(second);
  expect(await store.nextDueAt()).toBeUndefined();
});

test('of several mails of one kind to an address the newest is claimed, and the others are deleted', async () => {
  await pool.query('delete from identity.mails');
  const requested = ['RESET_PASSWORD', 'RESET_PASSWORD', 'VERIFY_EMAIL', 'RESET_PASSWORD'] as const;
  for (const kind of requested) await store.request(mail('several@example.com', kind));
  await store.request(mail('another@example.com', 'RESET_PASSWORD'));
  const claimed = await store.claim(NOW, LATER, 8);
  expect(claimed.map(({ email, kind }) => `${email} ${kind}`).sort()).toEqual([
    'another@example.com RESET_PASSWORD',
    'several@example.com RESET_PASSWORD',
    'several@example.com VERIFY_EMAIL',
  ]);
  expect((await pool.query('select 1 from identity.mails')).rowCount).toBe(3);
});

test('an account has only the name, the role and the consent that all sign-ups with its address agree on', async () => {
  const signedUp = async (email: string, ...changes: readonly Partial<SignedUpUser>[]) => {
    for (const change of changes) await store.signUp({ ...user(email), ...change }, 'hash', mail(email));
    const sql = `select name, role, marketing_consent as consent, role_changed_at is not null as changed from identity.users where email = $1`;
    return (await pool.query(sql, [email])).rows[0];
  };
  const owner = { name: 'Grace', role: 'OWNER', marketingConsent: true } as const;
  expect(await signedUp('equal@example.com', owner, owner)).toEqual({
    name: 'Grace',
    role: 'OWNER',
    consent: true,
    changed: true,
  });
  const neutral = { role: 'CUSTOMER', consent: false };
  expect(await signedUp('owner-first@example.com', owner, {})).toEqual({
    ...neutral,
    name: 'owner-first',
    changed: true,
  });
  expect(await signedUp('owner-later@example.com', {}, owner)).toEqual({
    ...neutral,
    name: 'owner-later',
    changed: false,
  });
  expect(await signedUp('three@example.com', {}, owner, owner)).toEqual({ ...neutral, name: 'three', changed: false });
  expect(await signedUp('\u3164@example.com', {}, { name: 'Grace' })).toMatchObject({ name: '-' });
});

test('docs/attacks.md 82: of a sign-up and a verification at the same time, no order makes the password of a second sign-up valid', async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const email = await account(`race-${round}@example.com`);
    const { userId } = (await store.accountOf(email)) ?? { userId: 0n };
    const digest = `digest of round ${round}`;
    await store.replaceLink(userId, 'VERIFY_EMAIL', digest, LATER);
    const verify = () => store.verifyEmail({ digest, at: NOW, signedUpOutboxId: ++ids });
    const signUps = () => [1, 2].map((nth) => store.signUp(user(email), `hash of another ${nth}`, mail(email)));
    // Whichever is sent first gets its lock more often.
    await Promise.all(round % 2 ? [verify(), ...signUps()] : [...signUps(), verify()]);
    const { rows } = await pool.query('select password_hash, email_verified_at from identity.users where id = $1', [
      userId,
    ]);
    expect(rows[0].email_verified_at).toEqual(NOW);
    outcomes.add(rows[0].password_hash);
  }
  // The first password stays where the verification came before both sign-ups.
  for (const outcome of outcomes) expect(['hash', NO_PASSWORD]).toContain(outcome);
});

test('a link is gone when it was used, and stays valid when another sign-up came', async () => {
  const linkTo = async (email: string, digest: string): Promise<boolean> => {
    const { userId } = (await store.accountOf(email)) ?? { userId: 0n };
    await store.replaceLink(userId, 'VERIFY_EMAIL', digest, LATER);
    return await store.isLinkValid('VERIFY_EMAIL', digest, NOW);
  };
  const used = await account('used@example.com');
  expect(await linkTo(used, 'digest of a used link')).toBe(true);
  const use = { digest: 'digest of a used link', at: NOW, signedUpOutboxId: ++ids };
  expect([await store.verifyEmail(use), await store.verifyEmail(use)]).toEqual([true, false]);
  expect(await store.isLinkValid('VERIFY_EMAIL', use.digest, NOW)).toBe(false);
  const twice = await account('twice@example.com');
  expect(await linkTo(twice, 'digest of the first link')).toBe(true);
  await store.signUp(user(twice), 'other hash', mail(twice));
  expect(await store.isLinkValid('VERIFY_EMAIL', 'digest of the first link', NOW)).toBe(true);
});

test('a link that has expired is deleted, and a valid one stays', async () => {
  const email = await account('expired@example.com');
  const { userId } = (await store.accountOf(email)) ?? { userId: 0n };
  await store.replaceLink(userId, 'VERIFY_EMAIL', 'digest of one', NOW);
  await store.replaceLink(userId, 'RESET_PASSWORD', 'digest of another', LATER);
  await store.deleteExpiredLinks(NOW);
  const { rows } = await pool.query('select digest from identity.mail_links where user_id = $1', [userId]);
  expect(rows).toEqual([{ digest: 'digest of another' }]);
  expect(await store.isLinkValid('RESET_PASSWORD', 'digest of another', NOW)).toBe(true);
  expect(await store.isLinkValid('RESET_PASSWORD', 'digest of another', LATER)).toBe(false);
});
