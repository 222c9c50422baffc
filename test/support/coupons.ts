import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createCoupon } from '../../src/contexts/coupon/module.ts';
import type { StoreChecks } from '../../src/contexts/store/api.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';

const noStore = () => Promise.reject(new Error('the policies of these tests have no store'));
const NO_STORES: StoreChecks = { checkStore: noStore, listOwnStores: noStore, listCounterStores: noStore };

/** One instance of the coupon context on a database. `node`: its own number for ids. */
export function openCoupons(databaseUrl: string, node: number) {
  const database = openDatabase({ url: databaseUrl, onError: () => {} });
  const log = pino({ level: 'silent' });
  const metrics = new Registry();
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  const deps = { database, bus, clock: Date.now, nextId: snowflake(() => node, Date.now), metrics, log };
  const module = createCoupon(deps, { store: NO_STORES }, { rateLimit: false });
  return {
    module,
    database,
    log,
    async close() {
      await module.stop();
      await database.close();
    },
  };
}
