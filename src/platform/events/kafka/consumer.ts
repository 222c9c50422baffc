import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { doorbell } from '../../kernel/doorbell.ts';
import type { Handler } from '../bus.ts';
import type { BusMetrics } from '../bus-metrics.ts';
import type { Assignment } from './assignment.ts';
import { type Fetcher, fetcher } from './fetcher.ts';
import { joinGroup, type Membership } from './membership.ts';
import type { Publisher } from './publisher.ts';
import { decode, type IncomingCheck, isMeantFor } from './records.ts';
import type { KafkaSettings } from './settings.ts';
import { settling } from './settling.ts';
import type { Topics } from './topics.ts';
import { within } from './within.ts';

const IDLE_MS = 1_000;
const AGAIN_MS = 1_000;
const LAG_MS = 5_000;
/** A request to a broker that is frozen lasts longer; whatever it was for comes again. */
const STOP_MS = 15_000;

export interface ConsumerOptions {
  readonly settings: KafkaSettings;
  readonly group: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  readonly handler: Handler;
  /** Events given to the handler at once. */
  readonly batchMax: number;
  readonly check: IncomingCheck;
  readonly publisher: Publisher;
  readonly created: Topics;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
  readonly sessionTimeoutMs: number;
}

export interface KafkaConsumer {
  /** Works in the background, and keeps trying while Kafka is away. */
  start(): void;
  /** Waits for the batch in hand, commits, leaves the group; within 15 s. */
  stop(): Promise<void>;
}

/** One group's consumer in this process: one batch at a time, offsets committed behind what is settled. */
export function kafkaConsumer(options: ConsumerOptions): KafkaConsumer {
  const { settings, group, batchMax, check, created, metrics, log, sessionTimeoutMs } = options;
  const topics = options.topics.map((topic) => settings.prefix + topic);
  const groupId = settings.prefix + group;
  const stopping = new AbortController();
  const bell = doorbell();
  let running: Promise<void> = Promise.resolve();
  /** Whose messages are in hand. */
  let owner: Assignment | undefined;

  const settle = settling({
    ...options,
    onSettled({ place: { topic, partition, offset } }) {
      const owned = owner?.find(topic, partition);
      if (owned !== undefined) owned.settled = offset + 1n;
    },
  });

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session();
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error, group }, 'a consumer lost Kafka and begins anew');
        created.forget();
        await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** From joining the group to leaving it. */
  async function session(): Promise<void> {
    await created.ensure(topics);
    const onChange = () => bell.ring();
    const membership = await joinGroup({ settings, groupId, topics, sessionTimeoutMs, log, onChange });
    const onOutOfRange = () => membership.reload();
    const fetching = fetcher({ settings, groupId, topics, log, onChange, onOutOfRange });
    let present: Assignment | undefined;
    const measuring = setInterval(() => void measureLag(membership, present), LAG_MS);
    try {
      while (!stopping.signal.aborted) {
        present = await membership.current();
        if (present === undefined) await bell.wait(IDLE_MS);
        else await turn(membership, fetching, present);
      }
    } finally {
      clearInterval(measuring);
      for (const topic of options.topics) metrics.lag.remove({ group, topic });
      await Promise.all([fetching.stop(), membership.leave()]);
    }
  }

  async function turn(membership: Membership, fetching: Fetcher, ours: Assignment): Promise<void> {
    // More is fetched while the handler works.
    if (ours.fetched() < 2 * batchMax) await fetching.ask(ours);
    const taken = ours.take(batchMax);
    if (taken.length === 0) {
      // Every record that was fetched is settled. What follows the last one held nothing for a handler.
      for (const each of ours.partitions) each.settled = each.fetchFrom;
      await membership.commit(ours);
      await bell.wait(IDLE_MS);
      return;
    }
    const batch = taken
      .filter(({ record }) => isMeantFor(group, record))
      .map(({ place, record }) => decode(place, record, settings.prefix, check));
    owner = ours;
    await settle(batch, AbortSignal.any([stopping.signal, ours.ended.signal]));
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
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      bell.ring();
      await within(STOP_MS, `stopping ${group}`, running).catch((error) =>
        log.warn({ err: error, group }, 'left behind'),
      );
    },
  };
}
