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

  it.each(Object.entries(KAFKA_FAULTS))(
    'none is lost or counted twice, and poison is put aside, through a %s',
    {
      timeout: 180_000,
    },
    async (_, fault) => {
      await expectNothingLost(stand, fault, 1, 2);
    },
  );
});
