import { Admin, ConfigResourceTypes } from '@platformatic/kafka';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { canStartKafkaCluster, testSettings } from '../../../../test/support/kafka.ts';
import { type KafkaCluster, startKafkaCluster } from '../../../../tools/kafka/start.ts';
import { kafkaBus } from '../bus-kafka.ts';
import { delivery } from '../bus-suite.ts';
import { clientOptions, type KafkaSettings } from './settings.ts';
import { kafkaTopics } from './topics.ts';

const START_MS = 120_000;
/** A controller of the three takes the place of a lost one within seconds. */
const LEADERS_MS = 60_000;

describe.skipIf(!(await canStartKafkaCluster()))('topics on three brokers', () => {
  let cluster: KafkaCluster;
  let settings: KafkaSettings;
  beforeAll(async () => {
    cluster = await startKafkaCluster();
    settings = { ...testSettings(cluster.brokers), requireDurable: true };
  }, START_MS);
  afterAll(() => cluster?.stop());

  it('a topic on three brokers is created with two copies of what is acknowledged, and one with fewer is refused', async () => {
    const [created, weak] = [`${settings.prefix}coupon.issued`, `${settings.prefix}coupon.used`];
    await kafkaTopics(settings).ensure([created]);
    const admin = new Admin(clientOptions(settings));
    try {
      const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: created }];
      const [described] = await admin.describeConfigs({ resources });
      expect(described?.configs.find(({ name }) => name === 'min.insync.replicas')?.value).toBe('2');
      await admin.createTopics({ topics: [weak], partitions: 1, replicas: 3 });
    } finally {
      await admin.close();
    }
    await expect(kafkaTopics(settings).ensure([weak])).rejects.toThrow(
      /coupon\.used has min\.insync\.replicas=1, and needs 2\./,
    );
  });

  it(
    'an event is acknowledged with one of three brokers lost, and not with two, until one is back',
    async () => {
      const bus = kafkaBus({ settings, metrics: new Registry(), log: pino({ level: 'silent' }) });
      const publish = (id: string): Promise<void> => bus.publish([delivery(id, 'point.earned')]);
      const [one, two] = cluster.members;
      try {
        await publish('with three');
        await one.kill();
        await vi.waitFor(() => publish('with two'), LEADERS_MS);
        await two.kill();
        await expect(publish('with one')).rejects.toThrow();
        await two.restart();
        await vi.waitFor(() => publish('with two again'), LEADERS_MS);
      } finally {
        await bus.stop();
      }
    },
    START_MS,
  );
});
