import pg from 'pg';
import { expect, test } from 'vitest';
import { programOf } from '../../tools/cluster/balancer.ts';
import { testDatabase } from '../support/postgres.ts';
import { rollingRestart } from '../support/rolling.ts';

const haproxy = programOf('haproxy');
if (haproxy === undefined) {
  if (process.env['REQUIRE_CLUSTER'] === '1') throw new Error('A rolling restart needs haproxy.');
  process.stderr.write('The test of a rolling restart is left out: install haproxy.\n');
}

test.skipIf(haproxy === undefined)(
  'a rolling restart of two nodes behind a load balancer fails no request, and the count is exact',
  async () => {
    const database = await testDatabase();
    try {
      const { failed, policyId, issued } = await rollingRestart({ databaseUrl: database.url, haproxy: haproxy ?? '' });
      expect(failed).toEqual([]);
      expect(issued).toBeGreaterThan(700);
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const count =
        'select count(*)::int as count, max(sequence_no) as last from coupon.coupon_issues where policy_id = $1';
      const { rows } = await client.query(count, [policyId]).finally(() => client.end());
      expect(rows).toEqual([{ count: issued, last: issued }]);
    } finally {
      await database.drop();
    }
  },
  180_000,
);
