import { expect, test } from 'vitest';
import { testDatabase } from '../support/postgres.ts';
import { haproxyFor, rollingRestart } from '../support/rolling.ts';
import { expectStored } from '../support/stored-coupons.ts';

const haproxy = haproxyFor('The test of a rolling restart');

test.skipIf(haproxy === undefined)(
  'a rolling restart of two nodes behind a load balancer fails no request, and the count is exact',
  async () => {
    const database = await testDatabase();
    try {
      const restarted = await rollingRestart({ databaseUrl: database.url, haproxy: haproxy ?? '' });
      expect(restarted.failed).toEqual([]);
      expect(restarted.acknowledged.size).toBeGreaterThan(700);
      await expectStored(database.url, restarted);
    } finally {
      await database.drop();
    }
  },
);
