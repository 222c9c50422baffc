import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createNotifier } from '../../kernel/notifier.ts';
import { outageLog } from '../../telemetry/outage-log.ts';
import type { Handler } from '../bus.ts';
import type { BusMetrics } from '../bus-metrics.ts';
import type { Assignment } from './assignment.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { type Fetcher, fetcher } from './fetcher.ts';
import { joinGroup, type Membership } from './membership.ts';
import type { Publisher } from './publisher.ts';
import { decode, type IncomingCheck, isMeantFor } from './records.ts';
import { firstBroker, type KafkaSettings, passBy } from './settings.ts';
import { settling } from './settling.ts';
import type { Signatures } from './signatures.ts';
import { MissingTopics, type Topics } from './topics.ts';

const IDLE_MS = 1_000;
const AGAIN_MS = 1_000;
/** When several services start for the first time, a consumer is there before the owner of its topics. */
const START_MS = 30_000;
const LAG_MS = 5_000;
/** No more is fetched while so much waits for the handler. A response adds 36 MB at most. */
const FETCHED_BYTES_MAX = 32 * 1024 * 1024;
/** A request to a frozen broker may last longer. Its events are delivered again. */
const STOP_MS = 15_000;

export interface ConsumerOptions {
  readonly settings: KafkaSettings;
  readonly group: string;
  /** After the name of the group on the cluster; empty where all processes of the group are one consumer. */
  readonly groupSuffix: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  readonly handler: Handler;
  /** The most events in one call of the handler. */
  readonly batchMax: number;
  readonly check: IncomingCheck;
  readonly signatures: Signatures | undefined;
  readonly publisher: Publisher;
  readonly created: Topics;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
  readonly sessionTimeoutMs: number;
}

export interface KafkaConsumer {
  /** Its names on the cluster. */
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Works in the background and retries while Kafka is not available. */
  start(): void;
  /** Waits for the current batch, commits, and leaves the group, within 15 s. */
  stop(): Promise<void>;
}

/** The consumer of one group in this process. It handles one batch at a time, and commits offsets of settled messages. */
export function kafkaConsumer(options: ConsumerOptions): KafkaConsumer {
  const { settings, group, batchMax, check, signatures, created, metrics, log, sessionTimeoutMs } = options;
  const topics = options.topics.map((topic) => settings.prefix + topic);
  const groupId = settings.prefix + group + options.groupSuffix;
  const stopping = new AbortController();
  const notifier = createNotifier();
  const sessions = outageLog({
    log,
    facts: { group },
    message: 'a consumer lost its connection to Kafka and starts again',
    over: 'a consumer works with Kafka again',
  });
  const fetches = outageLog({
    log,
    facts: { group },
    message: 'events could not be fetched',
    over: 'events are fetched again',
  });
  let running: Promise<void> = Promise.resolve();
  /** The assignment whose messages are being handled. */
  let owner: Assignment | undefined;
  /** The missing topics that were logged last. */
  let missing: string | undefined;
  let missingSince: number | undefined;

  const settle = settling({
    ...options,
    onSettled({ place: { topic, partition, offset } }) {
      const owned = owner?.find(topic, partition);
      if (owned !== undefined) owned.settled = offset + 1n;
    },
  });

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const first = firstBroker(settings);
      try {
        await session();
      } catch (error) {
        passBy(settings, first);
        if (!stopping.signal.aborted) logEnd(error);
        created.forget();
        await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  function logEnd(error: unknown): void {
    if (!(error instanceof MissingTopics)) {
      sessions.failed(error);
      return;
    }
    missingSince ??= performance.now();
    if (performance.now() - missingSince < START_MS) {
      log.debug({ group, reason: error.message }, 'a consumer waits for topics');
      return;
    }
    if (error.message !== missing) log.warn({ group, reason: error.message }, 'a consumer waits for topics');
    missing = error.message;
  }

  /** One membership: from joining the group to leaving it. */
  async function session(): Promise<void> {
    await created.ensure(topics);
    [missing, missingSince] = [undefined, undefined];
    const onChange = () => notifier.notify();
    const membership = await joinGroup({ settings, groupId, topics, sessionTimeoutMs, log, onChange });
    const onOutOfRange = () => membership.reload();
    const fetching = fetcher({ settings, groupId, topics, outage: fetches, onChange, onOutOfRange });
    let present: Assignment | undefined;
    const measuring = setInterval(() => void measureLag(membership, present), LAG_MS);
    try {
      while (!stopping.signal.aborted) {
        present = await membership.current();
        if (present === undefined) await notifier.wait(IDLE_MS);
        else await processBatch(membership, fetching, present);
      }
    } finally {
      clearInterval(measuring);
      for (const topic of options.topics) metrics.lag.remove({ group, topic });
      await Promise.all([fetching.stop(), membership.leave()]);
    }
  }

  async function processBatch(membership: Membership, fetching: Fetcher, ours: Assignment): Promise<void> {
    // Fetch more while the handler works.
    if (ours.fetchedCount() < 2 * batchMax && ours.fetchedBytes() < FETCHED_BYTES_MAX) await fetching.fetchMore(ours);
    const taken = ours.take(batchMax);
    if (taken.length === 0) {
      // Every fetched record is settled. The offsets after the last one held no record for the handler.
      for (const each of ours.partitions) each.settled = each.fetchFrom;
      // Without a partition there is nothing to fetch.
      if (fetching.hasFetched() || ours.partitions.length === 0) sessions.succeeded();
      await membership.commit(ours);
      await notifier.wait(IDLE_MS);
      return;
    }
    const batch = taken
      .filter(({ record }) => isMeantFor(group, record))
      .map((each) => decode(each, { prefix: settings.prefix, check, signatures }));
    owner = ours;
    await settle(batch, AbortSignal.any([stopping.signal, ours.ended.signal]));
    sessions.succeeded();
    await membership.commit(ours);
  }

  async function measureLag(membership: Membership, ours: Assignment | undefined): Promise<void> {
    if (ours === undefined) return;
    try {
      for (const [name, events] of await membership.lag(ours)) {
        metrics.lag.set({ group, topic: name.slice(settings.prefix.length) }, events);
      }
    } catch (error) {
      log.debug({ err: error, group }, 'the lag could not be measured');
    }
  }

  return {
    groupId,
    topics,
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      notifier.notify();
      await callWithTimeout(STOP_MS, `stopping ${group}`, running).catch((error) =>
        log.warn({ err: error, group }, 'the consumer did not stop in time'),
      );
    },
  };
}
