import type { FetchedRecord } from './records.ts';

/** One partition while it is assigned to this member. Offsets are those of the next message. */
export interface OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the next fetch. */
  fetchFrom: bigint;
  /** Every message before it was handled or stored as a dead letter. */
  settled: bigint;
  /** The offset that was committed to the group's coordinator. */
  committed: bigint;
}

/** The partitions assigned to this member in one generation of the group, with their fetched records that were not taken yet. */
export interface Assignment {
  readonly partitions: readonly OwnedPartition[];
  /** Aborted when the group revokes the partitions: their current batch ends early. */
  readonly ended: AbortController;
  readonly find: (topic: string, partition: number) => OwnedPartition | undefined;
  readonly fetchedCount: () => number;
  /** Keys and values of the records that were not taken yet. */
  readonly fetchedBytes: () => number;
  readonly add: (records: readonly FetchedRecord[]) => void;
  /** Removes and returns the oldest records, at most `max`, in order for each partition. */
  readonly take: (max: number) => readonly FetchedRecord[];
}

export function assignment(partitions: readonly OwnedPartition[]): Assignment {
  const byName = new Map(partitions.map((each) => [`${each.topic}:${each.partition}`, each]));
  let queue: FetchedRecord[] = [];
  let queuedBytes = 0;
  return {
    partitions,
    ended: new AbortController(),
    find: (topic, partition) => byName.get(`${topic}:${partition}`),
    fetchedCount: () => queue.length,
    fetchedBytes: () => queuedBytes,
    add(records) {
      queue = queue.concat(records);
      queuedBytes += bytesOf(records);
    },
    take(max) {
      const taken = queue.slice(0, max);
      queue = queue.slice(taken.length);
      queuedBytes -= bytesOf(taken);
      return taken;
    },
  };
}

const bytesOf = (records: readonly FetchedRecord[]): number =>
  records.reduce((sum, { record }) => sum + (record.key?.length ?? 0) + (record.value?.length ?? 0), 0);
