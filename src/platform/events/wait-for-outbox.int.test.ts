import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { waitForOutbox } from './wait-for-outbox.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const add = (id: number) =>
  pool.query("insert into platform.outbox (id, topics, payload, events) values ($1, '{}', '[]', 1)", [id]);
const remove = (id: number) => pool.query('delete from platform.outbox where id = $1', [id]);

it('the wait for the outbox ends when the events of before are gone, whatever was written after it began', async () => {
  await add(2);
  let isOver = false;
  const wait = waitForOutbox(pool).then(() => {
    isOver = true;
  });
  await sleep(100);
  // Its id is lower, and it is later.
  await add(1);
  await sleep(100);
  expect(isOver).toBe(false);
  await remove(2);
  await wait;
  await remove(1);
});

it('the wait for the outbox fails when an event stays there', async () => {
  await add(3);
  await expect(waitForOutbox(pool, 50)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
  await remove(3);
});
