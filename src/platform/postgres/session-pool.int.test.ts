import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, it } from 'vitest';
import { BY_INDEX } from './database.ts';
import { openHosts } from './hosts.ts';
import { endPool, sessionPool } from './session-pool.ts';

it('a pool that ends serves the statements that wait for a connection', async () => {
  const pool = sessionPool(openHosts(inject('postgresUrl')), { name: 'test' }, { max: 2 }, () => undefined);
  const sent = Array.from({ length: 8 }, async (_, index) => (await pool.query(`select ${index} as index`)).rows[0]);
  await endPool(pool);
  expect(await Promise.all(sent)).toEqual(sent.map((_, index) => ({ index })));
});

it.each([
  ['of a batcher', true],
  ['of queries', false],
])('a plan that a session %s made while a table was empty does not outlive a second', async (_, pipeline) => {
  const hosts = openHosts(inject('postgresUrl'));
  const pool = sessionPool(hosts, { name: 'test', pipeline, options: BY_INDEX }, { max: 1 }, () => undefined);
  await pool.query('create temporary table things (id bigint primary key, size int)');
  await pool.query('analyze things');
  const text = 'select t.size from unnest($1::bigint[]) as named(id) join things as t on t.id = named.id';
  const read = () => pool.query({ name: 'things', text, values: [['1', '2']] });
  const usesIndex = async () => {
    const { rows } = await pool.query("explain execute things('{1,2}')");
    return rows.some((row) => row['QUERY PLAN'].includes('Index Cond: (id = named.id)'));
  };
  await read();
  await pool.query('insert into things select n, n from generate_series(1, 10000) as n');
  await sleep(1_100);
  await read();
  expect(await usesIndex()).toBe(true);
  await pool.end();
});
