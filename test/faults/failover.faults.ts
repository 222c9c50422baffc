import { describe, expect, it } from 'vitest';
import { canFailOver } from '../support/installed-postgres.ts';
import { checkouts } from './checkout-faults.ts';
import { expectSettled } from './checkout-verdict.ts';
import { failOver, openReplicatedStand } from './failover.ts';
import { rush } from './rush-faults.ts';
import { CHECKOUT_STAND } from './stand.ts';
import { expectExact } from './verdict.ts';

describe.skipIf(!canFailOver())('a failover', () => {
  it('a failover keeps every acknowledged coupon of a rush of 20,000 for 2,000 during which the primary is destroyed', async () => {
    const [postgres, stand] = await openReplicatedStand();
    try {
      const options = { users: 20_000, coupons: 2_000, clients: 256, fault: () => failOver(postgres) };
      const done = await rush(stand, options);
      process.stdout.write(`failover: asked again ${JSON.stringify(Object.fromEntries(done.again))}\n`);
      await expectExact(stand, done, options);
    } finally {
      await stand.stop();
    }
  });

  it('a failover keeps every acknowledged order, payment and point of 600 checkouts during which the primary is destroyed', async () => {
    const [postgres, stand] = await openReplicatedStand(CHECKOUT_STAND);
    try {
      const options = { checkouts: 600, clients: 48, fault: () => failOver(postgres) };
      const done = await checkouts(stand, options);
      expect(done.again.size).toBeGreaterThan(0);
      await expectSettled(stand, done, options);
    } finally {
      await stand.stop();
    }
  });
});
