import { expect, test } from 'vitest';
import { audit } from '../faults/system.ts';
import { testDatabase } from '../support/postgres.ts';
import { haproxyFor, rollingRestart } from '../support/rolling.ts';
import { expectStored } from '../support/stored-coupons.ts';

const haproxy = haproxyFor('The test of a rolling upgrade');

test.skipIf(haproxy === undefined)(
  'a rolling upgrade of two nodes behind a load balancer fails no request of its clients, and all audits pass',
  async () => {
    const database = await testDatabase({ isMigrated: false });
    try {
      const upgraded = await rollingRestart({
        databaseUrl: database.url,
        haproxy: haproxy ?? '',
        from: process.env['STAMPEDE_OTHER_PROGRAM'] ?? '',
        // Enough for old and new nodes to issue beside each other for some seconds.
        between: 2_000,
      });
      expect(upgraded.failed).toEqual([]);
      await expectStored(database.url, upgraded);
      const { code, output } = await audit({ auditEnv: { DATABASE_URL: database.url } });
      expect(code, output).toBe(0);
    } finally {
      await database.drop();
    }
  },
  300_000,
);
