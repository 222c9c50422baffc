import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import { type KafkaBus, kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';

const brokers = await testKafka();
const WAIT = { timeout: 40_000, interval: 100 };

describe.skipIf(brokers === undefined)('a list of brokers', () => {
  let server: Server;
  let bus: KafkaBus;
  beforeEach(async () => {
    // As a proxy before a dead broker.
    server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    bus = kafkaBus({
      settings: testSettings(`127.0.0.1:${port},${brokers}`),
      metrics: new Registry(),
      log: pino({ level: 'silent' }),
    });
  });
  afterEach(async () => {
    await bus.stop();
    server.close();
  });

  test('events pass, and Kafka counts as up, while the first broker of KAFKA_BROKERS accepts connections and serves none', async () => {
    const handled: string[] = [];
    bus.subscribe('first', ['coupon.issued'], async (batch) => {
      handled.push(...batch.map(({ event }) => event.eventId));
    });
    await bus.start();
    await vi.waitFor(() => bus.publish([delivery('1')]), WAIT);
    await vi.waitFor(() => expect(handled).toContain('1'), WAIT);
    await bus.ping();
  }, 90_000);
});
