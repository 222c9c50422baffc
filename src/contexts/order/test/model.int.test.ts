import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { decideOrders } from '../domain/decide-orders.ts';
import { history, NOW_MS, OPEN_MAX, world } from './histories.ts';
import { expectAuditsPass, insertCatalog, nodeOver } from './open-stores.ts';

let home: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  home = await testDatabase();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  // So that the owner may empty them.
  await owner.query(`alter table orders.order_history disable trigger insert_only;
    alter table orders.refund_lines disable trigger insert_only`);
});
afterAll(async () => {
  await owner.end();
  await home.drop();
});

const TABLES = `products, time_sales, time_sale_buyers, product_daily_sales, orders, order_lines, order_history, payments, refunds,
  refund_lines`;

it('PostgreSQL returns for every history of orders what memory returns, and what it stores adds up', async () => {
  const nodes = [
    nodeOver(home.programUrl, countingIds(1_000_001n)),
    nodeOver(home.programUrl, countingIds(2_000_001n)),
  ];
  try {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(6), async (batches, cut) => {
        await owner.query(`truncate ${TABLES.replaceAll(/\w+/g, 'orders.$&')}, platform.outbox`);
        const model = world();
        await insertCatalog(nodes[0]?.database ?? fail(), {
          products: [...model.state.products.values()],
          timeSales: [...model.state.timeSales.values()],
        });
        const nextId = countingIds(1_001n);
        let nowMs = NOW_MS;
        for (const [passed, asks] of batches) {
          nowMs += passed;
          const rules = { nowMs, nextId, reservationMs: 10 * MINUTE_MS, currency: 'KRW', openOrdersMax: OPEN_MAX };
          const commands = model.commandsOf(asks);
          const returned = [];
          for (const [index, batch] of [commands.slice(0, cut), commands.slice(cut)].entries()) {
            const { store } = nodes[index] ?? fail();
            returned.push(
              ...(await store.changeBatch(batch, (seen) => decideOrders(seen, batch, rules))).decision.outcomes,
            );
          }
          expect(returned).toEqual(await model.run(commands, nowMs, []));
        }
        const { store } = nodes[1] ?? fail();
        for (const order of model.state.orders.values()) expect(await store.findOrder(order.id)).toEqual(order);
        for (const payment of model.state.payments.values())
          expect(await store.findPayment(payment.id)).toEqual(payment);
        for (const refund of model.state.refunds.values()) expect(await store.findRefund(refund.id)).toEqual(refund);
        await expectAuditsPass(owner);
      }),
      { numRuns: 25 },
    );
  } finally {
    for (const { database } of nodes) await database.close();
  }
});

function fail(): never {
  throw new Error('there are two nodes');
}
