import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { configOf, stage } from '../attacks/support.ts';

const MINUTE_MS = 60_000;

it('an order lives for its 10 minutes beside a node whose clock is 11 minutes ahead', async () => {
  const on = await stage();
  const admin = on.token('1', 'ADMIN');
  const product = { name: 'Mug', description: 'blue', price: 100, stock: 10 };
  const made = await on.call('POST', '/api/v1/products', { token: admin, json: product });
  const token = on.token('7');
  const placed = await on.call('POST', '/api/v1/orders', {
    token,
    headers: { 'idempotency-key': 'k' },
    json: { items: [{ productId: made.body.productId, quantity: 1 }] },
  });
  const other = await startServer(configOf(on.database.programUrl), { clock: () => Date.now() + 11 * MINUTE_MS });
  await other.runJobs();
  await sleep(2_000);
  const { body } = await on.call('GET', `/api/v1/orders/${placed.body.orderId}`, { token });
  await other.stop();
  await on.stop();
  expect([placed.body.status, body.status]).toEqual(['RESERVED', 'RESERVED']);
});
