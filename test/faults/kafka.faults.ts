import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Kafka } from '../../tools/kafka/start.ts';
import { canKillKafka } from '../support/kafka.ts';
import { expectNothingLost, type Fault, KAFKA_FAULTS } from './kafka-faults.ts';
import { type KafkaStand, openKafkaStand } from './kafka-stand.ts';

describe.skipIf(!(await canKillKafka()))('events through Kafka', () => {
  let stand: KafkaStand<Kafka>;
  beforeAll(async () => {
    stand = await openKafkaStand();
  });
  afterAll(() => stand?.stop());

  it.each(Object.entries(KAFKA_FAULTS))(
    'no event on Kafka is lost or counted twice through five times a %s',
    async (_, fault) => {
      await expectNothingLost(stand, fault, 5, 20);
    },
  );

  it('no event on Kafka is lost or counted twice through all faults, one after the other, three times', async () => {
    const everything: Fault<Kafka> = async (on, traffic) => {
      for (const fault of Object.values(KAFKA_FAULTS)) await fault(on, traffic);
    };
    await expectNothingLost(stand, everything, 3, 20);
  });
});
