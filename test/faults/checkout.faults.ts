import { afterEach, beforeEach, it } from 'vitest';
import { checkouts } from './checkout-faults.ts';
import { expectSettled } from './checkout-verdict.ts';
import { everything, FAULTS } from './faults.ts';
import { CHECKOUT_STAND, openStand, type Stand } from './stand.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await openStand(CHECKOUT_STAND);
});
afterEach(() => stand?.stop());

it.each(Object.entries({ ...FAULTS, 'all of it at once': everything }))(
  '5,000 checkouts add up through a %s',
  async (name, fault) => {
    const options = { checkouts: 5_000, clients: 64, fault: () => fault(stand) };
    const done = await checkouts(stand, options);
    const data = Object.entries(Object.groupBy(done.data, ({ status }) => status)).map(([status, all]) => [
      status,
      all?.length,
    ]);
    const figures = { data: Object.fromEntries(data), again: Object.fromEntries(done.again) };
    process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
    await expectSettled(stand, done, options);
  },
);
