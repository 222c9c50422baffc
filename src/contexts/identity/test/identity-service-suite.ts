import { createHash } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testImages } from '../../../../test/support/images.ts';
import type { OpenTransport, Transport } from '../../../../test/support/transports.ts';
import { mapConcurrent } from '../../../platform/kernel/map-concurrent.ts';
import { argon2Hasher } from '../adapters/argon2/argon2-hasher.ts';
import { cryptoSecrets } from '../adapters/crypto/secrets.ts';
import { isCommonPassword } from '../adapters/passwords/common-passwords.ts';
import { ensureAdmin } from '../application/ensure-admin.ts';
import type { AccessClaims, IdentityPorts } from '../application/ports.ts';
import { identityContext, identityService } from '../module.ts';
import type { OpenStore } from './identity-store-suite.ts';

const LIFE_SECONDS = 900;
/** One for all tests, which are about what is done with a hash, not about its strength: a test that starts a thread and hashes takes a third of a second. */
const hasher = argon2Hasher(new Registry(), undefined, { memoryKib: 64, passes: 1 });
const ADA = {
  email: 'Ada@Example.com',
  password: 'correct horse battery',
  name: 'Ada',
  role: 'CUSTOMER',
  marketingConsent: false,
  language: 'en',
};
const REFUSED = { outcome: { $case: 'refusal', value: { code: 'UNAUTHENTICATED', details: {} } } };

/** What the contract promises, over any store and by any transport. */
export function identityServiceSuite(open: () => Promise<OpenStore>, reach: Transport): void {
  let opened: OpenStore;
  let ports: IdentityPorts;
  let transport: OpenTransport<ReturnType<typeof identityService>>;
  let api: ReturnType<typeof identityService>;
  let nowMs: number;
  const signed: AccessClaims[] = [];

  beforeEach(async () => {
    opened = await open();
    nowMs = Date.parse('2026-03-01T00:00:00.000Z');
    let id = 1_000n;
    signed.length = 0;
    ports = {
      store: opened.store,
      hasher,
      images: testImages(),
      isCommonPassword,
      secrets: cryptoSecrets,
      clock: () => nowMs,
      nextId: () => ++id,
      signAccessToken: (claims) => `access ${signed.push(claims)}`,
      accessTokenLifeSeconds: LIFE_SECONDS,
    };
    transport = await reach(await identityContext.contract(), identityService(ports));
    api = transport.api;
  });
  afterEach(async () => {
    await transport.close();
    await opened.close();
  });

  async function signedUp(): Promise<bigint> {
    const { outcome } = await api.signUp(ADA);
    if (outcome?.$case !== 'user') throw new Error('not signed up');
    return outcome.value.id;
  }
  async function loggedIn(password = ADA.password, email = ADA.email): Promise<string> {
    const { outcome } = await api.logIn({ email, password });
    if (outcome?.$case !== 'tokens') throw new Error('not logged in');
    return outcome.value.refreshToken;
  }
  async function refreshed(refreshToken: string): Promise<string | undefined> {
    const { outcome } = await api.refresh({ refreshToken });
    return outcome?.$case === 'tokens' ? outcome.value.refreshToken : undefined;
  }
  async function keyMade(): Promise<{ id: bigint; secret: string }> {
    const { apiKey, secret } = await api.createApiKey({
      name: 'till',
      scopes: ['points:read', 'coupons:issue'],
      createdBy: 1n,
      expiresAt: undefined,
    });
    return { id: apiKey?.id ?? 0n, secret };
  }

  describe('signing up', () => {
    test('a sign-up creates a user and publishes its event', async () => {
      const { outcome } = await api.signUp(ADA);
      expect(outcome).toMatchObject({
        $case: 'user',
        value: { email: 'ada@example.com', name: 'Ada', role: 'CUSTOMER' },
      });
      expect(await opened.signedUp()).toHaveLength(1);
    });

    test('a sign-up with an address that is taken in another case is refused and publishes nothing', async () => {
      await signedUp();
      const { outcome } = await api.signUp({ ...ADA, email: 'aDA@eXAMPLE.COM', password: 'another password' });
      expect(outcome).toMatchObject({ $case: 'refusal', value: { code: 'EMAIL_TAKEN' } });
      expect(await opened.signedUp()).toHaveLength(1);
      await expect(loggedIn()).resolves.toContain('rt_stampede_');
    });

    test.each([
      ['email', { email: 'not an address' }],
      ['password', { password: 'too short' }],
      ['password', { password: 'Qwertyuiop' }],
      ['name', { name: ' ' }],
      ['role', { role: 'ADMIN' }],
      ['role', { role: 'SERVICE' }],
    ])('a refused sign-up names the field %s when that is not acceptable', async (field, bad) => {
      const { outcome } = await api.signUp({ ...ADA, ...bad });
      expect(outcome).toEqual({
        $case: 'refusal',
        value: { code: 'VALIDATION_FAILED', details: { [field]: expect.any(String) } },
      });
    });
  });

  describe('logging in', () => {
    test('a log-in returns tokens for the user and the session', async () => {
      const userId = await signedUp();
      const refreshToken = await loggedIn(ADA.password, ' ADA@example.COM');
      const [claims] = signed;
      expect(claims).toMatchObject({ sub: String(userId), role: 'CUSTOMER' });
      expect(refreshToken.split('_')[2]).toBe(claims?.sid);
    });

    test('a failed log-in has the same response whatever was wrong', async () => {
      await signedUp();
      expect(await api.logIn({ email: ADA.email, password: 'wrong password' })).toMatchObject(REFUSED);
      expect(await api.logIn({ email: 'nobody@example.com', password: ADA.password })).toMatchObject(REFUSED);
      expect(await api.logIn({ email: 'not an address', password: ADA.password })).toMatchObject(REFUSED);
      expect(await api.logIn({ email: ADA.email, password: 'short' })).toMatchObject(REFUSED);
    });

    test('a failed log-in verifies one password whatever was wrong, so that its duration shows nothing', async () => {
      await signedUp();
      const verifications: boolean[] = [];
      const counting = identityService({
        ...ports,
        hasher: {
          hash: ports.hasher.hash,
          async verify(hash, password, purpose) {
            verifications.push(await ports.hasher.verify(hash, password, purpose));
            return verifications.at(-1) ?? false;
          },
        },
      });
      await counting.logIn({ email: ADA.email, password: 'wrong password' });
      await counting.logIn({ email: 'nobody@example.com', password: ADA.password });
      await counting.logIn({ email: 'not an address', password: 'short' });
      expect(verifications).toEqual([false, false, false]);
    });
  });

  describe('changing a password', () => {
    const NEXT = 'staple of another kind';
    const change = (userId: bigint, newPassword = NEXT, currentPassword = ADA.password) =>
      api.changePassword({ userId, currentPassword, newPassword });

    test('a new password ends every session and is the only one that is accepted', async () => {
      const userId = await signedUp();
      const sessions = [await loggedIn(), await loggedIn()];
      const { outcome } = await change(userId);
      expect(outcome).toMatchObject({ $case: 'ended', value: { sessionIds: signed.map(({ sid }) => sid) } });
      expect(await Promise.all(sessions.map(refreshed))).toEqual([undefined, undefined]);
      expect(await api.logIn({ email: ADA.email, password: ADA.password })).toMatchObject(REFUSED);
      await loggedIn(NEXT);
    });

    test('a change of the password is refused when the current one is wrong, and changes nothing', async () => {
      const userId = await signedUp();
      const session = await loggedIn();
      expect(await change(userId, NEXT, 'wrong password')).toMatchObject(REFUSED);
      expect(await change(userId, NEXT, 'x')).toMatchObject(REFUSED);
      expect((await change(9n)).outcome).toMatchObject({ value: { code: 'USER_NOT_FOUND' } });
      expect(await refreshed(session)).toBeDefined();
    });

    test('a wrong password with an idempotency key is refused, too, and changes nothing', async () => {
      const userId = await signedUp();
      const commandKey = { scope: 'test', key: 'wrong', requestHash: new Uint8Array(32) };
      const wrong = { userId, currentPassword: 'wrong password', newPassword: NEXT, commandKey };
      expect(await api.changePassword(wrong)).toMatchObject(REFUSED);
      await loggedIn();
    });

    test.each(['short', 'password123'])('the new password %s is refused by name of its field', async (password) => {
      expect((await change(await signedUp(), password)).outcome).toMatchObject({
        value: { code: 'VALIDATION_FAILED', details: { newPassword: expect.any(String) } },
      });
    });
  });

  describe('administering users', () => {
    const by = { userId: 1n, role: 'ADMIN' };
    const update = (userId: bigint, changes: object, principal = by) =>
      api.updateUser({ principal, userId, endSessions: false, ...changes });

    test('a locked user is logged in nowhere, and only the right password shows the lock', async () => {
      const userId = await signedUp();
      const session = await loggedIn();
      expect((await update(userId, { status: 'LOCKED' })).outcome).toMatchObject({
        $case: 'updated',
        value: { user: { status: 'LOCKED' }, endedSessionIds: [signed[0]?.sid] },
      });
      expect(await refreshed(session)).toBeUndefined();
      expect(await api.logIn({ email: ADA.email, password: 'wrong password' })).toMatchObject(REFUSED);
      expect((await api.logIn(ADA)).outcome).toMatchObject({ value: { code: 'ACCOUNT_LOCKED' } });
      await update(userId, { status: 'ACTIVE' });
      await loggedIn();
    });

    test('another role ends the sessions, whose access tokens state the old one', async () => {
      const userId = await signedUp();
      const session = await loggedIn();
      await update(userId, { role: 'OWNER' });
      expect(await refreshed(session)).toBeUndefined();
      await loggedIn();
      expect(signed.at(-1)).toMatchObject({ role: 'OWNER' });
    });

    test('a machine locks a customer, gives no role and does not touch an administrator', async () => {
      const machine = { userId: 0n, role: 'SERVICE' };
      const userId = await signedUp();
      const { userId: adminId } = await ensureAdmin(ports)({ email: 'admin@stampede.local' });
      const code = async (id: bigint, changes: object) =>
        (await update(id, changes, machine)).outcome as { value: { code?: string } };
      expect((await code(userId, { role: 'ADMIN' })).value.code).toBe('FORBIDDEN');
      expect((await code(adminId, { status: 'LOCKED' })).value.code).toBe('FORBIDDEN');
      expect((await code(adminId, { endSessions: true })).value.code).toBe('FORBIDDEN');
      expect((await code(userId, { status: 'LOCKED' })).value.code).toBeUndefined();
    });

    test('the last active administrator can be neither locked nor made something else', async () => {
      const { userId } = await ensureAdmin(ports)({ email: 'admin@stampede.local' });
      for (const changes of [{ status: 'LOCKED' }, { role: 'OWNER' }]) {
        expect((await update(userId, changes)).outcome).toMatchObject({ value: { code: 'LAST_ADMIN' } });
      }
      const other = await signedUp();
      await update(other, { role: 'ADMIN' });
      expect((await update(userId, { status: 'LOCKED' })).outcome).toMatchObject({ $case: 'updated' });
    });

    test('users are found by address and role, page by page', async () => {
      const userId = await signedUp();
      const page = { limit: 1, cursor: '' };
      const byEmail = await api.listUsers({ page, email: ' ADA@example.com' });
      expect(byEmail).toMatchObject({ users: [{ id: userId, status: 'ACTIVE' }], nextCursor: undefined });
      await ensureAdmin(ports)({ email: 'admin@stampede.local' });
      const first = await api.listUsers({ page });
      expect(first).toMatchObject({ users: [{ role: 'ADMIN' }], nextCursor: expect.any(String) });
      const second = await api.listUsers({ page: { limit: 1, cursor: first.nextCursor ?? '' } });
      expect(second).toMatchObject({ users: [{ id: userId }], nextCursor: undefined });
      expect((await api.listUsers({ page, role: 'OWNER' })).users).toEqual([]);
      expect((await api.listUsers({ page, email: 'no address' })).users).toEqual([]);
      expect((await api.listUsers({ page: { limit: 1, cursor: 'foreign' } })).users).toEqual([]);
    });
  });

  describe('refreshing', () => {
    test('a refresh rotates the token, keeps the session and detects a reuse', async () => {
      await signedUp();
      const first = await loggedIn();
      const second = await refreshed(first);
      expect(second).toBeDefined();
      expect(new Set(signed.map(({ sid }) => sid)).size).toBe(1);
      expect(await api.refresh({ refreshToken: first })).toMatchObject(REFUSED);
      expect(await api.refresh({ refreshToken: second ?? '' })).toMatchObject(REFUSED);
      const { sessionIds } = await api.listRevokedSessions({ since: new Date(nowMs) });
      expect(sessionIds).toEqual([signed[0]?.sid]);
    });

    test('a session ends 14 days after its last rotation', async () => {
      await signedUp();
      const dayMs = 86_400_000;
      const first = await loggedIn();
      nowMs += 13 * dayMs;
      const second = await refreshed(first);
      nowMs += 13 * dayMs;
      const third = await refreshed(second ?? '');
      expect(third).toBeDefined();
      nowMs += 14 * dayMs;
      expect(await refreshed(third ?? '')).toBeUndefined();
    });

    test('a refresh does not change other sessions of the user', async () => {
      await signedUp();
      const [phone, laptop] = [await loggedIn(), await loggedIn()];
      await refreshed(phone);
      await refreshed(phone);
      expect(await refreshed(laptop)).toBeDefined();
    });

    test.each(['', 'rt_stampede_1', 'x'.repeat(10_000), `rt_stampede_1_${'A'.repeat(43)}`])(
      'a refresh with the token %j is refused',
      async (refreshToken) => {
        expect(await api.refresh({ refreshToken })).toMatchObject(REFUSED);
      },
    );

    test('a refresh with a wrong secret does not end the session', async () => {
      await signedUp();
      const mine = await loggedIn();
      await api.refresh({ refreshToken: `rt_stampede_${signed[0]?.sid}_${'A'.repeat(43)}` });
      const guess = `rt_stampede_${signed[0]?.sid}_${'A'.repeat(43)}`;
      expect(await api.logOut({ refreshToken: guess })).toEqual({ sessionId: '' });
      expect(await refreshed(mine)).toBeDefined();
    });
  });

  describe('logging out', () => {
    test('a log-out ends the session, also when it is repeated, and notifies other nodes', async () => {
      await signedUp();
      const refreshToken = await loggedIn();
      const over = { sessionId: signed[0]?.sid };
      expect(await api.logOut({ refreshToken })).toEqual(over);
      expect(await api.logOut({ refreshToken })).toEqual(over);
      expect(await api.logOut({ refreshToken: 'nothing' })).toEqual({ sessionId: '' });
      expect(await refreshed(refreshToken)).toBeUndefined();
      expect(await api.listRevokedSessions({ since: undefined })).toEqual({ sessionIds: [signed[0]?.sid] });
    });

    test('a revocation is deleted when no access token of the session can be valid', async () => {
      await signedUp();
      await api.logOut({ refreshToken: await loggedIn() });
      nowMs += (LIFE_SECONDS + 60) * 1000;
      expect(await api.listRevokedSessions({ since: new Date(0) })).toEqual({ sessionIds: [] });
    });
  });

  describe('profiles', () => {
    test('a profile changes in the requested fields only, and its image can be removed', async () => {
      const userId = await signedUp();
      const image = 'https://img.example/a.png';
      await api.updateProfile({ userId, profileImageUrl: image, marketingConsent: true });
      expect((await api.getProfile({ userId })).outcome).toMatchObject({
        value: { name: 'Ada', profileImageUrl: image, marketingConsent: true },
      });
      await api.updateProfile({ userId, profileImageUrl: '', name: ' 에이다 ' });
      const { outcome } = await api.getProfile({ userId });
      expect(outcome).toMatchObject({ value: { name: '에이다', profileImageUrl: undefined, marketingConsent: true } });
    });

    test('a change of a profile is refused when a value is not acceptable or the user is unknown', async () => {
      const userId = await signedUp();
      const bad = await api.updateProfile({ userId, profileImageUrl: 'javascript:alert(1)' });
      expect(bad.outcome).toMatchObject({
        value: { code: 'VALIDATION_FAILED', details: { profileImageUrl: expect.any(String) } },
      });
      expect((await api.getProfile({ userId: 9n })).outcome).toMatchObject({ value: { code: 'USER_NOT_FOUND' } });
      expect((await api.updateProfile({ userId: 9n, name: 'x' })).outcome).toMatchObject({
        value: { code: 'USER_NOT_FOUND' },
      });
    });
  });

  describe('API keys', () => {
    test('an API key is accepted with its scopes until it is revoked', async () => {
      const { id, secret } = await keyMade();
      expect(secret).toMatch(/^sk_stampede_[0-9]+_[A-Za-z0-9_-]{43}$/);
      const { outcome } = await api.verifyApiKey({ secret });
      expect(outcome).toMatchObject({
        $case: 'apiKey',
        value: { id, name: 'till', scopes: ['coupons:issue', 'points:read'] },
      });
      expect(await api.revokeApiKey({ id })).toEqual({ revoked: true });
      expect(await api.verifyApiKey({ secret })).toMatchObject(REFUSED);
      expect(await api.revokeApiKey({ id })).toEqual({ revoked: false });
    });

    test('an API key is stored as a digest, and its prefix shows nothing of the secret', async () => {
      const { id, secret } = await keyMade();
      const stored = await opened.store.apiKeyById(id);
      const proof = secret.slice(`sk_stampede_${id}_`.length);
      expect(stored?.secretDigest).toBe(createHash('sha256').update(proof).digest('base64url'));
      const { apiKeys } = await api.listApiKeys({ page: undefined });
      expect(apiKeys[0]?.prefix).toBe(`sk_stampede_${id}`);
      expect(JSON.stringify(apiKeys, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
        proof,
      );
    });

    test('an API key with one changed character is refused', async () => {
      const { secret } = await keyMade();
      const near = [...secret].map((character, at) => {
        const other = character === 'A' ? 'B' : 'A';
        return secret.slice(0, at) + other + secret.slice(at + 1);
      });
      const responses = await mapConcurrent(near, 16, (each) => api.verifyApiKey({ secret: each }));
      for (const response of responses) expect(response).toMatchObject(REFUSED);
    });

    test('the last use of an API key is recorded once a minute', async () => {
      const { id, secret } = await keyMade();
      const lastUsed = async () => (await opened.store.apiKeyById(id))?.key.lastUsedAt?.getTime();
      const first = nowMs;
      await api.verifyApiKey({ secret });
      nowMs += 59_000;
      await api.verifyApiKey({ secret });
      expect(await lastUsed()).toBe(first);
      nowMs += 1_000;
      await api.verifyApiKey({ secret });
      expect(await lastUsed()).toBe(first + 60_000);
    });

    test('the pages of API keys end, and an unknown cursor starts at the first page', async () => {
      for (let count = 0; count < 3; count++) await keyMade();
      const first = await api.listApiKeys({ page: { limit: 2, cursor: '' } });
      expect(first.apiKeys).toHaveLength(2);
      const second = await api.listApiKeys({ page: { limit: 2, cursor: first.nextCursor ?? '' } });
      expect(second).toMatchObject({ apiKeys: [{ name: 'till' }], nextCursor: undefined });
      expect((await api.listApiKeys({ page: { limit: 2, cursor: '; drop' } })).apiKeys).toEqual(first.apiKeys);
    });
  });

  describe('the administrator', () => {
    const email = 'admin@stampede.local';

    test('the administrator is created once, and the generated password is returned once', async () => {
      const made = await ensureAdmin(ports)({ email });
      expect(made).toMatchObject({ created: true, email });
      expect(await ensureAdmin(ports)({ email })).toEqual({ userId: made.userId, email, created: false });
      await loggedIn(made.generatedPassword, email);
      expect(signed[0]).toMatchObject({ sub: String(made.userId), role: 'ADMIN' });
      expect(await opened.signedUp()).toEqual([]);
    });

    test('nodes that start at the same time create one administrator', async () => {
      const results = await Promise.all([1, 2, 3].map(() => ensureAdmin(ports)({ email })));
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(({ userId }) => userId)).size).toBe(1);
    });

    test('the administrator keeps password and sessions when the same password is configured again', async () => {
      await ensureAdmin(ports)({ email, password: 'operators choice' });
      const session = await loggedIn('operators choice', email);
      expect(await ensureAdmin(ports)({ email, password: 'operators choice' })).toMatchObject({ created: false });
      expect(await refreshed(session)).toBeDefined();
    });

    test('the administrator gets another password only when one is configured, and all sessions end', async () => {
      await ensureAdmin(ports)({ email, password: 'operators choice' });
      const session = await loggedIn('operators choice', email);
      const changed = await ensureAdmin(ports)({ email, password: 'operators other choice' });
      expect(changed).not.toHaveProperty('generatedPassword');
      await loggedIn('operators other choice', email);
      expect(await api.logIn({ email, password: 'operators choice' })).toMatchObject(REFUSED);
      expect(await refreshed(session)).toBeUndefined();
    });

    test('the account of a customer never becomes the administrator', async () => {
      await signedUp();
      await expect(ensureAdmin(ports)({ email: ADA.email, password: 'operators choice' })).rejects.toThrow(
        'not an administrator',
      );
      await loggedIn();
    });
  });
}
