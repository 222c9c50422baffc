import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import type { Logger } from 'pino';
import { createNotifier } from '../../kernel/notifier.ts';
import { outageLog } from '../../telemetry/outage-log.ts';
import { assignment } from './assignment.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { fetcher } from './fetcher.ts';
import type { FetchedRecord } from './records.ts';
import { clientOptions, guarded, type KafkaSettings } from './settings.ts';

const IDLE_MS = 500;
const TAKE_MAX = 500;
const CLOSE_MS = 2_000;

export interface ReadOptions {
  readonly settings: KafkaSettings;
  /** The names on the cluster, where all of them must exist. */
  readonly topics: readonly string[];
  /** 'earliest': the messages stored now. 'latest': the messages from now on, until the signal. */
  readonly from: 'earliest' | 'latest';
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called once, when the starting offsets are known. */
  readonly ready?: () => void;
}

/** Reads topics without joining a consumer group, so no group's position changes. In order for each partition. */
export async function* readTopics(options: ReadOptions): AsyncGenerator<readonly FetchedRecord[]> {
  const { settings, topics, from, log, signal } = options;
  const stored = await offsetsOf(options);
  options.ready?.();
  const notifier = createNotifier();
  signal.addEventListener('abort', () => notifier.notify());
  const onChange = () => notifier.notify();
  const groupId = `${settings.prefix}stampede.reader`;
  const outage = outageLog({ log, message: 'events could not be fetched', over: 'events are fetched again' });
  const fetching = fetcher({ settings, groupId, topics, outage, onChange, onOutOfRange: onChange });
  const all = assignment(
    stored.map(({ topic, partition, first, next }) => {
      const start = from === 'earliest' ? first : next;
      return { topic, partition, fetchFrom: start, settled: start, committed: start };
    }),
  );
  const isDone = (): boolean =>
    from === 'earliest' &&
    stored.every(({ topic, partition, next }) => (all.find(topic, partition)?.fetchFrom ?? next) >= next);
  try {
    while (!signal.aborted) {
      const taken = all.take(TAKE_MAX);
      if (taken.length > 0) {
        yield taken;
        continue;
      }
      if (isDone()) return;
      await fetching.fetchMore(all);
      await notifier.wait(IDLE_MS);
    }
  } finally {
    await fetching.stop();
  }
}

interface PartitionOffsets {
  readonly topic: string;
  readonly partition: number;
  readonly first: bigint;
  readonly next: bigint;
}

async function offsetsOf({ settings, topics }: ReadOptions): Promise<readonly PartitionOffsets[]> {
  if (topics.length === 0) return [];
  const groupId = `${settings.prefix}stampede.reader`;
  const client = guarded(new Consumer({ ...clientOptions(settings), groupId, autocommit: false }));
  try {
    client.topics.trackAll(...topics);
    const first = await client.listOffsets({ topics: [...topics], timestamp: ListOffsetTimestamps.EARLIEST });
    const next = await client.listOffsets({ topics: [...topics], timestamp: ListOffsetTimestamps.LATEST });
    return topics.flatMap((topic) =>
      (next.get(topic) ?? []).map((end, partition) => {
        return { topic, partition, first: first.get(topic)?.[partition] ?? 0n, next: end };
      }),
    );
  } finally {
    await callWithTimeout(CLOSE_MS, 'closing', client.close(true)).catch(() => undefined);
  }
}
