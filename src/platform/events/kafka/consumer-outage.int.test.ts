import { Registry } from 'prom-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { busMetrics } from '../bus-metrics.ts';
import { delivery } from '../bus-suite.ts';
import { type KafkaConsumer, kafkaConsumer } from './consumer.ts';
import { kafkaPublisher, type Publisher } from './publisher.ts';
import { encode, envelopeCheck } from './records.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const WAIT = { timeout: 60_000, interval: 50 };
const TOPIC = 'coupon.issued';

describe.skipIf(brokers === undefined)('the log of a consumer', () => {
  let publisher: Publisher;
  let consumer: KafkaConsumer;
  afterEach(async () => {
    await consumer.stop();
    await publisher.stop();
  });

  test('the log of a consumer says that it works again when a batch was handled, not when it has joined its group', async () => {
    const lines: string[] = [];
    const log = createLogger('debug', { write: (line: string) => void lines.push(JSON.parse(line).msg) });
    const linesOf = (message: string) => lines.filter((line) => line === message);
    const settings = testSettings(brokers ?? '');
    const created = kafkaTopics(settings, { log });
    publisher = kafkaPublisher(settings, created, log);
    let isBroken = true;
    consumer = kafkaConsumer({
      settings,
      group: 'first',
      groupSuffix: '',
      topics: [TOPIC],
      handler: async () => {},
      batchMax: 10,
      check: envelopeCheck,
      signatures: {
        sign: () => ({}),
        problemOf() {
          if (isBroken) throw new Error('the keys cannot be read');
          return undefined;
        },
      },
      publisher,
      created,
      metrics: busMetrics(new Registry()),
      log,
      retryBaseMs: 1,
      sessionTimeoutMs: 3_000,
    });
    await publisher.publish([encode(delivery('1'), { prefix: settings.prefix })]);
    consumer.start();
    const failure = 'a consumer lost its connection to Kafka and starts again';
    await vi.waitFor(() => expect(linesOf(failure).length).toBeGreaterThan(2), WAIT);
    expect(linesOf('a consumer works with Kafka again')).toEqual([]);
    isBroken = false;
    await vi.waitFor(() => expect(linesOf('a consumer works with Kafka again')).toHaveLength(1), WAIT);
  });
});
