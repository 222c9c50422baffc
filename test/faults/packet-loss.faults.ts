import { describe, it } from 'vitest';
import { canFailOver } from '../support/installed-postgres.ts';
import { canDropPackets, type NetworkNamespace } from '../support/network-namespace.ts';
import { lossyNetwork, openSeparatedStand, partition } from './packet-loss.ts';
import { rush } from './rush-faults.ts';
import { expectExact } from './verdict.ts';

const FAULTS: Readonly<Record<string, (network: NetworkNamespace) => Promise<void>>> = {
  'no packet passes for 30 s': (network) => partition(network, 30_000),
  'packets are lost in 60 bursts': (network) => lossyNetwork(network, 60),
};

describe.skipIf(!canFailOver() || !canDropPackets())('between servers and PostgreSQL', () => {
  it.each(Object.entries(FAULTS))(
    'a rush of 10,000 for 1,000 coupons is exact between servers and PostgreSQL: %s',
    async (name, fault) => {
      const [network, stand] = await openSeparatedStand();
      try {
        const options = { users: 10_000, coupons: 1_000, clients: 128, fault: () => fault(network) };
        const done = await rush(stand, options);
        process.stdout.write(`${name}: asked again ${JSON.stringify(Object.fromEntries(done.again))}\n`);
        await expectExact(stand, done, options);
      } finally {
        await stand.stop();
      }
    },
  );
});
