import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import type { EventBus } from '../bus.ts';
import { kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';
import type { DeadLetterStore } from '../dead-letter-store.ts';
import type { TailMessage } from '../wire-tap.ts';
import { kafkaDeadLetters } from './dead-letter-store.ts';
import { kafkaPublisher } from './publisher.ts';
import type { KafkaSettings } from './settings.ts';
import { kafkaTail } from './tail.ts';
import { kafkaTopics } from './topics.ts';

const brokers = await testKafka();
const log = pino({ level: 'silent' });
const WAIT = { timeout: 60_000, interval: 50 };

describe.skipIf(brokers === undefined)('on Kafka', () => {
  let settings: KafkaSettings;
  let bus: EventBus;
  let store: DeadLetterStore;
  /** Events that the consumer refuses at present. */
  let bad: Set<string>;
  let handled: string[];
  let handledByOther: string[];

  beforeEach(async () => {
    settings = testSettings(brokers ?? '');
    bad = new Set();
    handled = [];
    handledByOther = [];
    bus = kafkaBus({ settings, metrics: new Registry(), log, retryBaseMs: 1, sessionTimeoutMs: 3_000 });
    bus.subscribe('picky', ['coupon.issued'], async (batch) => {
      for (const { event } of batch) if (bad.has(event.eventId)) throw new Error('cannot handle it');
      handled.push(...batch.map(({ event }) => event.eventId));
    });
    bus.subscribe('other', ['coupon.issued'], async (batch) => {
      handledByOther.push(...batch.map(({ event }) => event.eventId));
    });
    await bus.start();
    store = kafkaDeadLetters(settings, log);
  });
  afterEach(async () => {
    await store.close();
    await bus.stop();
  });

  const untilLetters = (count: number) =>
    vi.waitFor(async () => {
      const deadLetters = await store.list({});
      expect(deadLetters).toHaveLength(count);
      return deadLetters;
    }, WAIT);

  test('dead letters on Kafka are listed with their event and reason, and selected by id, topic and consumer', async () => {
    bad.add('1:0');
    await bus.publish([delivery('1:0'), delivery('1:1')]);
    const [deadLetter] = await untilLetters(1);
    expect(deadLetter).toMatchObject({
      id: '1:0',
      group: 'picky',
      topic: 'coupon.issued',
      key: '1',
      reason: 'Error: cannot handle it',
    });
    expect(JSON.parse(deadLetter?.content ?? '')).toEqual(delivery('1:0').event);
    expect(await store.list({ id: '1:0', topic: 'coupon.issued', group: 'picky' })).toHaveLength(1);
    for (const other of [{ id: '1:1' }, { topic: 'coupon.used' }, { group: 'other' }]) {
      expect(await store.list(other)).toEqual([]);
    }
  });

  test('a dead letter on Kafka that is replayed is handled and no longer listed', async () => {
    bad.add('1:0').add('2:0');
    await bus.publish([delivery('1:0'), delivery('2:0')]);
    const deadLetters = await untilLetters(2);
    bad.clear();
    const chosen = deadLetters.filter(({ id }) => id === '1:0');
    expect(await store.replay(chosen)).toEqual([{ deadLetter: chosen[0], kind: 'published' }]);
    await vi.waitFor(() => expect(handled).toContain('1:0'), WAIT);
    expect((await store.list({})).map(({ id }) => id)).toEqual(['2:0']);
  });

  test('a dead letter on Kafka that is replayed reaches only the group that gave it up, without any inbox', async () => {
    bad.add('1:0');
    await bus.publish([delivery('1:0')]);
    const deadLetters = await untilLetters(1);
    await vi.waitFor(() => expect(handledByOther).toEqual(['1:0']), WAIT);
    await store.replay(deadLetters);
    await vi.waitFor(async () => {
      // It failed again: the header of the replay is not that of the letter.
      const [again] = await store.list({});
      expect(again?.failedAt.getTime()).toBeGreaterThan(deadLetters[0]?.failedAt.getTime() ?? 0);
    }, WAIT);
    bad.clear();
    await store.replay(await store.list({}));
    await bus.publish([delivery('1:1')]);
    await vi.waitFor(() => expect(handled).toEqual(['1:0', '1:1']), WAIT);
    await vi.waitFor(() => expect(handledByOther).toEqual(['1:0', '1:1']), WAIT);
  });

  test('a dead letter of a signed topic is handled after a replay, because it keeps its signature', async () => {
    const signatures = {
      topics: new Set(['coupon.used']),
      keys: new Map([['stampede', [Buffer.alloc(32, 1)]]]),
      producer: 'stampede',
    };
    const signed = kafkaBus({ settings, signatures, metrics: new Registry(), log, retryBaseMs: 1 });
    const used: string[] = [];
    signed.subscribe('payers', ['coupon.used'], async (batch) => {
      for (const { event } of batch) if (bad.has(event.eventId)) throw new Error('cannot handle it');
      used.push(...batch.map(({ event }) => event.eventId));
    });
    await signed.start();
    try {
      bad.add('1:0');
      await signed.publish([delivery('1:0', 'coupon.used')]);
      const [letter] = await untilLetters(1);
      bad.clear();
      expect(await store.replay(letter ? [letter] : [])).toMatchObject([{ kind: 'published' }]);
      await vi.waitFor(() => expect(used).toEqual(['1:0']), WAIT);
    } finally {
      await signed.stop();
    }
  });

  test('a dead letter on Kafka that fails again is listed again, once', async () => {
    bad.add('1:0');
    await bus.publish([delivery('1:0')]);
    const [first] = await untilLetters(1);
    await store.replay(first ? [first] : []);
    await vi.waitFor(async () => {
      const [again] = await store.list({});
      expect(again?.failedAt.getTime()).toBeGreaterThan(first?.failedAt.getTime() ?? 0);
    }, WAIT);
    expect(await store.list({})).toHaveLength(1);
  });

  test('a dead letter on Kafka that is no event has its partition and offset as its id', async () => {
    const publisher = kafkaPublisher(settings, kafkaTopics(settings), log);
    const topic = `${settings.prefix}coupon.issued`;
    await publisher.publish([{ topic, key: Buffer.from('1'), value: Buffer.from('{not JSON'), headers: new Map() }]);
    // Each group gives it up for itself.
    const deadLetter = (await untilLetters(2)).find(({ group }) => group === 'picky');
    expect(deadLetter).toMatchObject({ topic: 'coupon.issued', content: '{not JSON' });
    expect(deadLetter?.id).toMatch(new RegExp(`^${topic}/\\d/0$`));
    await publisher.stop();
  });

  test('a tail on Kafka shows new events, and takes nothing from the consumers', async () => {
    await bus.publish([delivery('1:0')]);
    const shown: TailMessage[] = [];
    const end = new AbortController();
    const ready = Promise.withResolvers<void>();
    const tail = kafkaTail({
      settings,
      topics: ['coupon.issued', 'coupon.used'],
      show: (each) => shown.push(each),
      ready: ready.resolve,
      signal: end.signal,
      log,
    });
    // A tail that fails rejects, and is never ready.
    await Promise.race([ready.promise, tail]);
    await bus.publish([delivery('1:1')]);
    await vi.waitFor(() => expect(shown).toEqual([{ kind: 'event', delivery: delivery('1:1') }]), WAIT);
    await vi.waitFor(() => expect(handled).toEqual(['1:0', '1:1']), WAIT);
    end.abort();
    await tail;
  });
});
