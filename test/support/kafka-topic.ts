import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { clientOptions, type KafkaSettings } from '../../src/platform/events/kafka/settings.ts';

const LEADER_TRIES = 50;

export interface TopicMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything on a topic, in order per partition. Nothing when there is no such topic. The name without the prefix. */
export async function readTopic(settings: KafkaSettings, topic: string): Promise<readonly TopicMessage[]> {
  const name = settings.prefix + topic;
  const consumer = new Consumer({ ...clientOptions(settings), groupId: `${settings.prefix}reader`, autocommit: false });
  consumer.topics.track(name);
  try {
    const metadata = await consumer.metadata({ topics: [name] }).catch(() => undefined);
    const known = metadata?.topics.get(name);
    if (known === undefined) return [];
    const ends = await endsOf(consumer, name);
    const messages: TopicMessage[] = [];
    for (const [partition, end] of ends.entries()) {
      const leader = known.partitions[partition]?.leader ?? 0;
      for (let offset = 0n; offset < end; ) {
        const wanted = { partition, fetchOffset: offset, partitionMaxBytes: 10_000_000 };
        const { responses } = await consumer.fetch({
          node: leader,
          topics: [{ topicId: known.id, partitions: [{ ...wanted, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }] }],
        });
        for (const batch of responses.flatMap((each) => each.partitions).flatMap(({ records }) => records ?? [])) {
          for (const record of batch.records) {
            offset = batch.firstOffset + BigInt(record.offsetDelta) + 1n;
            messages.push({
              key: record.key?.toString() ?? '',
              value: record.value?.toString() ?? '',
              headers: Object.fromEntries(record.headers.map(([header, value]) => [String(header), String(value)])),
            });
          }
        }
      }
    }
    return messages;
  } finally {
    await consumer.close(true);
  }
}

/** A topic that was created just now has no leader for a moment. */
async function endsOf(consumer: Consumer, topic: string): Promise<readonly bigint[]> {
  for (let tried = 1; ; tried++) {
    try {
      const ends = await consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST });
      return ends.get(topic) ?? [];
    } catch (error) {
      if (tried === LEADER_TRIES) throw error;
      await sleep(100);
    }
  }
}
