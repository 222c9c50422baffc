import { compatibilityPartitioner, Producer } from '@platformatic/kafka';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import type { EventBus } from '../bus.ts';
import { kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';
import { readTopics } from './reader.ts';
import { clientOptions, type KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const log = pino({ level: 'silent' });
const TOPIC = 'payment.completed.v1';
const WAIT = { timeout: 60_000, interval: 50 };
/** More than one fetch takes from a partition (1 MB), in messages that the broker takes. */
const LARGE_COUNT = 5;
const LARGE_BYTES = 500_000;

type End = 'commit' | 'abort';

describe.skipIf(brokers === undefined)('read committed on Kafka', () => {
  let settings: KafkaSettings;
  let buses: EventBus[];
  let producers: Producer[];

  beforeEach(async () => {
    settings = { ...testSettings(brokers ?? ''), partitions: 1 };
    buses = [];
    producers = [];
    await kafkaTopics(settings).ensure([settings.prefix + TOPIC]);
  });
  afterEach(async () => {
    await Promise.all([...buses.map((bus) => bus.stop()), ...producers.map((producer) => producer.close())]);
  });

  function transactional(name: string): Producer {
    const producer = new Producer({
      ...clientOptions(settings),
      retries: 10,
      idempotent: true,
      transactionalId: `${settings.prefix}${name}`,
      partitioner: compatibilityPartitioner,
    });
    producers.push(producer);
    return producer;
  }

  const messageOf = (id: string, bytes = 0) => ({
    topic: settings.prefix + TOPIC,
    key: Buffer.from('order-1'),
    value: Buffer.from(JSON.stringify({ ...delivery(id, TOPIC).event, data: { filler: 'x'.repeat(bytes) } })),
  });

  async function write(producer: Producer, end: End, ...ids: readonly string[]): Promise<void> {
    const transaction = await producer.beginTransaction();
    for (const id of ids) await transaction.send({ messages: [messageOf(id)] });
    await transaction[end]();
  }

  /** Adds the partition to a transaction, writes nothing and aborts: the partition gets an ABORT marker all the same. */
  async function abortEmpty(producer: Producer): Promise<void> {
    const transaction = await producer.beginTransaction();
    const metadata = await producer.metadata({ topics: [settings.prefix + TOPIC] });
    await transaction.addPartitions(metadata, [{ ...messageOf('not sent'), partition: 0 }]);
    await transaction.abort();
  }

  /** Every id that a fresh consumer group gets from the whole topic, until `last` has come. */
  async function consumed(last: string, metrics = new Registry()): Promise<readonly string[]> {
    const ids: string[] = [];
    const bus = kafkaBus({ settings, metrics, log, retryBaseMs: 1, sessionTimeoutMs: 3_000 });
    buses.push(bus);
    bus.subscribe('payments', [TOPIC], async (batch) => void ids.push(...batch.map(({ event }) => event.eventId)));
    await bus.start();
    await vi.waitFor(() => expect(ids).toContain(last), WAIT);
    return ids;
  }

  test('a consumer gets nothing of transactions that were aborted before, between and after commits', async () => {
    const producer = transactional('one');
    await write(producer, 'abort', 'a1', 'a2');
    await write(producer, 'commit', 'c1');
    await write(producer, 'abort', 'a3');
    await write(producer, 'abort', 'a4', 'a5');
    await write(producer, 'commit', 'c2', 'c3');
    await write(producer, 'abort', 'a6');
    await write(producer, 'commit', 'end');
    expect(await consumed('end')).toEqual(['c1', 'c2', 'c3', 'end']);
  });

  test('committed records are kept when a later transaction that wrote nothing was aborted', async () => {
    const producer = transactional('one');
    await write(producer, 'abort', 'a1', 'a2');
    await write(producer, 'commit', 'c1', 'c2');
    await abortEmpty(producer);
    await write(producer, 'commit', 'c3');
    await abortEmpty(producer);
    await write(producer, 'commit', 'end');
    expect(await consumed('end')).toEqual(['c1', 'c2', 'c3', 'end']);
  });

  test('records of concurrent producers in one partition are distinguished', async () => {
    const [one, other, third] = [transactional('one'), transactional('other'), transactional('third')];
    const first = await one.beginTransaction();
    const second = await other.beginTransaction();
    await first.send({ messages: [messageOf('one-aborted-1')] });
    await second.send({ messages: [messageOf('other-committed-1')] });
    await write(third, 'abort', 'third-aborted');
    await first.send({ messages: [messageOf('one-aborted-2')] });
    await first.abort();
    await second.send({ messages: [messageOf('other-committed-2')] });
    await write(one, 'commit', 'one-committed');
    const next = await one.beginTransaction();
    await next.send({ messages: [messageOf('one-aborted-3')] });
    await second.commit();
    await next.abort();
    await write(third, 'commit', 'end');
    expect(await consumed('end')).toEqual(['other-committed-1', 'other-committed-2', 'one-committed', 'end']);
  });

  test('an aborted transaction whose marker comes in a later fetch is left out from its first record on', async () => {
    const producer = transactional('one');
    for (const [round, end] of (['abort', 'commit', 'abort'] as const).entries()) {
      const transaction = await producer.beginTransaction();
      for (let n = 0; n < LARGE_COUNT; n++) {
        await transaction.send({ messages: [messageOf(`${end}-${round}-${n}`, LARGE_BYTES)] });
      }
      await transaction[end]();
    }
    await write(producer, 'commit', 'end');
    expect(await consumed('end')).toEqual([...[0, 1, 2, 3, 4].map((n) => `commit-1-${n}`), 'end']);
  });

  test('events outside of transactions pass while a transaction of another producer is aborted', async () => {
    const producer = transactional('one');
    const plain = new Producer({ ...clientOptions(settings), partitioner: compatibilityPartitioner });
    producers.push(plain);
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: [messageOf('aborted')] });
    await plain.send({ messages: [messageOf('plain')] });
    await transaction.abort();
    await write(producer, 'commit', 'end');
    expect(await consumed('end')).toEqual(['plain', 'end']);
  });

  test('a reader of what is present ends behind an aborted transaction and its marker', async () => {
    const producer = transactional('one');
    await write(producer, 'commit', 'c1');
    await write(producer, 'abort', 'a1');
    const ids: string[] = [];
    const { signal } = new AbortController();
    const topics = [settings.prefix + TOPIC];
    for await (const records of readTopics({ settings, topics, from: 'earliest', log, signal })) {
      ids.push(...records.map(({ record }) => JSON.parse(String(record.value)).eventId));
    }
    expect(ids).toEqual(['c1']);
  });

  test('a consumer has no lag once only markers and aborted records are left', async () => {
    const producer = transactional('one');
    await write(producer, 'commit', 'c1');
    await write(producer, 'abort', 'a1', 'a2');
    const metrics = new Registry();
    await consumed('c1', metrics);
    await vi.waitFor(async () => {
      const lag = await metrics.getSingleMetric('stampede_consumer_lag_events')?.get();
      expect(lag?.values.map(({ value }) => value)).toEqual([0]);
    }, WAIT);
  });
});
