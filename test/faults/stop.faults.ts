import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LOAD_JWT_SECRET, startIssueLoad } from '../support/issue-load.ts';
import { testDatabase } from '../support/postgres.ts';
import { haproxyFor, rollingRestart } from '../support/rolling.ts';
import { startServe, temporaryDir } from '../support/serve.ts';
import { expectStored } from '../support/stored-coupons.ts';

const STOPS = 20;
const CLIENTS = 64;
const DELAY_MS = 500;
/** Of a stop, after the delay. */
const STOP_MAX_MS = 5_000;

test('20 stops of a process at full load reset no connection, lose no acknowledged coupon and end within 5 s after the delay', async () => {
  const database = await testDatabase();
  const dir = temporaryDir();
  try {
    for (let stop = 1; stop <= STOPS; stop++) {
      const server = await startServe({
        dataDir: join(dir.path, 'node'),
        env: {
          DATABASE_URL: database.url,
          JWT_SECRET: LOAD_JWT_SECRET,
          STAMPEDE_RATE_LIMIT: 'off',
          SHUTDOWN_DELAY_MS: String(DELAY_MS),
        },
      });
      const load = await startIssueLoad({ url: `${server.url}/api/v1`, clients: CLIENTS, reconnects: false });
      await load.served(500);
      // In another phase of a batch each time.
      await sleep(stop);
      const stoppedMs = performance.now();
      expect(await server.end('SIGTERM')).toBe(0);
      expect(performance.now() - stoppedMs).toBeLessThan(DELAY_MS + STOP_MAX_MS);
      await load.ended;
      await load.stop();
      expect(load.failed, `stop ${stop}`).toEqual([]);
      await expectStored(database.url, load);
    }
  } finally {
    await dir.remove();
    await database.drop();
  }
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
