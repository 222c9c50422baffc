import { afterAll, beforeAll, it } from 'vitest';
import { everything, FAULTS, LONG_FAULTS } from './faults.ts';
import { rush } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';
import { expectExact } from './verdict.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand();
});
afterAll(() => stand?.stop());

it.each(Object.entries({ ...FAULTS, ...LONG_FAULTS }))(
  'a rush of 20,000 for 2,000 coupons is exact through a %s',
  async (name, fault) => {
    const options = { users: 20_000, coupons: 2_000, clients: 256, fault: () => fault(stand) };
    const done = await rush(stand, options);
    process.stdout.write(`${name}: asked again ${JSON.stringify(Object.fromEntries(done.again))}\n`);
    await expectExact(stand, done, options);
  },
);

it('a rush of 20,000 for 2,000 coupons is exact through all faults at once', async () => {
  const options = { users: 20_000, coupons: 2_000, clients: 256, fault: () => everything(stand) };
  await expectExact(stand, await rush(stand, options), options);
});
