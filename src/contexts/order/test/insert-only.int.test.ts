import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { place } from './commands.ts';
import { nodeOver } from './open-stores.ts';
import { decided, order, refund } from './sample-decision.ts';

let home: TestDatabase;
let program: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  home = await testDatabase();
  const { database, store } = nodeOver(home.programUrl, countingIds());
  const made = decided({
    newOrders: [order(1n)],
    newRefunds: [refund(2n, 1n)],
    history: [{ orderId: 1n, version: 1, status: 'RESERVED', amount: 20_000n, note: 'PLACE' }],
  });
  await store.changeBatch([place(7n, 'a')], () => made);
  await database.close();
  program = new pg.Client({ connectionString: home.programUrl });
  owner = new pg.Client({ connectionString: home.url });
  await Promise.all([program.connect(), owner.connect()]);
});
afterAll(async () => {
  await Promise.all([program.end(), owner.end()]);
  await home.drop();
});

const DENIED = { code: '42501' };

/** A hosted PostgreSQL may have one login for everything. */
const ONE_LOGIN = inject('postgresUrl') === inject('postgresProgramUrl');

describe.each([
  ['order_history', 'amount'],
  ['refund_lines', 'money'],
])('docs/attacks.md 57: the insert-only table orders.%s', (table, column) => {
  const changes = [
    `update orders.${table} set ${column} = 0`,
    `delete from orders.${table}`,
    `truncate orders.${table}`,
  ];

  it.skipIf(ONE_LOGIN)('an insert-only table of orders cannot be changed by the login of the program', async () => {
    const before = await owner.query(`select * from orders.${table}`);
    expect(before.rowCount).toBe(1);
    const ways = [
      ...changes,
      `alter table orders.${table} disable trigger all`,
      `drop trigger insert_only on orders.${table}`,
      `alter table orders.${table} owner to current_user`,
      `drop table orders.${table}`,
    ];
    for (const way of ways) await expect(program.query(way), way).rejects.toMatchObject(DENIED);
    // Granting oneself what one has not is no error, and gives nothing.
    await program.query(`grant update on orders.${table} to current_user`);
    await expect(program.query(`update orders.${table} set ${column} = 0`)).rejects.toMatchObject(DENIED);
    expect((await owner.query(`select * from orders.${table}`)).rows).toEqual(before.rows);
  });

  it.skipIf(ONE_LOGIN)('privileges protect an insert-only table of orders, also without the trigger', async () => {
    await owner.query(`alter table orders.${table} disable trigger insert_only`);
    for (const change of changes) await expect(program.query(change), change).rejects.toMatchObject(DENIED);
    await owner.query(`alter table orders.${table} enable trigger insert_only`);
  });

  it.each(changes)(
    'a trigger protects an insert-only table of orders where the program owns it: %s',
    async (change) => {
      await expect(owner.query(change)).rejects.toMatchObject(DENIED);
      expect((await owner.query(`select 1 from orders.${table}`)).rowCount).toBe(1);
    },
  );
});
