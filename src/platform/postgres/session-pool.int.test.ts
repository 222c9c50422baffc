import { expect, inject, it } from 'vitest';
import { openHosts } from './hosts.ts';
import { endPool, sessionPool } from './session-pool.ts';

it('a pool that ends serves the statements that wait for a connection', async () => {
  const pool = sessionPool(openHosts(inject('postgresUrl')), { name: 'test' }, { max: 2 }, () => undefined);
  const sent = Array.from({ length: 8 }, async (_, index) => (await pool.query(`select ${index} as index`)).rows[0]);
  await endPool(pool);
  expect(await Promise.all(sent)).toEqual(sent.map((_, index) => ({ index })));
});
