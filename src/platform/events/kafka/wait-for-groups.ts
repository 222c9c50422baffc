import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { Unavailable } from '../../kernel/refusal.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { clientOptions, guarded, type KafkaSettings } from './settings.ts';

const POLL_MS = 100;
const CLOSE_MS = 2_000;

/** A consumer group by its names on the cluster. Its topics exist. */
export interface Group {
  readonly groupId: string;
  readonly topics: readonly string[];
}

/**
 * Resolves when the groups have committed the offsets of every message that the brokers had before the call, whichever processes are their
 * members.
 * @throws Unavailable when that takes longer than `waitMaxMs`; Kafka's error when no broker responds
 */
export async function waitForGroups(
  settings: KafkaSettings,
  groups: readonly Group[],
  waitMaxMs: number,
): Promise<void> {
  const until = performance.now() + waitMaxMs;
  await Promise.all(groups.map((group) => waitForGroup(settings, group, until)));
}

async function waitForGroup(settings: KafkaSettings, { groupId, topics }: Group, until: number): Promise<void> {
  const client = guarded(new Consumer({ ...clientOptions(settings), groupId, autocommit: false }));
  try {
    client.topics.trackAll(...topics);
    const ask = { topics: [...topics] };
    const first = await client.listOffsets({ ...ask, timestamp: ListOffsetTimestamps.EARLIEST });
    const next = await client.listOffsets({ ...ask, timestamp: ListOffsetTimestamps.LATEST });
    // A partition without messages has nothing to commit.
    const ends = topics.flatMap((topic) =>
      (next.get(topic) ?? []).flatMap((end, partition) =>
        end > (first.get(topic)?.[partition] ?? 0n) ? [{ topic, partition, end }] : [],
      ),
    );
    while (!(await hasPassed(client, ends))) {
      if (performance.now() > until) {
        throw new Unavailable('DEPENDENCY_UNAVAILABLE', `consumer group ${groupId} is still behind`);
      }
      await sleep(POLL_MS);
    }
  } finally {
    await callWithTimeout(CLOSE_MS, 'closing', client.close(true)).catch(() => undefined);
  }
}

interface End {
  readonly topic: string;
  readonly partition: number;
  /** The offset after the last message. */
  readonly end: bigint;
}

async function hasPassed(client: Consumer, ends: readonly End[]): Promise<boolean> {
  if (ends.length === 0) return true;
  const byTopic = Map.groupBy(ends, ({ topic }) => topic);
  const topics = [...byTopic].map(([topic, of]) => ({ topic, partitions: of.map(({ partition }) => partition) }));
  const committed = await client.listCommittedOffsets({ topics });
  return ends.every(({ topic, partition, end }) => (committed.get(topic)?.[partition] ?? -1n) >= end);
}
