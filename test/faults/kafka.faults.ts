import { afterEach, beforeEach, describe, it } from 'vitest';
import { canKillKafka } from '../support/kafka.ts';
import { expectNothingLost, KAFKA_FAULTS } from './kafka-faults.ts';
import { type KafkaStand, openKafkaStand } from './kafka-stand.ts';

describe.skipIf(!(await canKillKafka()))('events through Kafka', () => {
  let stand: KafkaStand;
  beforeEach(async () => {
    stand = await openKafkaStand();
  });
  afterEach(() => stand?.stop());

  it.each(Object.entries(KAFKA_FAULTS))('none is lost or counted twice through five times a %s', async (_, fault) => {
    await expectNothingLost(stand, fault, 5, 20);
  });

  it('none is lost or counted twice through all of it, one after the other, three times', async () => {
    const everything = async (): Promise<void> => {
      for (const fault of Object.values(KAFKA_FAULTS)) await fault(stand);
    };
    await expectNothingLost(stand, everything, 3, 20);
  });
});
