import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../tools/kafka/start.ts';
import { canStartKafkaCluster } from '../support/kafka.ts';
import { openWire, type TcpWire } from '../support/tcp-wire.ts';
import { effects, expectNothingLost, type Fault } from './kafka-faults.ts';
import { type KafkaStand, openStandOn } from './kafka-stand.ts';

/** Longer than `broker.session.timeout.ms`, 9 s, after which a broker has lost its place. */
const AWAY_MS = 15_000;
const LONG = { timeout: 180_000, interval: 200 };
const QUIET_MS = 5_000;

describe.skipIf(!(await canStartKafkaCluster()))('events through three brokers', () => {
  const wires: TcpWire[] = [];
  let stand: KafkaStand<KafkaCluster>;
  beforeAll(async () => {
    const cluster = await startKafkaCluster(async (port, index) => {
      const wire = await openWire(port);
      wires[index] = wire;
      return wire.port;
    });
    stand = await openStandOn(cluster, { replication: 3, requireDurable: true });
  });
  afterAll(async () => {
    await stand?.stop();
    for (const wire of wires) await wire.close();
  });

  const faults: Readonly<Record<string, Fault<KafkaCluster>>> = {
    async killed({ kafka: { members } }) {
      await members[1].kill();
      await sleep(AWAY_MS);
      await members[1].restart();
    },
    async frozen({ kafka: { members } }) {
      // The first one of KAFKA_BROKERS, which still accepts connections.
      await members[0].freeze();
      await sleep(AWAY_MS);
      await members[0].thaw();
    },
    // From clients and from the brokers that copy its messages. It still hears the controllers, so it keeps its place.
    async partitioned() {
      wires[2]?.set('silent');
      await sleep(AWAY_MS);
      wires[2]?.set('open');
    },
  };
  it.each(Object.entries(faults))(
    'no event on three brokers is lost or counted twice while one of them is %s',
    async (_, fault) => {
      await expectNothingLost(stand, fault, 2, 4);
    },
  );

  it('without a majority of its brokers events wait in the outbox, which shows, and have their effects when one is back', async () => {
    const waiting = async (): Promise<number> => {
      const { values = [] } = (await stand.metrics.getSingleMetric('stampede_outbox_rows')?.get()) ?? {};
      return Number(values[0]?.value);
    };
    const withoutMajority: Fault<KafkaCluster> = async ({ kafka: { members } }, { name }) => {
      const lost = members.slice(0, 2);
      await Promise.all(lost.map((each) => each.kill()));
      await vi.waitFor(async () => expect(await waiting()).toBeGreaterThan(50), LONG);
      // The third broker still delivers what all of them had.
      await vi.waitFor(async () => {
        const before = await effects(stand, name);
        await sleep(QUIET_MS);
        expect(await effects(stand, name)).toBe(before);
      }, LONG);
      const before = await effects(stand, name);
      await lost[1]?.restart();
      await vi.waitFor(async () => expect(await effects(stand, name)).toBeGreaterThan(before), LONG);
      await lost[0]?.restart();
    };
    await expectNothingLost(stand, withoutMajority, 1, 2);
  });
});
