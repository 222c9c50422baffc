import type { KafkaRecord } from '@platformatic/kafka';
import type { Place } from './records.ts';

/** One partition while it is ours. Offsets are those of the next message. */
export interface OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  /** What is to be asked for next. */
  fetchFrom: bigint;
  /** Everything before it was handled or buried. */
  settled: bigint;
  /** What the group's coordinator knows. */
  committed: bigint;
}

export interface FetchedRecord {
  readonly place: Place;
  readonly record: KafkaRecord;
}

/** The partitions that the group gave us in one generation, and what of them was fetched and not yet taken. */
export interface Assignment {
  readonly partitions: readonly OwnedPartition[];
  /** Aborted when the group takes them back: what is under way with them shall end. */
  readonly ended: AbortController;
  readonly find: (topic: string, partition: number) => OwnedPartition | undefined;
  readonly fetched: () => number;
  readonly add: (records: readonly FetchedRecord[]) => void;
  /** The oldest, at most `max`. Per partition in order. */
  readonly take: (max: number) => readonly FetchedRecord[];
}

export function assignment(partitions: readonly OwnedPartition[]): Assignment {
  const byName = new Map(partitions.map((each) => [`${each.topic}:${each.partition}`, each]));
  let queue: FetchedRecord[] = [];
  return {
    partitions,
    ended: new AbortController(),
    find: (topic, partition) => byName.get(`${topic}:${partition}`),
    fetched: () => queue.length,
    add(records) {
      queue = queue.concat(records);
    },
    take(max) {
      const taken = queue.slice(0, max);
      queue = queue.slice(taken.length);
      return taken;
    },
  };
}
