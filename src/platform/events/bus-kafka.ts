import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { outageLog } from '../telemetry/outage-log.ts';
import { backoff } from './backoff.ts';
import { BATCH_MAX, type Delivery, type EventBus, type Handler } from './bus.ts';
import { busMetrics } from './bus-metrics.ts';
import { type KafkaConsumer, kafkaConsumer } from './kafka/consumer.ts';
import { kafkaPublisher } from './kafka/publisher.ts';
import { encode, envelopeCheck, type IncomingCheck } from './kafka/records.ts';
import type { KafkaSettings } from './kafka/settings.ts';
import { messageSignatures, type SignatureSettings } from './kafka/signatures.ts';
import { kafkaTopics } from './kafka/topics.ts';
import { waitForGroups } from './kafka/wait-for-groups.ts';

/** As long as for the outbox. */
const CAUGHT_UP_MS = 30_000;

export interface KafkaBusOptions {
  readonly settings: KafkaSettings;
  readonly metrics: Registry;
  readonly log: Logger;
  /** Events that it rejects become dead letters. Absent: only the envelope is checked. */
  readonly check?: IncomingCheck;
  /** Signs messages, and makes dead letters of those that have to be signed and are not. Absent: every producer is accepted. */
  readonly signatures?: SignatureSettings | undefined;
  /**
   * The topics that this process creates, without the prefix, at its start and again when they are missing; those of dead letters belong to
   * the owner of their topic. Others are created by their owners. Absent: every topic is created when it is first needed.
   */
  readonly ownTopics?: readonly string[] | undefined;
  /**
   * After the names of the consumer groups on the cluster. Processes of different databases have different ones: each database handles every
   * event. Default: none.
   */
  readonly groupSuffix?: string | undefined;
  /** Pause before the first retry of a failed batch. Default 100 ms: with 4x growth, 5 attempts take 8.5 s. */
  readonly retryBaseMs?: number;
  /** A consumer without a heartbeat for this long loses its partitions to the others of its group. Default 10 s. */
  readonly sessionTimeoutMs?: number;
}

export interface KafkaBus extends EventBus {
  /** Rejects when no broker responds. Used by /readyz only. */
  ping(): Promise<void>;
}

/**
 * Delivers events through Kafka. `publish` resolves when the brokers have stored them; consumers of this process and of others handle
 * them later. An offset is committed after its event was handled or put into `<topic>.DLQ`. After a crash events are delivered
 * again, and the inbox makes sure that each has one effect. While Kafka is not available, `publish` rejects and consumers retry.
 */
export function kafkaBus(options: KafkaBusOptions): KafkaBus {
  const {
    settings,
    log,
    check = envelopeCheck,
    groupSuffix = '',
    retryBaseMs = 100,
    sessionTimeoutMs = 10_000,
  } = options;
  const metrics = busMetrics(options.metrics);
  const signatures = options.signatures && messageSignatures(options.signatures, metrics.rejectedSignatures);
  const own = options.ownTopics && new Set(options.ownTopics);
  const created = kafkaTopics(settings, { owns: own && ((topic) => own.has(topic)), log });
  const stopping = new AbortController();
  let creating: Promise<void> = Promise.resolve();
  const publisher = kafkaPublisher(settings, created, log);
  const consumers = new Map<string, KafkaConsumer>();

  async function createTopics(topics: readonly string[]): Promise<void> {
    const names = topics.map((topic) => settings.prefix + topic);
    const outage = outageLog({
      log,
      message: 'the topics of this process are not complete',
      over: 'the topics of this process are complete',
    });
    for (let tried = 1; !stopping.signal.aborted; tried++) {
      try {
        await created.ensure(names);
        outage.succeeded();
        return;
      } catch (error) {
        outage.failed(error, { tried });
        await backoff(retryBaseMs, tried, stopping.signal, 'poison');
      }
    }
  }

  return {
    subscribe<Event extends Delivery<unknown>>(
      group: string,
      topics: readonly string[],
      handle: Handler<Event>,
      batchMax = BATCH_MAX,
    ) {
      // Its topics have this type of events.
      const handler = handle as Handler<Delivery<unknown>> as Handler;
      if (consumers.has(group)) throw new Error(`consumer group ${group} exists already`);
      const its = {
        settings,
        group,
        groupSuffix,
        topics,
        handler,
        batchMax,
        check,
        signatures,
        publisher,
        created,
        metrics,
        log,
      };
      consumers.set(group, kafkaConsumer({ ...its, retryBaseMs, sessionTimeoutMs }));
      metrics.addGroup(group);
    },
    // Consumers outside of this system may read any topic.
    subscribedTopics: () => undefined,
    publish: (batch: readonly Delivery[], onlyGroup?: string) =>
      publisher.publish(batch.map((each) => encode(each, { prefix: settings.prefix, onlyGroup, signatures }))),
    async waitForConsumers() {
      const groups = [...consumers.values()];
      await created.ensure(groups.flatMap(({ topics }) => topics));
      await waitForGroups(settings, groups, CAUGHT_UP_MS);
    },
    async start() {
      if (own !== undefined) creating = createTopics([...own]);
      for (const consumer of consumers.values()) consumer.start();
    },
    async stop() {
      stopping.abort();
      await Promise.all([...consumers.values()].map((consumer) => consumer.stop()));
      await publisher.stop();
      await creating;
    },
    ping: () => created.ping(),
  };
}
