import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { LOAD_JWT_SECRET, startIssueLoad } from '../support/issue-load.ts';
import { testDatabase } from '../support/postgres.ts';
import { startServe, temporaryDir } from '../support/serve.ts';
import { expectStored } from '../support/stored-coupons.ts';

export const DELAY_MS = 500;

/**
 * Stops a process at full load so many times. Expects that no connection is reset and that every acknowledged coupon is stored.
 * @param clients connections, each of which sends a request as soon as it has the response to the one before
 * @returns how long each stop took, in milliseconds, with the delay
 */
export async function stopAtFullLoad(stops: number, clients: number): Promise<readonly number[]> {
  const database = await testDatabase();
  const dir = temporaryDir();
  const tookMs: number[] = [];
  try {
    for (let stop = 1; stop <= stops; stop++) {
      const server = await startServe({
        dataDir: join(dir.path, 'node'),
        env: {
          DATABASE_URL: database.url,
          JWT_SECRET: LOAD_JWT_SECRET,
          STAMPEDE_RATE_LIMIT: 'off',
          SHUTDOWN_DELAY_MS: String(DELAY_MS),
        },
      });
      const load = await startIssueLoad({ url: `${server.url}/api/v1`, clients, reconnects: false });
      await load.served(500);
      // In another phase of a batch each time.
      await sleep(stop);
      const stoppedMs = performance.now();
      expect(await server.end('SIGTERM')).toBe(0);
      tookMs.push(performance.now() - stoppedMs);
      await load.ended;
      await load.stop();
      expect(load.failed, `stop ${stop}`).toEqual([]);
      await expectStored(database.url, load);
    }
  } finally {
    await dir.remove();
    await database.drop();
  }
  return tookMs;
}
