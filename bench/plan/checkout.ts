import type { Fixture } from '../issue/fixture.ts';
import { measureCheckouts } from '../orders/checkout-measurement.ts';
import { migrateSystem, startSystem } from '../support/system.ts';
import { databaseBytes, numberIn } from './database-bytes.ts';

const CONNECTIONS = 512;

/** An order with a coupon that is paid with points. `storedBytes` has the coupon's and the points' rows, too. */
export async function measureCheckout(fixture: Fixture, checkouts: number) {
  const { workDir, jwtSecret } = fixture;
  let storedBytes = 0;
  const { perSecond, cpuUs, fault } = await measureCheckouts(
    {
      id: 'plan',
      stores: true,
      async start(_, databaseUrl) {
        const empty = await databaseBytes(databaseUrl);
        const child = await startSystem({ workDir, jwtSecret, databaseUrl, env: { STAMPEDE_RATE_LIMIT: 'off' } });
        return {
          ...child,
          async stop() {
            const orders = await numberIn(databaseUrl, 'select count(*) as n from orders.orders');
            storedBytes = Math.round(((await databaseBytes(databaseUrl)) - empty) / orders);
            await child.stop();
          },
        };
      },
    },
    {
      ...fixture,
      async onDatabase(work) {
        const databaseUrl = await fixture.createDatabase('plan_checkout');
        await migrateSystem(databaseUrl);
        return await work(databaseUrl);
      },
    },
    { connections: CONNECTIONS, checkouts, withCoupon: true },
  );
  if (fault !== undefined) throw new Error(`FAULT: ${fault}`);
  return {
    perSecond: Math.round(perSecond),
    nodeCpuUs: cpuUs.server,
    postgresCpuUs: cpuUs.postgres,
    storedBytes,
  };
}
