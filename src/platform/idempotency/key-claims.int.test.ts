import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { claimKeys, releaseKeys } from './key-claims.ts';

describe('the claim of a key', () => {
  let home: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    home = await testDatabase();
    database = openDatabase({ url: home.url, onError: () => {} });
  });
  afterAll(async () => {
    await database.close();
    await home.drop();
  });

  let last = 0;
  /** A new key, by the request that has it. */
  function newKey() {
    const named = { scope: 'test', key: `key-${++last}` };
    return (request: number) => ({ ...named, requestHash: new Uint8Array(32).fill(request) });
  }
  // Requests before and after each other in any order of the database.
  const PAIRS = [
    [1, 2],
    [2, 1],
    [7, 200],
    [200, 7],
  ] as const;

  it.each(PAIRS)(
    'stays with request %i when request %i with the same key arrives in one call with its repeat',
    async (owner, other) => {
      const key = newKey();
      expect((await claimKeys(database.pool, [key(owner)])).claimed).toEqual([true]);
      expect((await claimKeys(database.pool, [key(owner), key(other)])).claimed).toEqual([true, false]);
      expect((await claimKeys(database.pool, [key(other), key(owner)])).claimed).toEqual([false, true]);
    },
  );

  it('is given to one of two new requests with the same key in one call', async () => {
    const key = newKey();
    expect((await claimKeys(database.pool, [key(1), key(2)])).claimed.filter(Boolean)).toHaveLength(1);
  });

  it.each(PAIRS)(
    'of request %i that commits while request %i waits for it is seen by its repeat',
    async (owner, other) => {
      const key = newKey();
      const client = await database.pool.connect();
      await client.query('begin');
      await claimKeys(client, [key(owner)]);
      const claims = claimKeys(database.pool, [key(other), key(owner)]);
      const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await database.pool.query(waiting)).rowCount === 0) await sleep(10);
      await client.query('commit');
      client.release();
      expect((await claims).claimed).toEqual([false, true]);
    },
  );

  it('says whether a try before this call was not refused', async () => {
    const key = newKey();
    const triedBefore = async (...requests: number[]) =>
      (await claimKeys(database.pool, requests.map(key))).triedBefore;
    expect(await triedBefore(1, 1)).toEqual([false, false]);
    expect(await triedBefore(2, 1)).toEqual([false, true]);
    await releaseKeys(database.pool, [key(1), key(1), key(1)]);
    expect(await triedBefore(1)).toEqual([false]);
  });

  it('holds after more releases than claims', async () => {
    const key = newKey();
    await claimKeys(database.pool, [key(1)]);
    await releaseKeys(database.pool, [key(1), key(1), key(1)]);
    expect((await claimKeys(database.pool, [key(1)])).claimed).toEqual([true]);
    expect((await claimKeys(database.pool, [key(2)])).claimed).toEqual([false]);
  });
});
