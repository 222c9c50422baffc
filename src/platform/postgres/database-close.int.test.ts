import { expect, inject, it } from 'vitest';
import { openDatabase } from './database.ts';

it('a connection that PostgreSQL ends after the pools were closed is not reported, and one before it is', async () => {
  const reported: string[] = [];
  const database = openDatabase({ url: inject('postgresUrl'), onError: ({ message }) => void reported.push(message) });
  const client = await database.pool.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  client.release();
  await database.vital.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
  await expect.poll(() => reported.length).toBe(1);
  await database.close();
  // As pg-pool does for a session that it has not seen end.
  for (const pool of database.pools.values()) pool.emit('error', new Error('ended'), client as never);
  expect(reported).toHaveLength(1);
});
