import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { kafkaBus } from '../../src/platform/events/bus-kafka.ts';
import { delivery } from '../../src/platform/events/bus-suite.ts';
import type { Kafka } from '../../tools/kafka/start.ts';
import { canKillKafka } from '../support/kafka.ts';
import { expectNothingLost, KAFKA_FAULTS } from './kafka-faults.ts';
import { type KafkaStand, openKafkaStand } from './kafka-stand.ts';

describe.skipIf(!(await canKillKafka()))('events through Kafka', () => {
  let stand: KafkaStand<Kafka>;
  beforeAll(async () => {
    stand = await openKafkaStand();
  });
  afterAll(() => stand?.stop());

  it.each(Object.entries(KAFKA_FAULTS))(
    'no event on Kafka is lost or counted twice, and poison is put aside, through a %s',
    async (_, fault) => {
      await expectNothingLost(stand, fault, 1, 2);
    },
  );

  it('a consumer that starts without a broker works when one starts, and stops without one', async () => {
    const { kafka, settings } = stand;
    await kafka.kill();
    const got: string[] = [];
    const bus = kafkaBus({ settings, metrics: new Registry(), log: pino({ level: 'silent' }) });
    bus.subscribe(
      'early',
      ['point.earned'],
      async (batch) => void got.push(...batch.map(({ event }) => event.eventId)),
    );
    await bus.start();
    await expect(bus.ping()).rejects.toThrow();
    await expect(bus.publish([delivery('too early', 'point.earned')])).rejects.toThrow();
    await kafka.restart();
    await vi.waitFor(() => bus.publish([delivery('in time', 'point.earned')]), { timeout: 60_000 });
    await vi.waitFor(() => expect(got).toContain('in time'), { timeout: 60_000 });
    await kafka.kill();
    await bus.stop();
  });
});
