import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { testKafka, testSettings } from '../../../../test/support/kafka.ts';
import { kafkaTopics, MissingTopics } from './topics.ts';

const brokers = await testKafka();

describe.skipIf(brokers === undefined)('topics on Kafka', () => {
  /** What it logs, beside its settings. */
  function stand() {
    const logged: { readonly msg: string; readonly problems: readonly string[] }[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const settings = testSettings(brokers ?? '');
    return { settings, log, logged, named: (...names: string[]) => names.map((name) => settings.prefix + name) };
  }
  const existing = async ({ settings }: ReturnType<typeof stand>): Promise<readonly string[]> =>
    (await kafkaTopics(settings).list()).filter((name) => name.startsWith(settings.prefix));

  test('a service creates its own topics with those of their dead letters, and none of another service', async () => {
    const on = stand();
    const topics = kafkaTopics(on.settings, { owns: (name) => name === 'coupon.issued' });
    await topics.ensure(on.named('coupon.issued', 'coupon.issued.DLQ'));
    const foreign = topics.ensure(on.named('order.paid', 'order.paid.DLQ'));
    await expect(foreign).rejects.toThrow(MissingTopics);
    await expect(foreign).rejects.toThrow(/order\.paid, .*order\.paid\.DLQ: not on Kafka.*owns a topic creates it/);
    expect((await existing(on)).toSorted()).toEqual(on.named('coupon.issued', 'coupon.issued.DLQ'));
    await kafkaTopics(on.settings).ensure(on.named('order.paid', 'order.paid.DLQ'));
    await topics.ensure(on.named('order.paid', 'order.paid.DLQ'));
  });

  test('with KAFKA_CREATE_TOPICS=off missing topics are named, and none is created', async () => {
    const on = stand();
    const topics = kafkaTopics({ ...on.settings, createTopics: false });
    await expect(topics.ensure(on.named('coupon.issued'))).rejects.toThrow(
      /coupon\.issued: not on Kafka.*KAFKA_CREATE_TOPICS=off: create them/,
    );
    expect(await existing(on)).toEqual([]);
    await kafkaTopics(on.settings).ensure(on.named('coupon.issued'));
    await topics.ensure(on.named('coupon.issued'));
  });

  test('with KAFKA_REQUIRE_DURABLE=on a topic that one broker can lose is refused, each time', async () => {
    const on = stand();
    await kafkaTopics(on.settings).ensure(on.named('coupon.issued'));
    const topics = kafkaTopics({ ...on.settings, requireDurable: true });
    for (const _ of ['first', 'again']) {
      await expect(topics.ensure(on.named('coupon.issued'))).rejects.toThrow(
        /KAFKA_REQUIRE_DURABLE=on: .*coupon\.issued has 1 of 3 replicas\./,
      );
    }
  });

  test('a topic with fewer replicas than KAFKA_REPLICATION is logged once, and used', async () => {
    const on = stand();
    await kafkaTopics(on.settings).ensure(on.named('coupon.issued'));
    const topics = kafkaTopics({ ...on.settings, replication: 3 }, { log: on.log });
    await topics.ensure(on.named('coupon.issued'));
    topics.forget();
    await topics.ensure(on.named('coupon.issued'));
    expect(on.logged.map(({ msg, problems }) => [msg, problems])).toEqual([
      ['the loss of one broker may lose events', [`${on.settings.prefix}coupon.issued has 1 of 3 replicas.`]],
    ]);
  });

  test('a cluster of one broker is taken as it is when nothing else is asked for', async () => {
    const on = stand();
    await kafkaTopics(on.settings, { log: on.log }).ensure(on.named('coupon.issued'));
    expect(on.logged).toEqual([]);
  });
});
