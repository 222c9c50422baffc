import pino from 'pino';
import { Registry } from 'prom-client';
import { describe } from 'vitest';
import { testKafka, testSettings } from '../../../test/support/kafka.ts';
import { readTopic } from '../../../test/support/kafka-topic.ts';
import { kafkaBus } from './bus-kafka.ts';
import { type BusStand, busSuite } from './bus-suite.ts';

const brokers = await testKafka();
const log = pino({ level: process.env['LOG'] ?? 'silent' });

function kafkaStand(): BusStand {
  const settings = testSettings(brokers ?? '');
  return {
    open: () => kafkaBus({ settings, metrics: new Registry(), log, retryBaseMs: 1, sessionTimeoutMs: 3_000 }),
    async deadLetters(group, topic) {
      const deadLetters = await readTopic(settings, `${topic}.DLQ`);
      return deadLetters
        .filter(({ headers }) => headers['x-group'] === group)
        .map(({ value, headers }) => `${JSON.parse(value).eventId} ${headers['x-reason']}`);
    },
  };
}

describe.skipIf(brokers === undefined)('on Kafka', () => {
  busSuite('Kafka', kafkaStand);
});
