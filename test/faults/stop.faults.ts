import { expect, test } from 'vitest';
import { testDatabase } from '../support/postgres.ts';
import { haproxyFor, rollingRestart } from '../support/rolling.ts';
import { expectStored } from '../support/stored-coupons.ts';
import { DELAY_MS, stopAtFullLoad } from './stops.ts';

const STOPS = 20;
const CLIENTS = 64;
/** Of a stop, after the delay. */
const STOP_MAX_MS = 5_000;

test('20 stops of a process at full load reset no connection, lose no acknowledged coupon and end within 5 s after the delay', async () => {
  const tookMs = await stopAtFullLoad(STOPS, CLIENTS);
  expect(Math.max(...tookMs)).toBeLessThan(DELAY_MS + STOP_MAX_MS);
});

const haproxy = haproxyFor('The test of 20 stops behind a load balancer');
test.skipIf(haproxy === undefined)(
  '20 stops of two nodes behind a load balancer at full load fail no request and lose no acknowledged coupon',
  async () => {
    const database = await testDatabase();
    try {
      const options = { databaseUrl: database.url, haproxy: haproxy ?? '', clients: CLIENTS, times: STOPS / 2 };
      const restarted = await rollingRestart(options);
      expect(restarted.failed).toEqual([]);
      await expectStored(database.url, restarted);
    } finally {
      await database.drop();
    }
  },
);
