import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkouts } from './checkout-faults.ts';
import { expectSettled } from './checkout-verdict.ts';
import { everything } from './faults.ts';
import { CHECKOUT_STAND, openStand, type Stand } from './stand.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand(CHECKOUT_STAND);
});
afterAll(() => stand?.stop());

it('300 checkouts add up when servers and PostgreSQL are killed and frozen amid them', async () => {
  const options = { checkouts: 300, clients: 24, fault: () => everything(stand) };
  const done = await checkouts(stand, options);
  expect(done.again.size).toBeGreaterThan(0);
  await expectSettled(stand, done, options);
});
