import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, findErrorBy } from '@platformatic/kafka';
import type { Outage } from '../../telemetry/outage-log.ts';
import type { Assignment, OwnedPartition } from './assignment.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { fetchFrom } from './fetch-request.ts';
import type { FetchResponse } from './fetch-response.ts';
import { readCommitted } from './read-committed.ts';
import type { FetchedRecord, Place } from './records.ts';
import { clientOptions, guarded, type KafkaSettings } from './settings.ts';

const FAILURE_PAUSE_MS = 250;
/** After this long without a successful fetch the consumer starts again with new connections. */
const GIVE_UP_MS = 10_000;
const CLOSE_MS = 2_000;

export interface FetcherOptions {
  readonly settings: KafkaSettings;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly outage: Outage;
  /** Called when records arrived or a fetch failed. */
  readonly onChange: () => void;
  /** Called when a position is outside of the offsets that the broker keeps. */
  readonly onOutOfRange: () => void;
}

export interface Fetcher {
  /** Sends a fetch to every leader without a pending one. Throws when fetching has failed for 10 s. */
  fetchMore(assignment: Assignment): Promise<void>;
  /** Has a fetch succeeded? */
  hasFetched(): boolean;
  stop(): Promise<void>;
}

/** Uses its own connections: a fetch waits for messages at the broker, and a heartbeat behind it on one connection would wait, too. */
export function fetcher(options: FetcherOptions): Fetcher {
  const { settings, groupId, topics, outage, onChange, onOutOfRange } = options;
  const client = guarded(new Consumer({ ...clientOptions(settings), groupId, autocommit: false }));
  client.on('error', (error) => outage.failed(error));
  client.topics.trackAll(...topics);
  const pendingNodes = new Set<number>();
  let failingSince: number | undefined;
  let hasFetched = false;
  let stopped = false;

  function failed(error: unknown): void {
    if (stopped) return;
    failingSince ??= performance.now();
    outage.failed(error);
    client.clearMetadata();
  }

  async function fetchFromLeader(node: number, wanted: readonly OwnedPartition[], ours: Assignment): Promise<void> {
    pendingNodes.add(node);
    try {
      const { brokers } = await client.metadata({ topics: [...topics] });
      const broker = brokers.get(node);
      if (broker === undefined) throw new Error(`the cluster has no broker ${node} any more`);
      const response = await fetchFrom(client, broker, wanted);
      failingSince = undefined;
      hasFetched = true;
      outage.succeeded();
      if (!ours.ended.signal.aborted) ours.add(recordsOf(response, ours));
    } catch (error) {
      if (findErrorBy(error as Error, 'apiId', 'OFFSET_OUT_OF_RANGE')) onOutOfRange();
      failed(error);
      await sleep(FAILURE_PAUSE_MS);
    } finally {
      pendingNodes.delete(node);
      onChange();
    }
  }

  return {
    async fetchMore(ours) {
      if (failingSince !== undefined && performance.now() - failingSince > GIVE_UP_MS) {
        throw new Error(`${groupId} could fetch nothing for ${GIVE_UP_MS / 1000} s`);
      }
      try {
        const { topics: known } = await client.metadata({ topics: [...topics] });
        const leaders = Map.groupBy(ours.partitions, ({ topic, partition }) => leaderOf(known, topic, partition));
        for (const [node, wanted] of leaders) if (!pendingNodes.has(node)) void fetchFromLeader(node, wanted, ours);
      } catch (error) {
        failed(error);
        await sleep(FAILURE_PAUSE_MS);
      }
    },
    hasFetched: () => hasFetched,
    async stop() {
      stopped = true;
      await callWithTimeout(CLOSE_MS, 'closing', client.close(true)).catch(() => undefined);
    },
  };
}

type KnownTopics = Awaited<ReturnType<Consumer['metadata']>>['topics'];

function leaderOf(known: KnownTopics, topic: string, partition: number): number {
  const leader = known.get(topic)?.partitions[partition]?.leader;
  if (leader === undefined || leader < 0) throw new Error(`partition ${partition} of ${topic} has no leader`);
  return leader;
}

/**
 * Advances the positions, also past control records and aborted transactions. Returns neither those, nor records of partitions that are
 * not assigned, nor records before the position in their batch.
 */
function recordsOf(response: FetchResponse, ours: Assignment): FetchedRecord[] {
  const records: FetchedRecord[] = [];
  for (const { topicId: topic, partitions } of response.responses) {
    for (const { partitionIndex: partition, records: batches, abortedTransactions } of partitions) {
      const owned = ours.find(topic, partition);
      if (owned === undefined) continue;
      const isCommitted = readCommitted(abortedTransactions ?? []);
      for (const batch of batches ?? []) {
        const committed = isCommitted(batch);
        const from = owned.fetchFrom;
        const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        if (next <= from) continue;
        owned.fetchFrom = next;
        if (!committed) continue;
        if (batch.refused !== undefined)
          records.push(refusedRecord({ topic, partition, offset: next - 1n }, batch.refused));
        for (const record of batch.records) {
          const offset = batch.firstOffset + BigInt(record.offsetDelta);
          if (offset >= from) records.push({ place: { topic, partition, offset }, record });
        }
      }
    }
  }
  return records;
}

/** Stands for all records of a batch that is not read, at the last of their offsets, so that the position moves past it. */
const refusedRecord = (place: Place, refused: string): FetchedRecord => ({
  place,
  record: { length: 0, attributes: 0, timestampDelta: 0n, offsetDelta: 0, key: null, value: null, headers: [] },
  refused,
});
