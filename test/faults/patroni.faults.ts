import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { canRunPatroni, type Patroni, type PatroniNode, startPatroni } from '../support/patroni.ts';
import { type LoadedSystem, startLoad } from './cluster/loads.ts';
import { isBack, recovery } from './cluster/timeline.ts';
import { openStand, type Stand } from './stand.ts';

const EVEN_MS = 5_000;
const LONG = { timeout: 120_000, interval: 250 };

interface PatroniFault {
  /** Begins it, and returns what ends it. */
  begin(primary: PatroniNode): Promise<() => Promise<void>>;
  /** Waits until Patroni has drawn the consequence. */
  untilNoticed(patroni: Patroni, primary: PatroniNode): Promise<void>;
}

const untilFailover: PatroniFault['untilNoticed'] = (patroni, primary) => patroni.untilLeaderIsNot(primary);
const FAULTS: Readonly<Record<string, PatroniFault>> = {
  killed: {
    async begin(primary) {
      await primary.kill();
      return () => primary.start();
    },
    untilNoticed: untilFailover,
  },
  frozen: {
    async begin(primary) {
      const thaw = primary.freeze();
      return async () => thaw();
    },
    untilNoticed: untilFailover,
  },
  'cut off from etcd': {
    async begin({ etcdWire }) {
      etcdWire.set('silent');
      return async () => etcdWire.set('open');
    },
    untilNoticed: untilFailover,
  },
  'cut off from its standby': {
    async begin({ replicationWire }) {
      replicationWire.set('silent');
      return async () => replicationWire.set('open');
    },
    untilNoticed: (patroni) => patroni.untilStandby(false),
  },
};

describe.skipIf(!canRunPatroni())('a primary that Patroni watches', () => {
  let patroni: Patroni;
  let stand: Stand;
  beforeAll(async () => {
    patroni = await startPatroni();
    stand = await openStand(undefined, patroni);
  });
  afterAll(async () => {
    // It stops Patroni, too.
    await (stand ?? patroni)?.stop();
  });

  it.each(Object.entries(FAULTS))(
    'every acknowledged coupon is kept, and writes succeed again, while the primary of Patroni is %s',
    async (name, { begin, untilNoticed }) => {
      const system: LoadedSystem = { ...stand, customers: { count: 0, data: [], wrong: [] } };
      const load = await startLoad('rush', system);
      const warmMs = performance.now();
      await sleep(EVEN_MS);
      const primary = await patroni.leader();
      const beginMs = performance.now();
      const moments = { warmMs, beginMs, endMs: beginMs };
      const end = await begin(primary);
      try {
        await untilNoticed(patroni, primary);
        await vi.waitFor(() => expect(isBack(load.timeline, moments, performance.now())).toBe(true), LONG);
        await sleep(EVEN_MS);
      } finally {
        await end();
      }
      const { firstMs, backMs, retried } = recovery(load.timeline, { ...moments, untilMs: performance.now() });
      // Its former primary follows the new one, or its standby is synchronous again.
      await patroni.untilStandby(true);
      await load.stop();
      await load.expectKept();
      process.stdout.write(`Patroni, ${name}: ${JSON.stringify({ firstMs, backMs, retried })}\n`);
    },
  );
});
