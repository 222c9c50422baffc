import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { MINUTE_MS } from '../kernel/durations.ts';
import { clockPeers } from './clock-peers.ts';
import { leaseNode, type NodeLease } from './node-lease.ts';

const log = pino({ level: 'silent' });
let home: TestDatabase;
let pool: pg.Pool;
let leases: NodeLease[];
beforeEach(async () => {
  home = await testDatabase();
  pool = new pg.Pool({ connectionString: home.programUrl, max: 4 });
  leases = [];
});
afterEach(async () => {
  await Promise.all(leases.map((lease) => lease.stop()));
  await pool.end();
  await home.drop();
});

/** A live node. `measures` publishes an offset, measured now. */
async function node() {
  const lease = await leaseNode({ pool, clock: Date.now, log });
  leases.push(lease);
  const peers = clockPeers(pool, lease);
  const measures = (offsetMs: number, databaseMs = Date.now()) =>
    peers.publish({ offsetMs, databaseMs, uncertaintyMs: 1 });
  return { ...peers, measures, lease };
}

describe('a node whose clock is 11 minutes from that of the database', () => {
  it.each([11, -11])('a node with a wrong clock serves alone (%i min), and its offset is shown', async (minutes) => {
    const wrong = await node();
    await wrong.measures(minutes * MINUTE_MS);
    expect([wrong.isSkewed(), await wrong.isOnlyOwnClockWrong()]).toEqual([true, false]);
  });

  it.each([11, -11])(
    'a node with a wrong clock does not serve while another clock is right (%i min)',
    async (minutes) => {
      const [wrong, right] = [await node(), await node()];
      await wrong.measures(minutes * MINUTE_MS);
      await right.measures(20);
      expect([wrong.isSkewed(), await wrong.isOnlyOwnClockWrong()]).toEqual([true, true]);
      expect([right.isSkewed(), await right.isOnlyOwnClockWrong()]).toEqual([false, false]);
    },
  );

  it('a node with a wrong clock serves again when its clock has been set', async () => {
    const [wrong, right] = [await node(), await node()];
    await wrong.measures(11 * MINUTE_MS);
    await right.measures(0);
    await wrong.measures(10);
    expect([wrong.isSkewed(), await wrong.isOnlyOwnClockWrong()]).toEqual([false, false]);
  });

  it('a node with a wrong clock serves when the other node is dead', async () => {
    const [wrong, right] = [await node(), await node()];
    await wrong.measures(11 * MINUTE_MS);
    await right.measures(0);
    await pool.query('update platform.node_leases set expires_at = clock_timestamp() where holder = $1', [
      right.lease.holder,
    ]);
    expect(await wrong.isOnlyOwnClockWrong()).toBe(false);
  });
});

describe('after a failover to a host with a wrong clock', () => {
  it.each([11, -11])(
    'after a failover to a host with a wrong clock every node serves, whichever of them has measured it so far (%i min)',
    async (minutes) => {
      const nodes = [await node(), await node(), await node()];
      const newTime = () => Date.now() + minutes * MINUTE_MS;
      for (const each of nodes) await each.measures(0);
      // The test's PostgreSQL keeps its time, so the old measurements are shifted instead.
      await pool.query(
        `update platform.node_leases set clock_measured_at = clock_measured_at - make_interval(mins => $1)
       where holder is not null`,
        [minutes],
      );
      for (const each of nodes) {
        await each.measures(newTime() - Date.now());
        for (const other of nodes) expect(await other.isOnlyOwnClockWrong()).toBe(false);
      }
      expect(nodes.map((each) => each.isSkewed())).toEqual([true, true, true]);
    },
  );
});

it('a process that leases a node number does not inherit the offset of its previous holder', async () => {
  const first = await node();
  await first.measures(11 * MINUTE_MS);
  await first.lease.stop();
  await pool.query(`update platform.node_leases set expires_at = case when clock_offset_ms is null then 'infinity'::timestamptz
    else '-infinity' end, ids_until_ms = 0`);
  await node();
  const { rows } = await pool.query('select 1 from platform.node_leases where clock_offset_ms is not null');
  expect(rows).toEqual([]);
});
