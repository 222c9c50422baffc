import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { rush } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';
import { expectExact } from './verdict.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand?.stop());

it.each(Object.entries(FAULTS))('a rush of 2,000 for 300 coupons is exact through a %s', async (_, fault) => {
  const options = { users: 2_000, coupons: 300, clients: 48, fault: () => fault(stand) };
  await expectExact(stand, await rush(stand, options), options);
});

it('a rush without a fault is exact without a repeat', async () => {
  const options = { users: 600, coupons: 300, clients: 48, fault: async () => {} };
  const done = await rush(stand, options);
  await expectExact(stand, done, options);
  expect(done.again.size).toBe(0);
});
