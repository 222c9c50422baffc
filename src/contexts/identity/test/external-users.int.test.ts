import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { type OpenTransport, SOUND_TRANSPORTS } from '../../../../test/support/transports.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { eraseSubject } from '../adapters/postgres/erased-subject.ts';
import { postgresExternalUserStore } from '../adapters/postgres/external-user-store.ts';
import { postgresIdentityStore } from '../adapters/postgres/identity-store.ts';
import { postgresStatedRoleStore } from '../adapters/postgres/stated-role-store.ts';
import type { IdentityService, ListBlockedUsersRequest, ListBlockedUsersResponse } from '../api.ts';
import { listBlockedUsers } from '../application/blocked-users.ts';
import { endExternalSessions, listExternalLogouts } from '../application/external-logouts.ts';
import { addExternalUsers, findExternalUsers, getExternalIds } from '../application/external-users.ts';
import { listAdministrators } from '../application/list-administrators.ts';
import { listPrivilegedUsers } from '../application/list-privileged-users.ts';
import type { IdentityPorts } from '../application/ports.ts';
import { recordStatedRoles } from '../application/stated-roles.ts';
import { identityContext } from '../module.ts';

type Api = Pick<
  IdentityService,
  | 'addExternalUsers'
  | 'findExternalUsers'
  | 'getExternalIds'
  | 'listBlockedUsers'
  | 'endExternalSessions'
  | 'listExternalLogouts'
>;

let test: TestDatabase;
let database: Database;
let ids = 0n;
let subjects = 0;
const nowMs = Date.parse('2026-03-01T09:00:00Z');
const name = () => ({ issuer: 'kc', subject: `민지 ${++subjects}` });
const seen = (user = name(), role = 'CUSTOMER') => ({ user, role });

beforeAll(async () => {
  test = await testDatabase();
  database = openDatabase({ url: test.url, onError: () => undefined });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

function apiOf(clock = () => nowMs): Api {
  const store = postgresExternalUserStore(database.pool, database.batchPool);
  const deps = { clock, nextId: () => ++ids };
  return {
    addExternalUsers: addExternalUsers(store, deps),
    findExternalUsers: findExternalUsers(store),
    getExternalIds: getExternalIds(store),
    listBlockedUsers: listBlockedUsers(store),
    endExternalSessions: endExternalSessions(store, deps),
    listExternalLogouts: listExternalLogouts(store),
  };
}

describe.each(SOUND_TRANSPORTS)('users of other issuers, %s', (_, reach) => {
  let transport: OpenTransport<Api>;
  beforeAll(async () => {
    transport = await reach(await identityContext.contract(), apiOf());
  });
  afterAll(() => transport.close());

  it('users of other issuers are added once each, and keep their ids', async () => {
    const { api } = transport;
    const [one, two, three] = [name(), name(), name()];
    const first = (await api.addExternalUsers({ users: [seen(one), seen(two)] })).userIds;
    const again = (await api.addExternalUsers({ users: [seen(three), seen(two), seen(one)] })).userIds;
    expect([again[2], again[1]]).toEqual(first);
    expect(new Set([...first, ...again]).size).toBe(3);
    const found = await api.findExternalUsers({ users: [two, name(), one] });
    expect(found.userIds).toEqual([first[1], 0n, first[0]]);
    const { externalIds } = await api.getExternalIds({ userIds: [...first, 999_999n] });
    expect(externalIds.map(({ userId }) => userId).sort()).toEqual([...first].sort());
    expect(externalIds[0]?.externalId).toMatch(/^ext:kc:%EB%AF%BC%EC%A7%80%20\d+$/);
  });

  it('users of other issuers are added once when many nodes see them at the same time, in different orders', async () => {
    const names = Array.from({ length: 60 }, name);
    const calls = Array.from({ length: 8 }, (_, call) => (call % 2 === 0 ? names : names.toReversed()));
    const answers = await Promise.all(
      calls.map(
        async (users) => (await transport.api.addExternalUsers({ users: users.map((user) => seen(user)) })).userIds,
      ),
    );
    const expected = answers[0] ?? [];
    for (const [call, userIds] of answers.entries())
      expect(call % 2 === 0 ? userIds : userIds.toReversed()).toEqual(expected);
  });

  it('users of other issuers have the highest role of their tokens', async () => {
    const { api } = transport;
    const user = name();
    const roleOf = async (id: bigint | undefined) =>
      (await database.pool.query('select role from identity.users where id = $1', [id])).rows[0].role;
    const [id] = (await api.addExternalUsers({ users: [seen(user)] })).userIds;
    for (const [role, expected] of [
      ['CUSTOMER', 'CUSTOMER'],
      ['OWNER', 'OWNER'],
      ['CUSTOMER', 'OWNER'],
      ['ADMIN', 'ADMIN'],
    ]) {
      await api.addExternalUsers({ users: [seen(user, role)] });
      expect(await roleOf(id)).toBe(expected);
    }
  });

  it.each([
    ['OWNER', 'ADMIN', 'CUSTOMER'],
    ['CUSTOMER', 'ADMIN', 'OWNER'],
    ['ADMIN', 'OWNER', 'CUSTOMER'],
  ])('users of other issuers have the highest role of a call: %s, %s, %s', async (...roles) => {
    const { api } = transport;
    const [known, added] = [name(), name()];
    const [knownId] = (await api.addExternalUsers({ users: [seen(known)] })).userIds;
    const users = [known, added].flatMap((user) => roles.map((role) => seen(user, role)));
    const { userIds } = await api.addExternalUsers({ users });
    expect(new Set(userIds).size).toBe(2);
    const { rows } = await database.pool.query('select role from identity.users where id = any($1)', [
      [knownId, userIds.at(-1)],
    ]);
    expect(rows).toEqual([{ role: 'ADMIN' }, { role: 'ADMIN' }]);
  });

  it('users of other issuers keep the higher of two roles that nodes write at the same time', async () => {
    const { api } = transport;
    const user = name();
    const [id] = (await api.addExternalUsers({ users: [seen(user)] })).userIds;
    const other = await database.pool.connect();
    await other.query('begin');
    await other.query('select from identity.users where id = $1 for update', [id]);
    const waiting = async () =>
      (
        await database.pool.query(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).rows[0].n;
    const writers: Promise<unknown>[] = [];
    for (const role of ['ADMIN', 'OWNER']) {
      writers.push(apiOf().addExternalUsers({ users: [seen(user, role)] }));
      await vi.waitUntil(async () => (await waiting()) === writers.length, 10_000);
    }
    await other.query('commit');
    other.release();
    await Promise.all(writers);
    const { rows } = await database.pool.query('select role from identity.users where id = $1', [id]);
    expect(rows).toEqual([{ role: 'ADMIN' }]);
  });

  it('users of other issuers leave no name behind when they are deleted, are the same user when they come again, and have the name back after they were restored', async () => {
    const { api } = transport;
    const user = { issuer: 'kc', subject: `minji-${++subjects}@example.com` };
    const [id = 0n] = (await api.addExternalUsers({ users: [seen(user)] })).userIds;
    const set = (status: string) =>
      database.pool.query('update identity.users set status = $2 where id = $1', [id, status]);
    const names = async () => (await api.getExternalIds({ userIds: [id] })).externalIds.map((each) => each.externalId);
    const comeAgain = async () => (await api.addExternalUsers({ users: [seen(user)] })).userIds;
    await set('DELETED');
    const client = await database.pool.connect();
    await eraseSubject(client, id);
    client.release();
    const { rows } = await database.pool.query('select u::text as row from identity.users as u where id = $1', [id]);
    expect(rows[0].row).not.toContain(user.subject);
    expect([await names(), await comeAgain(), await names()]).toEqual([[], [id], []]);
    expect((await api.findExternalUsers({ users: [user] })).userIds).toEqual([id]);
    await set('ACTIVE');
    expect([await comeAgain(), await names()]).toEqual([[id], [`ext:kc:${user.subject}`]]);
  });

  it('a user of another issuer who was restored is named again by a call with two of the roles of the user', async () => {
    const { api } = transport;
    const user = name();
    const [id = 0n] = (await api.addExternalUsers({ users: [seen(user)] })).userIds;
    const set = (status: string) =>
      database.pool.query('update identity.users set status = $2 where id = $1', [id, status]);
    await set('DELETED');
    const client = await database.pool.connect();
    await eraseSubject(client, id);
    client.release();
    await set('ACTIVE');
    const { userIds } = await api.addExternalUsers({ users: [seen(user), seen(user, 'OWNER')] });
    expect(userIds).toEqual([id, id]);
  });

  it('users of other issuers are blocked while they are not ACTIVE', async () => {
    const { api } = transport;
    const [id = 0n, other = 0n] = (await api.addExternalUsers({ users: [seen(), seen()] })).userIds;
    const set = (status: string, at: number) =>
      database.pool.query('update identity.users set status = $2, status_changed_at = $3 where id = $1', [
        id,
        status,
        new Date(at),
      ]);
    await set('LOCKED', nowMs);
    const all = await api.listBlockedUsers({ since: undefined, afterUserId: 0n });
    expect([all.userIds.includes(id), all.userIds.includes(other)]).toEqual([true, false]);
    expect((await api.listBlockedUsers({ since: undefined, afterUserId: id })).userIds).not.toContain(id);
    const since = async (ms: number) => await api.listBlockedUsers({ since: new Date(ms), afterUserId: 0n });
    expect((await since(nowMs)).userIds).toContain(id);
    expect((await since(nowMs + 1)).userIds).not.toContain(id);
    await set('ACTIVE', nowMs + 60_000);
    expect((await since(nowMs + 60_000)).unblockedUserIds).toContain(id);
  });

  it('users of other issuers are logged out by their issuer, and a report that comes again adds nothing', async () => {
    const { api } = transport;
    const at = new Date(nowMs - 1_000);
    const sid = `session-${++subjects}`;
    const bySid = { issuer: 'kc', ended: { $case: 'sid' as const, value: sid }, at };
    const bySubject = { issuer: 'kc', ended: { $case: 'subject' as const, value: sid }, at };
    for (const logout of [bySid, bySubject, bySid]) await api.endExternalSessions({ logout });
    const { logouts, readUpTo } = await api.listExternalLogouts({ since: new Date(nowMs) });
    expect(logouts.filter(({ ended }) => ended?.value === sid)).toEqual([bySid, bySubject]);
    expect(readUpTo).toBeUndefined();
    expect((await api.listExternalLogouts({ since: new Date(nowMs + 1) })).logouts).toEqual([]);
  });
});

it('lists users who are blocked, and changes of one instant, completely over several pages', async () => {
  const pageOfTwo = listBlockedUsers(postgresExternalUserStore(database.pool, database.batchPool), 2);
  const at = new Date(nowMs + 3_600_000);
  const { userIds: added } = await apiOf().addExternalUsers({ users: Array.from({ length: 5 }, () => seen()) });
  await database.pool.query(`update identity.users set status = 'LOCKED', status_changed_at = $2 where id = any ($1)`, [
    added,
    at,
  ]);
  await database.pool.query('update identity.users set status_changed_at = $2 where id = $1', [
    added[0],
    new Date(at.getTime() + 1),
  ]);
  const read = async (since: Date | undefined) => {
    const found: bigint[] = [];
    let page: ListBlockedUsersRequest | undefined = { since, afterUserId: 0n };
    while (page !== undefined) {
      const { userIds, nextPage }: ListBlockedUsersResponse = await pageOfTwo(page);
      found.push(...userIds);
      page = nextPage;
    }
    return found;
  };
  expect(await read(undefined)).toEqual(expect.arrayContaining([...added]));
  expect(await read(at)).toEqual([...added.slice(1), added[0]]);
});

it('what other issuers have ended is kept until every token of it has expired, and not longer', async () => {
  const DAY_MS = 86_400_000;
  const logout = (value: string, at: number) => ({
    logout: { issuer: 'old', ended: { $case: 'sid' as const, value }, at: new Date(at) },
  });
  await apiOf().endExternalSessions(logout('first', nowMs));
  await apiOf(() => nowMs + DAY_MS).endExternalSessions(logout('second', nowMs + DAY_MS));
  await apiOf(() => nowMs + 2.5 * DAY_MS).endExternalSessions(logout('third', nowMs + 2.5 * DAY_MS));
  const { logouts } = await apiOf().listExternalLogouts({ since: undefined });
  expect(logouts.filter(({ issuer }) => issuer === 'old').map(({ ended }) => ended?.value)).toEqual([
    'second',
    'third',
  ]);
});

it('names that cannot be, and too many, are refused before the database', async () => {
  for (const user of [
    { issuer: 'KC', subject: 'a' },
    { issuer: 'kc', subject: '' },
    { issuer: 'kc', subject: 'a\0' },
  ]) {
    await expect(apiOf().findExternalUsers({ users: [user] })).rejects.toThrow('not the name of a user');
  }
  await expect(apiOf().findExternalUsers({ users: Array.from({ length: 501 }, name) })).rejects.toThrow(
    'more than 500',
  );
  await expect(apiOf().addExternalUsers({ users: [seen(name(), 'SERVICE')] })).rejects.toThrow(
    'a role that no user has',
  );
});

describe('roles that tokens of another issuer state', () => {
  const identity = () => {
    const store = postgresIdentityStore(database.pool, () => {});
    const ports = { store, clock: () => nowMs } as IdentityPorts;
    const record = recordStatedRoles(postgresStatedRoleStore(database.pool), ports);
    return { store, record, list: listPrivilegedUsers(ports) };
  };

  it('stated roles make their users privileged, the highest of each counts, and a lower one is no change', async () => {
    const { record, list, store } = identity();
    await record({
      users: [
        { userId: 9_000_501n, role: 'OWNER' },
        { userId: 9_000_502n, role: 'ADMIN' },
        { userId: 9_000_501n, role: 'ADMIN' },
      ],
    });
    await record({ users: [{ userId: 9_000_502n, role: 'OWNER' }] });
    const stated = (await store.privilegedUsersFrom(new Date(nowMs))).filter(
      ({ id }) => id === 9_000_501n || id === 9_000_502n,
    );
    expect(stated.map(({ role }) => role)).toEqual(['ADMIN', 'ADMIN']);
    for (const since of [undefined, new Date(nowMs)])
      expect((await list({ since })).userIds).toEqual(expect.arrayContaining([9_000_501n, 9_000_502n]));
    expect((await list({ since: new Date(nowMs + 60_000) })).userIds).not.toContain(9_000_501n);
  });

  it('administrators are those of this system and of other issuers, each once, and no owner', async () => {
    const { record, store } = identity();
    const { userIds } = await apiOf().addExternalUsers({
      users: [seen(name(), 'ADMIN'), seen(name(), 'OWNER'), seen(name(), 'ADMIN')],
    });
    const [both = 0n, owner = 0n, here = 0n] = userIds;
    await record({
      users: [
        { userId: both, role: 'ADMIN' },
        { userId: owner, role: 'OWNER' },
        { userId: 9_000_901n, role: 'ADMIN' },
      ],
    });
    const listed = (await listAdministrators({ store })()).userIds;
    const mine = listed.filter((id) => [...userIds, 9_000_901n].includes(id));
    expect(new Set(mine)).toEqual(new Set([both, here, 9_000_901n]));
    expect(mine).toHaveLength(3);
  });

  it('stated roles of users are recorded by many nodes at the same time, in different orders', async () => {
    const { record, list } = identity();
    const users = Array.from({ length: 100 }, (_, place) => ({ userId: 600n + BigInt(place), role: 'OWNER' }));
    await Promise.all(
      Array.from({ length: 8 }, (_, call) => record({ users: call % 2 === 0 ? users : users.toReversed() })),
    );
    expect((await list({ since: undefined })).userIds).toEqual(
      expect.arrayContaining(users.map(({ userId }) => userId)),
    );
  });

  it('a user who is a customer here again stays privileged by a stated role', async () => {
    const { record, list } = identity();
    const [id = 0n] = (await apiOf().addExternalUsers({ users: [seen(name(), 'OWNER')] })).userIds;
    await record({ users: [{ userId: id, role: 'OWNER' }] });
    await database.pool.query(`update identity.users set role = 'CUSTOMER' where id = $1`, [id]);
    const { userIds, formerUserIds } = await list({ since: new Date(nowMs) });
    expect([userIds.includes(id), formerUserIds.includes(id)]).toEqual([true, false]);
  });

  it('roles that state no privilege, and too many, are refused before the database', async () => {
    const { record } = identity();
    await expect(record({ users: [{ userId: 1n, role: 'CUSTOMER' }] })).rejects.toThrow('neither OWNER nor ADMIN');
    const users = Array.from({ length: 501 }, () => ({ userId: 1n, role: 'OWNER' }));
    await expect(record({ users })).rejects.toThrow('more than 500');
  });
});
