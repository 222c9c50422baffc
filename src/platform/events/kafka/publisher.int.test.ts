import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import { readTopic } from '../../../../test/support/kafka-topic.ts';
import { kafkaPublisher, type Publisher } from './publisher.ts';
import type { KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const TOPIC = 'coupon.issued';
/** A broker accepts 1 MB in a batch; the publisher starts a new request before a message that does not fit. */
const TOO_LARGE = 2_000_000;

describe.skipIf(brokers === undefined)('the publisher on Kafka', () => {
  let settings: KafkaSettings;
  let publisher: Publisher;

  beforeEach(() => {
    settings = testSettings(brokers ?? '');
    publisher = kafkaPublisher(settings, kafkaTopics(settings), pino({ level: 'silent' }));
  });
  afterEach(() => publisher.stop());

  const publish = (value: string) =>
    publisher.publish([
      { topic: settings.prefix + TOPIC, key: Buffer.from('1'), value: Buffer.from(value), headers: new Map() },
    ]);
  const published = async () => (await readTopic(settings, TOPIC)).map(({ value }) => value);

  test('when a request fails, the calls that wait behind it are rejected, so no later event overtakes', async () => {
    await publish('first');
    const calls = ['second', 'x'.repeat(TOO_LARGE), 'fourth', 'fifth'].map(publish);
    const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(await published()).toEqual(['first', 'second']);

    // Published again in order, as the relay does.
    await Promise.all(['third', 'fourth', 'fifth'].map(publish));
    expect(await published()).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
  });
});
