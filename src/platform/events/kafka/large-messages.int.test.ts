import { createHash, randomBytes } from 'node:crypto';
import { compressionsAlgorithms, Producer } from '@platformatic/kafka';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import type { EventBus } from '../bus.ts';
import { kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';
import type { DeadLetterStore } from '../dead-letter-store.ts';
import { kafkaDeadLetters } from './dead-letter-store.ts';
import { BATCH_RECORDS_MAX, INFLATED_BYTES_MAX } from './fetch-response.ts';
import { inflate, TooLarge } from './inflate.ts';
import { clientOptions, type KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const log = pino({ level: 'silent' });
const TOPIC = 'coupon.issued';
const WAIT = { timeout: 60_000, interval: 50 };
const COMPRESSIONS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

describe.skipIf(brokers === undefined)('large messages on Kafka', () => {
  let settings: KafkaSettings;
  let bus: EventBus;
  let store: DeadLetterStore;
  let handled: string[];

  beforeEach(async () => {
    settings = { ...testSettings(brokers ?? ''), partitions: 1 };
    handled = [];
    bus = kafkaBus({ settings, metrics: new Registry(), log, retryBaseMs: 1, sessionTimeoutMs: 3_000 });
    bus.subscribe('readers', [TOPIC], async (batch) => {
      handled.push(...batch.map(({ event }) => event.eventId));
    });
    await kafkaTopics(settings).ensure([settings.prefix + TOPIC, `${settings.prefix}${TOPIC}.DLQ`]);
    store = kafkaDeadLetters(settings, log);
  });
  afterEach(async () => {
    await store.close();
    await bus.stop();
  });

  interface Sent {
    readonly value: Buffer;
    readonly headers?: ReadonlyMap<Buffer, Buffer>;
    readonly topic?: string;
  }
  async function send(compression: (typeof COMPRESSIONS)[number], messages: readonly Sent[]): Promise<void> {
    const producer = new Producer({ ...clientOptions(settings), compression });
    try {
      const topic = settings.prefix + TOPIC;
      await producer.send({
        acks: -1,
        messages: messages.map(({ value, headers, topic: other }) => {
          return { topic: other ?? topic, key: Buffer.from('1'), value, headers: new Map(headers) };
        }),
      });
    } finally {
      await producer.close();
    }
  }
  const value = (id: string): Buffer => Buffer.from(JSON.stringify(delivery(id, TOPIC).event));
  const letters = async (count: number) =>
    await vi.waitFor(async () => {
      const found = await store.list({});
      expect(found).toHaveLength(count);
      return found;
    }, WAIT);

  test.each(COMPRESSIONS)(
    'a batch with %s is read, and one that inflates to too much is a dead letter without content',
    async (compression) => {
      await bus.start();
      await send(compression, [{ value: value('1:0') }, { value: value('1:1') }]);
      const bomb = Buffer.alloc(INFLATED_BYTES_MAX + 1_000, 'a');
      // A broker with its usual settings takes no more than 1 MB.
      const isSmall = (await sizeOf(compression, bomb)) < 900_000;
      if (isSmall) await send(compression, [{ value: bomb }]);
      await send(compression, [{ value: value('1:2') }]);
      await vi.waitFor(() => expect(handled).toEqual(['1:0', '1:1', '1:2']), WAIT);
      const [letter] = await letters(isSmall ? 1 : 0);
      if (!isSmall) return;
      expect(letter).toMatchObject({ topic: TOPIC, group: 'readers', content: '' });
      expect(letter?.reason).toBe(
        `the batch of the offsets 2 to 2 was not read: it inflates to more than ${INFLATED_BYTES_MAX} bytes`,
      );
      expect(await store.replay(letter ? [letter] : [])).toMatchObject([{ kind: 'failed again' }]);
      expect(await store.list({})).toHaveLength(1);
    },
  );

  test('a batch of very many records is not read, and the events behind it are handled', async () => {
    await bus.start();
    await send('gzip', Array(BATCH_RECORDS_MAX + 1).fill({ value: Buffer.alloc(0) }));
    await send('gzip', [{ value: value('1:0') }]);
    await vi.waitFor(() => expect(handled).toEqual(['1:0']), WAIT);
    const [letter] = await letters(1);
    expect(letter?.reason).toContain(`it has more than ${BATCH_RECORDS_MAX} records`);
    expect(letter?.id).toBe(`${settings.prefix}${TOPIC}/0/${BATCH_RECORDS_MAX}`);
  });

  test('a message that the topic of dead letters cannot take is cut there, and holds nothing up', async () => {
    await bus.start();
    const large = Buffer.alloc(3_000_000, 'a');
    await send('gzip', [{ value: large }]);
    await send('gzip', [
      { value: Buffer.from('{not JSON'), headers: new Map([[Buffer.from('filler'), Buffer.alloc(3_000_000, 'b')]]) },
    ]);
    await send('gzip', [{ value: value('1:0') }]);
    await vi.waitFor(() => expect(handled).toEqual(['1:0']), WAIT);
    const [first, second] = await letters(2);
    expect(first?.content.length).toBeGreaterThan(700_000);
    expect(large.toString().startsWith(first?.content ?? '-')).toBe(true);
    expect(second?.content).toBe('{not JSON');
    const [outcome] = await store.replay(first ? [first] : []);
    expect(outcome).toMatchObject({
      kind: 'failed again',
      reason: expect.stringContaining(
        `the whole message is on ${settings.prefix}${TOPIC}, partition 0, offset 0`.replace('the', 'The'),
      ),
    });
    const shown = await headersOf(0);
    expect(shown).toMatchObject({
      'x-cut-from-bytes': '3000000',
      'x-cut-from-sha256': createHash('sha256').update(large).digest('hex'),
      'x-original-offset': '0',
    });
  });

  test('a dead letter that its broker refuses as too large is cut more', async () => {
    await setMaxMessageBytes(20_000);
    await bus.start();
    await send('gzip', [{ value: Buffer.from(randomBytes(30_000).toString('hex')) }]);
    await send('gzip', [{ value: value('1:0') }]);
    await vi.waitFor(() => expect(handled).toEqual(['1:0']), WAIT);
    const [letter] = await letters(1);
    expect(letter?.content).toHaveLength(7_000);
  });

  test('a dead letter that names another topic is listed under that of its own, and not replayed', async () => {
    await send('gzip', [
      {
        topic: `${settings.prefix}${TOPIC}.DLQ`,
        value: value('forged'),
        headers: new Map([
          [Buffer.from('x-original-topic'), Buffer.from(`${settings.prefix}payment.completed.v1`)],
          [Buffer.from('x-group'), Buffer.from('order.payments')],
        ]),
      },
    ]);
    await kafkaTopics(settings).ensure([`${settings.prefix}payment.completed.v1`]);
    const [letter] = await letters(1);
    expect(letter?.topic).toBe(TOPIC);
    const [outcome] = await store.replay(letter ? [letter] : []);
    expect(outcome).toMatchObject({ kind: 'failed again', reason: expect.stringContaining('Find out who wrote it.') });
    expect(await messagesOf('payment.completed.v1')).toEqual([]);
    expect(await messagesOf(TOPIC)).toEqual([]);
    expect(await store.list({})).toHaveLength(1);
  });

  async function messagesOf(topic: string) {
    const { readTopic } = await import('../../../../test/support/kafka-topic.ts');
    return await readTopic(settings, topic);
  }
  const headersOf = async (index: number) => (await messagesOf(`${TOPIC}.DLQ`))[index]?.headers;

  async function setMaxMessageBytes(bytes: number): Promise<void> {
    const { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } = await import('@platformatic/kafka');
    const admin = new Admin(clientOptions(settings));
    try {
      await admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: ConfigResourceTypes.TOPIC,
            resourceName: `${settings.prefix}${TOPIC}.DLQ`,
            configs: [
              {
                name: 'max.message.bytes',
                value: String(bytes),
                configOperation: IncrementalAlterConfigOperationTypes.SET,
              },
            ],
          },
        ],
      });
    } finally {
      await admin.close();
    }
  }
});

const sizeOf = async (name: (typeof COMPRESSIONS)[number], data: Buffer): Promise<number> =>
  compressionsAlgorithms[name].compressSync(data).length;

describe('inflate', () => {
  test.each(COMPRESSIONS.map((name) => [name, compressionsAlgorithms[name]] as const))(
    'inflates %s up to the limit, to the byte',
    (_name, { bitmask, compressSync }) => {
      const random = randomBytes(200_000);
      for (const data of [
        Buffer.alloc(300_000, 'abc'),
        random,
        Buffer.concat([random, Buffer.alloc(100_000), random]),
      ]) {
        const compressed = compressSync(data);
        expect(inflate(bitmask, compressed, data.length).equals(data)).toBe(true);
        expect(() => inflate(bitmask, compressed, data.length - 1)).toThrow(TooLarge);
      }
    },
  );
});
