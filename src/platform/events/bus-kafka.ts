import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { BATCH_MAX, type Delivery, type EventBus, type Handler } from './bus.ts';
import { busMetrics } from './bus-metrics.ts';
import { type KafkaConsumer, kafkaConsumer } from './kafka/consumer.ts';
import { kafkaPublisher } from './kafka/publisher.ts';
import { encode, envelopeCheck, type IncomingCheck } from './kafka/records.ts';
import type { KafkaSettings } from './kafka/settings.ts';
import { kafkaTopics } from './kafka/topics.ts';

export interface KafkaBusOptions {
  readonly settings: KafkaSettings;
  readonly metrics: Registry;
  readonly log: Logger;
  /** What it objects to goes to the dead letters. Absent: any data will do. */
  readonly check?: IncomingCheck;
  /** Pause before the first retry of a failed batch. Default 100 ms: with 4x growth, 5 attempts take 8.5 s. */
  readonly retryBaseMs?: number;
  /** A consumer that is silent for so long loses its partitions to the others of its group. Default 10 s. */
  readonly sessionTimeoutMs?: number;
}

export interface KafkaBus extends EventBus {
  /** Rejects when no broker answers. Nothing but the readiness needs to know. */
  ping(): Promise<void>;
}

/**
 * Events by way of Kafka. `publish` resolves when the brokers have them; handling is the consumers' matter, of this process
 * and of others. Offsets are committed behind what was handled or put into `<topic>.DLQ`, so after any crash events come
 * again and the inbox keeps them to one effect. While Kafka is away `publish` rejects, and consumers keep trying.
 */
export function kafkaBus(options: KafkaBusOptions): KafkaBus {
  const { settings, log, check = envelopeCheck, retryBaseMs = 100, sessionTimeoutMs = 10_000 } = options;
  const metrics = busMetrics(options.metrics);
  const created = kafkaTopics(settings);
  const publisher = kafkaPublisher(settings, created, log);
  const consumers = new Map<string, KafkaConsumer>();

  return {
    subscribe(group: string, topics: readonly string[], handler: Handler, batchMax = BATCH_MAX) {
      if (consumers.has(group)) throw new Error(`consumer group ${group} exists already`);
      const its = { settings, group, topics, handler, batchMax, check, publisher, created, metrics, log };
      consumers.set(group, kafkaConsumer({ ...its, retryBaseMs, sessionTimeoutMs }));
    },
    // Whoever else reads the cluster may want any of them.
    wanted: () => undefined,
    publish: (batch: readonly Delivery[], only?: string) =>
      publisher.publish(batch.map((each) => encode(each, settings.prefix, only))),
    async start() {
      for (const consumer of consumers.values()) consumer.start();
    },
    async stop() {
      await Promise.all([...consumers.values()].map((consumer) => consumer.stop()));
      await publisher.stop();
    },
    ping: () => created.ping(),
  };
}
