import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IdentityStore } from '../application/ports.ts';
import type { ApiKeyRecord } from '../domain/api-key.ts';
import { decideLogOut, decideRefresh, type RefreshToken, type Session } from '../domain/session.ts';
import { type AccountDecision, decideAccountChange, SIGNED_UP_HERE, type SignedUpUser } from '../domain/user.ts';

/** One implementation under test, with its own data. */
export interface OpenStore {
  readonly store: IdentityStore;
  /** user.signed_up as it was published: user ids in any order. */
  signedUp(): Promise<readonly bigint[]>;
  close(): Promise<void>;
}

const NOW = new Date('2026-03-01T00:00:00.000Z');
const LATER = new Date('2026-03-01T00:10:00.000Z');
const IN_14_DAYS = new Date('2026-03-15T00:00:00.000Z');
const RACERS = 12;
const HASH = 'hash';

/** A decision that gives an account these values. */
const giving =
  (change: Partial<Pick<SignedUpUser, 'role' | 'status'>>) =>
  (found: Parameters<typeof decideAccountChange>[0]): AccountDecision => {
    if (found === undefined) throw new Error('no such user');
    return {
      kind: 'CHANGE',
      role: found.role,
      status: found.status,
      ...change,
      endSessions: change.status === 'LOCKED',
    };
  };

const user = (id: bigint, email: string): SignedUpUser => ({
  id,
  email,
  ...SIGNED_UP_HERE,
  name: '김하늘',
  role: 'CUSTOMER',
  marketingConsent: true,
  language: 'en',
  profileImageUrl: null,
  profileImageFile: null,
  createdAt: NOW,
  status: 'ACTIVE',
  emailVerifiedAt: NOW,
});
const session = (id: bigint, userId: bigint): Session => ({
  id,
  userId,
  startedAt: NOW,
  expiresAt: IN_14_DAYS,
  revokedAt: null,
});
const token = (digest: string): RefreshToken => ({ digest, expiresAt: IN_14_DAYS, rotatedAt: null });
const apiKey = (id: bigint): ApiKeyRecord => ({
  id,
  name: 'till',
  scopes: ['coupon:issue', 'point'],
  createdBy: 1n,
  createdAt: NOW,
  lastUsedAt: null,
  expiresAt: LATER,
  rateLimit: 600,
  revokedAt: null,
});

/** What every identity store does, racing writers included. */
export function identityStoreSuite(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let store: IdentityStore;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  describe('users', () => {
    test('a user is found by id and by e-mail address as it was added', async () => {
      const ada = user(1n, 'ada@example.com');
      expect(await store.addUser(ada, 'hash')).toBe(true);
      expect(await store.userById(1n)).toEqual(ada);
      expect(await store.credentialsByEmail('ada@example.com')).toEqual({ user: ada, passwordHash: 'hash' });
      expect(await store.credentialsByEmail('nobody@example.com')).toBeUndefined();
    });

    const listed = async (from: Date | undefined) =>
      [...(await store.privilegedUsersFrom(from))]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, role }) => [id, role]);

    test('owners and administrators are listed from a time on, and customers are not', async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      await store.addUser({ ...user(2n, 'owner@example.com'), role: 'OWNER' }, 'hash');
      await store.addUser({ ...user(3n, 'admin@example.com'), role: 'ADMIN', createdAt: LATER }, 'hash');
      const both = [
        [2n, 'OWNER'],
        [3n, 'ADMIN'],
      ];
      expect(await listed(undefined)).toEqual(both);
      expect(await listed(NOW)).toEqual(both);
      expect(await listed(LATER)).toEqual([[3n, 'ADMIN']]);
    });

    test('a user whose role changed is listed from that time on, also one who is a customer again', async () => {
      await store.addUser(user(1n, 'ada@example.com'), HASH);
      await store.addUser({ ...user(2n, 'owner@example.com'), role: 'OWNER' }, HASH);
      await store.changeAccount(1n, giving({ role: 'OWNER' }), LATER);
      await store.changeAccount(2n, giving({ role: 'CUSTOMER' }), LATER);
      expect(await listed(LATER)).toEqual([
        [1n, 'OWNER'],
        [2n, 'CUSTOMER'],
      ]);
      expect(await listed(undefined)).toEqual([[1n, 'OWNER']]);
    });

    test('users are listed from the newest to the oldest, by address and by role', async () => {
      await store.addUser(user(1n, 'ada@example.com'), HASH);
      await store.addUser({ ...user(2n, 'owner@example.com'), role: 'OWNER' }, HASH);
      await store.addUser(user(3n, 'bob@example.com'), HASH);
      const ids = async (page: Parameters<IdentityStore['users']>[0]) => (await store.users(page)).map(({ id }) => id);
      expect(await ids({ limit: 2 })).toEqual([3n, 2n]);
      expect(await ids({ limit: 9, before: 3n })).toEqual([2n, 1n]);
      expect(await ids({ limit: 9, role: 'CUSTOMER' })).toEqual([3n, 1n]);
      expect(await ids({ limit: 9, role: 'OWNER' })).toEqual([2n]);
      expect(await ids({ limit: 9, email: 'ADA@example.com' })).toEqual([1n]);
      expect(await ids({ limit: 9, email: 'ada@example.com', role: 'OWNER' })).toEqual([]);
    });

    test('an e-mail address is taken in upper and lower case', async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      expect(await store.addUser(user(2n, 'ADA@Example.com'), 'other')).toBe(false);
      expect((await store.credentialsByEmail('Ada@EXAMPLE.com'))?.user.id).toBe(1n);
      expect(await store.userById(2n)).toBeUndefined();
    });

    test('of concurrent sign-ups with one address in different cases exactly one succeeds and publishes', async () => {
      const ids = Array.from({ length: RACERS }, (_, index) => BigInt(index + 1));
      const added = await Promise.all(
        ids.map((id) => {
          const email = id % 2n === 0n ? 'race@example.com' : 'Race@Example.COM';
          return store.addUser(user(id, email), `hash ${id}`, { outboxId: 100n + id, userId: id, email });
        }),
      );
      const winners = ids.filter((_, index) => added[index]);
      expect(winners).toHaveLength(1);
      expect((await store.credentialsByEmail('race@example.com'))?.user.id).toBe(winners[0]);
      expect(await opened.signedUp()).toEqual(winners);
    });

    test('a profile changes in the requested fields only', async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      const image = 'https://img.example/a.png';
      const withUrl = { profileImageUrl: image, profileImageFile: null };
      expect(await store.changeProfile(1n, { image: withUrl })).toMatchObject({ user: { name: '김하늘', ...withUrl } });
      const without = { profileImageUrl: null, profileImageFile: null };
      expect(await store.changeProfile(1n, { name: 'Ada', image: without })).toMatchObject({
        user: { name: 'Ada', marketingConsent: true, ...without },
      });
      expect(await store.changeProfile(1n, {})).toMatchObject({ user: { name: 'Ada' }, replacedFile: null });
      expect(await store.changeProfile(9n, { name: 'Nobody' })).toBeUndefined();
    });

    test('a change of the image returns the file that no profile names any more, and one of the name none', async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      const imageOf = (profileImageFile: string | null) => ({ image: { profileImageUrl: null, profileImageFile } });
      expect(await store.changeProfile(1n, imageOf('1-a.webp'))).toMatchObject({ replacedFile: null });
      expect(await store.changeProfile(1n, imageOf('2-b.webp'))).toMatchObject({ replacedFile: '1-a.webp' });
      expect(await store.changeProfile(1n, { name: 'Ada' })).toMatchObject({ replacedFile: null });
      expect(await store.namedFiles(['1-a.webp', '2-b.webp'])).toEqual(['2-b.webp']);
      const deletion = { userId: 1n, at: new Date(), outboxId: 77n, random: 'random' };
      expect(await store.deleteAccount(deletion, () => ({ kind: 'DELETE' }))).toMatchObject({ imageFile: '2-b.webp' });
      expect(await store.namedFiles(['2-b.webp'])).toEqual([]);
    });

    test('of images that are set at the same time all but the one that stays are returned as replaced', async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      const files = Array.from({ length: 8 }, (_, index) => `${index + 1}-x.webp`);
      const outcomes = await Promise.all(
        files.map((file) => store.changeProfile(1n, { image: { profileImageUrl: null, profileImageFile: file } })),
      );
      const replaced = outcomes.flatMap((outcome) =>
        outcome && 'replacedFile' in outcome ? (outcome.replacedFile ?? []) : [],
      );
      expect([...replaced, ...(await store.namedFiles(files))].sort()).toEqual(files);
    });

    test('a new password ends every session of its owner and no other session', async () => {
      await store.addUser(user(1n, 'ada@example.com'), HASH);
      await store.addUser(user(2n, 'bob@example.com'), 'bob');
      await store.addSession(session(11n, 1n), token('a'), HASH);
      await store.addSession(session(12n, 1n), token('b'), HASH);
      await store.addSession(session(13n, 2n), token('c'), 'bob');
      expect(
        [...((await store.changePassword({ userId: 1n, passwordHash: 'new', at: LATER })) as bigint[])].sort(),
      ).toEqual([11n, 12n]);
      expect((await store.credentialsByEmail('ada@example.com'))?.passwordHash).toBe('new');
      expect([...(await store.revokedFrom(NOW))].sort()).toEqual([11n, 12n]);
    });
  });

  describe('accounts', () => {
    beforeEach(async () => {
      await store.addUser(user(1n, 'ada@example.com'), HASH);
      await store.addSession(session(11n, 1n), token('a'), HASH);
    });
    const isOpen = async (sessionId: bigint) => !(await store.revokedFrom(NOW)).includes(sessionId);

    test('a locked account has no session, and gets none until it is unlocked', async () => {
      const locked = await store.changeAccount(1n, giving({ status: 'LOCKED' }), LATER);
      expect(locked).toMatchObject({ kind: 'CHANGED', user: { status: 'LOCKED' }, endedSessions: [11n] });
      expect(await isOpen(11n)).toBe(false);
      expect(await store.addSession(session(12n, 1n), token('b'), HASH)).toBe(false);
      await store.changeAccount(1n, giving({ status: 'ACTIVE' }), LATER);
      expect(await store.addSession(session(13n, 1n), token('c'), HASH)).toBe(true);
    });

    test('a refused change of an account changes nothing', async () => {
      const refused = { kind: 'REFUSE', code: 'LAST_ADMIN' } as const;
      expect(await store.changeAccount(1n, () => refused, LATER)).toEqual(refused);
      expect(await isOpen(11n)).toBe(true);
    });

    test('no session of a log-in with the old password outlives a concurrent change of the password or a lock', async () => {
      for (const end of [
        (at: Date) => store.changePassword({ userId: 1n, passwordHash: 'new', replacedHash: HASH, at }),
        (at: Date) => store.changeAccount(1n, giving({ status: 'LOCKED' }), at),
      ]) {
        await store.changeAccount(1n, giving({ status: 'ACTIVE' }), NOW);
        await store.changePassword({ userId: 1n, passwordHash: HASH, at: NOW });
        const ids = Array.from({ length: RACERS }, (_, index) => BigInt(Math.floor(Math.random() * 1e9) * 100 + index));
        const logIns = ids.map((id) => store.addSession(session(id, 1n), token(`t${id}`), HASH));
        await end(LATER);
        const added = await Promise.all(logIns);
        const open = await Promise.all(ids.filter((_, index) => added[index]).map(isOpen));
        expect(open.filter(Boolean)).toEqual([]);
      }
    });

    test('of concurrent changes of one password exactly one is carried out', async () => {
      const changes = await Promise.all(
        Array.from({ length: RACERS }, (_, index) =>
          store.changePassword({ userId: 1n, passwordHash: `new ${index}`, replacedHash: HASH, at: LATER }),
        ),
      );
      expect(changes.filter((ended) => ended !== undefined)).toEqual([[11n]]);
      const winner = changes.findIndex((ended) => ended !== undefined);
      expect((await store.credentialsById(1n))?.passwordHash).toBe(`new ${winner}`);
    });

    test('two administrators who lock each other at the same time leave one of them', async () => {
      for (const id of [2n, 3n]) await store.addUser({ ...user(id, `admin${id}@example.com`), role: 'ADMIN' }, HASH);
      const lock = (id: bigint) =>
        store.changeAccount(
          id,
          (found, others) =>
            decideAccountChange(
              found,
              { role: undefined, status: 'LOCKED', endSessions: false },
              { isMachine: false },
              others,
            ),
          LATER,
        );
      const outcomes = await Promise.all([lock(2n), lock(3n)]);
      expect(outcomes.map((outcome) => ('kind' in outcome ? outcome.kind : 'REPLAY')).sort()).toEqual([
        'CHANGED',
        'REFUSE',
      ]);
    });
  });

  describe('sessions', () => {
    const rotate = (digest: string, next: string, at = LATER) =>
      store.changeSession(11n, digest, (shown) => decideRefresh(shown, next, at));

    beforeEach(async () => {
      await store.addUser(user(1n, 'ada@example.com'), 'hash');
      await store.addSession(session(11n, 1n), token('first'), HASH);
    });

    test('a rotation makes the next token the valid one of its family and moves the end of the family', async () => {
      expect(await rotate('first', 'second')).toMatchObject({
        change: { kind: 'ROTATE' },
        user: { id: 1n, role: 'CUSTOMER' },
      });
      expect(await rotate('second', 'third')).toMatchObject({ change: { kind: 'ROTATE' } });
      const { change } = await store.changeSession(11n, 'third', (shown) => {
        expect(shown).toEqual({
          session: { ...session(11n, 1n), expiresAt: new Date('2026-03-15T00:10:00.000Z') },
          token: { digest: 'third', expiresAt: new Date('2026-03-15T00:10:00.000Z'), rotatedAt: null },
        });
        return { kind: 'KEEP' };
      });
      expect(change).toEqual({ kind: 'KEEP' });
    });

    test('the reuse of a rotated token ends the family with its newest token', async () => {
      await rotate('first', 'second');
      expect(await rotate('first', 'stolen')).toMatchObject({ change: { kind: 'REVOKE' } });
      expect(await rotate('second', 'third')).toMatchObject({ change: { kind: 'KEEP' } });
      expect(await rotate('stolen', 'fourth')).toEqual({ change: { kind: 'KEEP' }, user: undefined });
      expect(await store.revokedFrom(LATER)).toEqual([11n]);
    });

    test('of concurrent refreshes with one token exactly one succeeds, and the family ends', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: RACERS }, (_, index) => rotate('first', `next ${index}`)),
      );
      const kinds = outcomes.map(({ change }) => change.kind);
      expect(kinds.filter((kind) => kind === 'ROTATE')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'REVOKE')).toHaveLength(1);
      const winner = kinds.indexOf('ROTATE');
      expect(await rotate(`next ${winner}`, 'more')).toMatchObject({ change: { kind: 'KEEP' } });
      expect(await store.revokedFrom(NOW)).toEqual([11n]);
    });

    test('a log-out that is concurrent with a refresh ends the session, whichever comes first', async () => {
      const logOut = store.changeSession(11n, 'first', (shown) => decideLogOut(shown, LATER));
      const [, refreshed] = await Promise.all([logOut, rotate('first', 'second')]);
      if (refreshed.change.kind === 'ROTATE') {
        expect(await rotate('second', 'third')).toMatchObject({ change: { kind: 'KEEP' } });
      }
      expect(await store.revokedFrom(NOW)).toEqual([11n]);
    });

    test('the token of another session is refused', async () => {
      await store.addSession(session(12n, 1n), token('other'), HASH);
      expect(await rotate('other', 'x')).toEqual({ change: { kind: 'KEEP' }, user: undefined });
      expect(await store.changeSession(99n, 'first', (shown) => decideLogOut(shown, LATER))).toMatchObject({
        change: { kind: 'KEEP' },
      });
    });

    test('a decision that throws changes no session', async () => {
      const boom = store.changeSession(11n, 'first', () => {
        throw new Error('boom');
      });
      await expect(boom).rejects.toThrow('boom');
      expect(await rotate('first', 'second')).toMatchObject({ change: { kind: 'ROTATE' } });
    });

    test('revocations are listed from a time on, including that time', async () => {
      await store.changeSession(11n, 'first', (shown) => decideLogOut(shown, LATER));
      expect(await store.revokedFrom(LATER)).toEqual([11n]);
      expect(await store.revokedFrom(new Date(LATER.getTime() + 1))).toEqual([]);
    });
  });

  describe('API keys', () => {
    test('an API key is found with its digest, and lists contain no digest', async () => {
      await store.addApiKey(apiKey(5n), 'digest');
      expect(await store.apiKeyById(5n)).toEqual({ key: apiKey(5n), secretDigest: 'digest' });
      expect(await store.apiKeyById(6n)).toBeUndefined();
      expect(await store.apiKeys({ limit: 10 })).toEqual([apiKey(5n)]);
    });

    test('API keys are listed from the newest to the oldest, without revoked ones', async () => {
      for (const id of [1n, 2n, 3n, 4n]) await store.addApiKey(apiKey(id), 'digest');
      await store.revokeApiKey(3n, NOW);
      expect((await store.apiKeys({ limit: 2 })).map(({ id }) => id)).toEqual([4n, 2n]);
      expect((await store.apiKeys({ limit: 2, before: 2n })).map(({ id }) => id)).toEqual([1n]);
    });

    test('live API keys with a name that is not in a list are found', async () => {
      for (const id of [1n, 2n, 3n]) await store.addApiKey(apiKey(id), 'digest');
      await store.addApiKey({ ...apiKey(4n), scopes: ['point'] }, 'digest');
      await store.addApiKey({ ...apiKey(5n), scopes: [] }, 'digest');
      await store.revokeApiKey(1n, NOW);
      expect((await store.apiKeysBeyond(['point'], 10)).map(({ id }) => id)).toEqual([2n, 3n]);
      expect((await store.apiKeysBeyond(['point'], 1)).map(({ id }) => id)).toEqual([2n]);
      expect(await store.apiKeysBeyond(['point', 'coupon:issue'], 10)).toEqual([]);
    });

    test('a change replaces what it names, and an empty one nothing', async () => {
      await store.addApiKey(apiKey(5n), 'digest');
      const change = { name: 'counter', scopes: [], rateLimit: null, expiresAt: null };
      expect(await store.changeApiKey(5n, { rateLimit: 7 }, NOW)).toEqual({ ...apiKey(5n), rateLimit: 7 });
      expect(await store.changeApiKey(5n, change, NOW)).toEqual({ ...apiKey(5n), ...change });
      expect(await store.changeApiKey(5n, {}, NOW)).toEqual({ ...apiKey(5n), ...change });
      expect(await store.apiKeyById(5n)).toEqual({ key: { ...apiKey(5n), ...change }, secretDigest: 'digest' });
    });

    test('a key that is unknown or revoked is not changed', async () => {
      await store.addApiKey(apiKey(5n), 'digest');
      await store.revokeApiKey(5n, NOW);
      expect(await store.changeApiKey(5n, { name: 'other' }, NOW)).toBeUndefined();
      expect(await store.changeApiKey(6n, {}, NOW)).toBeUndefined();
      expect((await store.apiKeyById(5n))?.key.name).toBe('till');
    });

    test('an expiry that is over is refused at the creation of a key and at a change', async () => {
      expect(await store.addApiKey({ ...apiKey(5n), expiresAt: NOW }, 'digest')).toBe('EXPIRY_OVER');
      expect(await store.apiKeyById(5n)).toBeUndefined();
      await store.addApiKey(apiKey(6n), 'digest');
      expect(await store.changeApiKey(6n, { expiresAt: NOW, name: 'other' }, NOW)).toBe('EXPIRY_OVER');
      expect((await store.apiKeyById(6n))?.key).toEqual(apiKey(6n));
    });

    test('of concurrent revocations of a key exactly one succeeds', async () => {
      await store.addApiKey(apiKey(5n), 'digest');
      const revoked = await Promise.all(Array.from({ length: RACERS }, () => store.revokeApiKey(5n, LATER)));
      expect(revoked.filter(Boolean)).toHaveLength(1);
      expect((await store.apiKeyById(5n))?.key.revokedAt).toEqual(LATER);
      expect(await store.revokeApiKey(6n, LATER)).toBe(false);
    });

    test('the last use of an API key never moves back', async () => {
      await store.addApiKey(apiKey(5n), 'digest');
      await store.noteApiKeyUse(5n, LATER);
      await store.noteApiKeyUse(5n, NOW);
      expect((await store.apiKeyById(5n))?.key.lastUsedAt).toEqual(LATER);
    });
  });
}
