import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import { type KafkaBus, kafkaBus } from '../bus-kafka.ts';
import { busMetrics } from '../bus-metrics.ts';
import { delivery } from '../bus-suite.ts';
import { kafkaConsumer } from './consumer.ts';
import { kafkaPublisher } from './publisher.ts';
import { envelopeCheck } from './records.ts';
import type { KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const WAIT = { timeout: 60_000, interval: 100 };
const log = pino({ level: 'silent' });

describe.skipIf(brokers === undefined)('a list of brokers', () => {
  let server: Server;
  let settings: KafkaSettings;
  let bus: KafkaBus | undefined;
  beforeEach(async () => {
    // As a proxy before a dead broker.
    server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    settings = testSettings(`127.0.0.1:${port},${brokers}`);
  });
  afterEach(async () => {
    await bus?.stop();
    server.close();
  });
  const openBus = (of: KafkaSettings): KafkaBus => {
    bus = kafkaBus({ settings: of, metrics: new Registry(), log });
    return bus;
  };

  test('events pass, and Kafka counts as up, while the first broker of KAFKA_BROKERS accepts connections and serves none', async () => {
    const handled: string[] = [];
    const events = openBus(settings);
    events.subscribe('first', ['coupon.issued'], async (batch) => {
      handled.push(...batch.map(({ event }) => event.eventId));
    });
    await events.start();
    await vi.waitFor(() => events.publish([delivery('1')]), WAIT);
    await vi.waitFor(() => expect(handled).toContain('1'), WAIT);
    await events.ping();
  });

  test('a consumer passes a broker by that serves no group, although its topics were found elsewhere', async () => {
    const working = { ...settings, brokers: settings.brokers.slice(1) };
    const events = openBus(working);
    await events.publish([delivery('1')]);
    const handled: string[] = [];
    const created = kafkaTopics(working, { log });
    const consumer = kafkaConsumer({
      settings,
      group: 'first',
      groupSuffix: '',
      topics: ['coupon.issued'],
      async handler(batch) {
        handled.push(...batch.map(({ event }) => event.eventId));
      },
      batchMax: 100,
      check: envelopeCheck,
      signatures: undefined,
      publisher: kafkaPublisher(working, created, log),
      created,
      metrics: busMetrics(new Registry()),
      log,
      retryBaseMs: 100,
      sessionTimeoutMs: 10_000,
    });
    consumer.start();
    try {
      await vi.waitFor(() => expect(handled).toEqual(['1']), WAIT);
    } finally {
      await consumer.stop();
    }
  });
});
