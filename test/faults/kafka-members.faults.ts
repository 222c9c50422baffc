import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../tools/kafka/start.ts';
import { canStartKafkaCluster } from '../support/kafka.ts';
import { openWire, type TcpWire } from '../support/tcp-wire.ts';
import { expectNothingLost, type Fault } from './kafka-faults.ts';
import { type KafkaStand, openStandOn } from './kafka-stand.ts';

/** Longer than `broker.session.timeout.ms`, 9 s, after which a broker has lost its place. */
const AWAY_MS = 15_000;

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
      await members[0].kill();
      await sleep(AWAY_MS);
      await members[0].restart();
    },
    async frozen({ kafka: { members } }) {
      await members[1].freeze();
      await sleep(AWAY_MS);
      await members[1].thaw();
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
});
