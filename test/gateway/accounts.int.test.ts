// @module-tag settings
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { ADMIN, type Answer, call, configOf, type Stage, stage, until } from '../attacks/support.ts';

const AUTH = '/api/v1/auth';
const PASSWORD = 'correct horse battery';
const NEXT = 'staple of another kind';
/** Within this time the end of a session is known to every node. */
const ENDED_WITHIN_MS = 1_000;

let on: Stage;
let otherNode: Server;
let people = 0;

beforeAll(async () => {
  on = await stage();
  otherNode = await startServer(configOf(on.database.programUrl), { log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await otherNode?.stop();
  await on?.stop();
});

const logIn = (email: string, password = PASSWORD): Promise<Answer> =>
  on.call('POST', `${AUTH}/login`, { json: { email, password } });

async function tokenOf(email: string, password = PASSWORD): Promise<string> {
  const { status, body, text } = await logIn(email, password);
  if (status !== 200) throw new Error(`not logged in: ${text}`);
  return body.accessToken;
}

async function customer(): Promise<{ readonly email: string; readonly userId: string; readonly token: string }> {
  const email = `account-${++people}@example.com`;
  const { status, body, text } = await on.call('POST', `${AUTH}/signup`, {
    json: { email, password: PASSWORD, name: 'Ada' },
  });
  if (status !== 201) throw new Error(`not signed up: ${text}`);
  return { email, userId: body.userId, token: await tokenOf(email) };
}

const adminToken = () => tokenOf(ADMIN.email, ADMIN.password);
const profileStatus = async (base: string, token: string): Promise<number> =>
  (await call(base, 'GET', `${AUTH}/profile`, { token })).status;

/** Resolves when the other node refuses the token. The limit is the promise under test. */
async function refusedElsewhere(token: string, sinceMs: number): Promise<void> {
  while ((await profileStatus(otherNode.url, token)) !== 401) {
    if (performance.now() - sinceMs > ENDED_WITHIN_MS) throw new Error('another node still accepts the token');
  }
}

describe('changing a password', () => {
  const change = (token: string, json: object) => on.call('PUT', `${AUTH}/password`, { token, json });

  it('a changed password ends every session on every node within a second, and only the new one is accepted', async () => {
    const { email, token } = await customer();
    const elsewhere = await tokenOf(email);
    expect(await profileStatus(otherNode.url, elsewhere)).toBe(200);
    const changed = await change(token, { currentPassword: PASSWORD, newPassword: NEXT });
    const sinceMs = performance.now();
    expect([changed.status, changed.text]).toEqual([204, '']);
    expect(await profileStatus(on.url, token)).toBe(401);
    expect(await profileStatus(on.url, elsewhere)).toBe(401);
    await refusedElsewhere(elsewhere, sinceMs);
    expect((await logIn(email)).status).toBe(401);
    expect((await logIn(email, NEXT)).status).toBe(200);
  });

  it('a wrong current password is refused with 401 and its reason, and the session goes on', async () => {
    const { token } = await customer();
    const refused = await change(token, { currentPassword: 'wrong password', newPassword: NEXT });
    expect([refused.status, refused.body.reason]).toEqual([401, 'WRONG_PASSWORD']);
    expect(refused.headers.get('www-authenticate')).toContain('invalid_grant');
    expect(await profileStatus(on.url, token)).toBe(200);
  });

  it('a common password is refused at sign-up and at a change, by name of its field', async () => {
    const { token } = await customer();
    const json = { email: 'common@example.com', password: 'Password123', name: 'Ada' };
    const signedUp = await on.call('POST', `${AUTH}/signup`, { json });
    const changed = await change(token, { currentPassword: PASSWORD, newPassword: 'Password123' });
    for (const [{ status, body }, field] of [
      [signedUp, 'password'],
      [changed, 'newPassword'],
    ] as const) {
      expect([status, body.code, body.errors[0].field]).toEqual([400, 'VALIDATION_FAILED', field]);
    }
  });

  it('of two changes at the same time one is carried out', async () => {
    const { email, token } = await customer();
    const passwords = ['first of two passwords', 'second of two passwords'];
    const answers = await Promise.all(
      passwords.map((newPassword) => change(token, { currentPassword: PASSWORD, newPassword })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(1);
    const logIns = await Promise.all(passwords.map((password) => logIn(email, password)));
    expect(logIns.map(({ status }) => status === 200)).toEqual(statuses.map((status) => status === 204));
  });
});

describe('administering users', () => {
  it('a locked user is out on every node within a second, and in again after the lock', async () => {
    const [admin, { email, userId, token }] = [await adminToken(), await customer()];
    expect(await profileStatus(otherNode.url, token)).toBe(200);
    const locked = await on.call('PATCH', `/api/v1/users/${userId}`, { token: admin, json: { status: 'LOCKED' } });
    const sinceMs = performance.now();
    expect([locked.status, locked.body.status]).toEqual([200, 'LOCKED']);
    expect(await profileStatus(on.url, token)).toBe(401);
    await refusedElsewhere(token, sinceMs);
    const [right, wrong] = [await logIn(email), await logIn(email, 'wrong password')];
    expect([right.status, right.body.code, wrong.status]).toEqual([403, 'ACCOUNT_LOCKED', 401]);
    await on.call('PATCH', `/api/v1/users/${userId}`, { token: admin, json: { status: 'ACTIVE' } });
    expect((await logIn(email)).status).toBe(200);
  });

  it('users are found by address and role, and read with their status', async () => {
    const [admin, { email, userId }] = [await adminToken(), await customer()];
    const found = await on.call('GET', `/api/v1/users?email=${email.toUpperCase()}`, { token: admin });
    expect(found.body).toMatchObject({
      users: [{ userId, email, status: 'ACTIVE' }],
      nextCursor: null,
      hasMore: false,
    });
    expect(found.headers.get('cache-control')).toBe('no-store');
    const admins = await on.call('GET', '/api/v1/users?role=ADMIN', { token: admin });
    expect(admins.body.users.map((user: { email: string }) => user.email)).toContain(ADMIN.email);
    expect(admins.body.users.map((user: { email: string }) => user.email)).not.toContain(email);
    const missing = await on.call('GET', '/api/v1/users/42', { token: admin });
    expect([missing.status, missing.body.code]).toEqual([404, 'USER_NOT_FOUND']);
  });

  it('a key with users:write locks a customer, gives no role, and changes no administrator', async () => {
    const [admin, { userId }] = [await adminToken(), await customer()];
    const json = { name: 'fraud desk', scopes: ['users:read', 'users:write'] };
    const { secret } = (await on.call('POST', `${AUTH}/api-keys`, { token: admin, json })).body;
    const change = (id: string, changes: object) =>
      on.call('PATCH', `/api/v1/users/${id}`, { headers: { 'x-api-key': secret }, json: changes });
    const [own] = (await on.call('GET', `/api/v1/users?email=${ADMIN.email}`, { token: admin })).body.users;
    expect((await change(userId, { role: 'ADMIN' })).status).toBe(403);
    expect((await change(own.userId, { status: 'LOCKED' })).status).toBe(403);
    expect((await change(userId, { status: 'LOCKED' })).status).toBe(200);
  });

  it('a promoted user is an administrator from the next log-in on, and the last one stays', async () => {
    const [admin, { email, userId, token }] = [await adminToken(), await customer()];
    const promoted = await on.call('PATCH', `/api/v1/users/${userId}`, { token: admin, json: { role: 'ADMIN' } });
    expect([promoted.status, promoted.body.role]).toEqual([200, 'ADMIN']);
    expect(await profileStatus(on.url, token)).toBe(401);
    const promotedToken = await tokenOf(email);
    const back = await on.call('PATCH', `/api/v1/users/${userId}`, {
      token: promotedToken,
      json: { role: 'CUSTOMER' },
    });
    expect([back.status, back.body.role]).toEqual([200, 'CUSTOMER']);
    const [own] = (await on.call('GET', `/api/v1/users?email=${ADMIN.email}`, { token: admin })).body.users;
    const last = await on.call('PATCH', `/api/v1/users/${own.userId}`, { token: admin, json: { status: 'LOCKED' } });
    expect([last.status, last.body.code]).toEqual([409, 'LAST_ADMIN']);
  });
});

describe('deleting an account', () => {
  const remove = (token: string) => on.call('DELETE', `${AUTH}/profile`, { token });

  it('a deleted account keeps its id and nothing else, on every node within a second', async () => {
    const [admin, { email, userId, token }] = [await adminToken(), await customer()];
    const deleted = await remove(token);
    const sinceMs = performance.now();
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await profileStatus(on.url, token)).toBe(401);
    await refusedElsewhere(token, sinceMs);
    expect((await logIn(email)).status).toBe(401);
    expect((await logIn(`deleted-${userId}@deleted.invalid`, '')).status).toBe(400);
    expect((await logIn(`deleted-${userId}@deleted.invalid`)).status).toBe(401);
    const { body } = await on.call('GET', `/api/v1/users/${userId}`, { token: admin });
    expect(body).toMatchObject({ userId, status: 'DELETED', name: '', profileImageUrl: null });
    const rows = await on.query('select u::text as text from identity.users as u where id = $1', [userId]);
    expect(rows.rows[0].text).not.toMatch(/Ada|argon2|account-/);
    const unlocked = await on.call('PATCH', `/api/v1/users/${userId}`, { token: admin, json: { status: 'ACTIVE' } });
    expect([unlocked.status, unlocked.body.code]).toEqual([404, 'USER_NOT_FOUND']);
    const again = await on.call('POST', `${AUTH}/signup`, { json: { email, password: PASSWORD, name: 'Ada' } });
    expect(again.status).toBe(201);
    expect(again.body.userId).not.toBe(userId);
  });

  it('docs/attacks.md 93: no user keeps another one from deleting the account by an address that deleted accounts get', async () => {
    const [admin, victim] = [await adminToken(), await customer()];
    const signUp = (address: string) =>
      on.call('POST', `${AUTH}/signup`, { json: { email: address, password: PASSWORD, name: 'Mallory' } });
    expect((await signUp(`deleted-${victim.userId}@deleted.invalid`)).status).toBe(400);
    // One from before addresses of that domain were refused.
    await on.query(
      `insert into identity.users (id, email, password_hash, name, role, marketing_consent, created_at)
       values (93, $1, '', 'Mallory', 'CUSTOMER', false, now())`,
      [`deleted-${victim.userId}@deleted.invalid`],
    );
    expect((await remove(victim.token)).status).toBe(204);
    const { body } = await on.call('GET', `/api/v1/users/${victim.userId}`, { token: admin });
    expect(body.status).toBe('DELETED');
    // Nor is the address of a deleted account one that somebody can guess.
    expect(body.email).toMatch(/^deleted-\d+-[\w-]{43}@deleted\.invalid$/);
  });

  it('of two deletions at the same time one is carried out', async () => {
    const { token } = await customer();
    const statuses = (await Promise.all([remove(token), remove(token)])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.every((status) => [204, 401, 404].includes(status))).toBe(true);
  });

  it('the stores of a deleted owner close, and the user leaves the staff of others', async () => {
    const [owner, other] = [await customer(), await customer()];
    const [ownerToken, otherToken] = [owner, other].map(({ userId }) => on.token(userId, 'OWNER')) as [string, string];
    const open = async (token: string): Promise<string> => {
      const json = { name: 'Cafe Sol', category: 'CAFE', address: '12 Seongsui-ro' };
      return (await on.call('POST', '/api/v1/stores', { token, json })).body.storeId;
    };
    const [own, former, foreign] = [await open(ownerToken), await open(ownerToken), await open(otherToken)];
    expect((await on.call('DELETE', `/api/v1/stores/${former}`, { token: ownerToken })).status).toBe(204);
    const hired = await on.call('PUT', `/api/v1/stores/${foreign}/staff/${owner.userId}`, { token: otherToken });
    expect(hired.status).toBeLessThan(300);
    expect((await remove(owner.token)).status).toBe(204);
    const rowOf = async (id: string) =>
      (await on.query('select s.*, s::text as text from store.stores as s where id = $1', [id])).rows[0];
    await until(async () => (await rowOf(own)).deleted_at !== null);
    expect((await rowOf(own)).text).not.toMatch(/Cafe Sol|Seongsui/);
    // Also those of a store that was deleted before.
    await until(async () => !/Cafe Sol|Seongsui/.test((await rowOf(former)).text));
    const staff = () => on.query('select 1 from store.store_staff where user_id = $1', [owner.userId]);
    await until(async () => (await staff()).rowCount === 0);
    expect((await rowOf(foreign)).status).toBe('OPEN');
  });

  it('the last administrator cannot be deleted', async () => {
    const last = await remove(await adminToken());
    expect([last.status, last.body.code]).toEqual([409, 'LAST_ADMIN']);
  });
});
