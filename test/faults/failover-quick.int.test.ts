import { describe, it } from 'vitest';
import { canFailOver } from '../support/installed-postgres.ts';
import { failOver, openReplicatedStand } from './failover.ts';
import { rush } from './rush-faults.ts';
import { expectExact } from './verdict.ts';

describe.skipIf(!canFailOver())('a failover', () => {
  it('a failover keeps every acknowledged coupon of a rush of 1,000 for 200 during which the primary is destroyed', async () => {
    const [postgres, stand] = await openReplicatedStand();
    try {
      const options = { users: 1_000, coupons: 200, clients: 32, fault: () => failOver(postgres) };
      await expectExact(stand, await rush(stand, options), options);
    } finally {
      await stand.stop();
    }
  });
});
