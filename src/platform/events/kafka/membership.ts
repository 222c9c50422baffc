import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, findErrorBy, ListOffsetTimestamps } from '@platformatic/kafka';
import type { Logger } from 'pino';
import { outageLog } from '../../telemetry/outage-log.ts';
import { type Assignment, assignment, type OwnedPartition } from './assignment.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { clientOptions, guarded, type KafkaSettings } from './settings.ts';

/** Members rejoin within this time, or lose their place in the group. Below the clients' request timeout. */
const REBALANCE_MS = 15_000;
const JOIN_TRIES = 20;
const JOIN_PAUSE_MS = 200;
const LEAVE_MS = 3_000;
/** The leader epoch is not checked. */
const ANY_EPOCH = -1;

export interface MembershipOptions {
  readonly settings: KafkaSettings;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** A member without a heartbeat for this long loses its partitions. */
  readonly sessionTimeoutMs: number;
  readonly log: Logger;
  /** Called when `current` may return another value. */
  readonly onChange: () => void;
}

/** The membership of this process in a consumer group. */
export interface Membership {
  /** Returns undefined while the group rebalances. Throws when the membership is lost: leave and join again. */
  current(): Promise<Assignment | undefined>;
  /** Commits the settled offsets. Never throws: the next call commits what this one could not, or the events are delivered again. */
  commit(assignment: Assignment): Promise<void>;
  /** Returns the number of messages that are not settled yet, by the topic's name on the cluster. */
  lag(assignment: Assignment): Promise<ReadonlyMap<string, number>>;
  /** Reads the positions from the coordinator again. */
  reload(): void;
  leave(): Promise<void>;
}

export async function joinGroup(options: MembershipOptions): Promise<Membership> {
  const { settings, groupId, topics, sessionTimeoutMs, log, onChange } = options;
  const consumer = guarded(
    new Consumer({
      ...clientOptions(settings),
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 5),
      heartbeatStallTimeout: REBALANCE_MS + sessionTimeoutMs,
      autocommit: false,
    }),
  );
  consumer.topics.trackAll(...topics);
  let present: Assignment | undefined;
  /** Counts the generations: after a new one, `present` is no longer the coordinator's assignment. */
  let joins = 0;
  let rejoinFailed = false;
  let lost: Error | undefined;

  consumer.on('consumer:group:rebalance', () => {
    present?.ended.abort();
    onChange();
  });
  consumer.on('consumer:group:join', () => {
    joins += 1;
    present?.ended.abort();
    present = undefined;
    onChange();
  });
  consumer.on('consumer:heartbeat:stalled', () => {
    lost = new Error(`no heartbeat of ${groupId} got a response`);
    onChange();
  });
  // Heard only from a heartbeat that found the group rebalancing and then could not join it: they end with it.
  consumer.on('error', (error) => {
    log.info({ err: error, group: groupId }, 'a consumer joins its group again');
    rejoinFailed = true;
    onChange();
  });

  async function join(): Promise<void> {
    for (let tried = 1; ; tried++) {
      try {
        rejoinFailed = false;
        await consumer.joinGroup({});
        return;
      } catch (error) {
        if (tried === JOIN_TRIES || !isPassing(error as Error)) throw error;
        await sleep(JOIN_PAUSE_MS);
      }
    }
  }

  const commits = outageLog({
    log,
    facts: { group: groupId },
    message: 'offsets were not committed',
    over: 'offsets are committed again',
  });

  async function leave(): Promise<void> {
    present?.ended.abort();
    await callWithTimeout(LEAVE_MS, 'leaving', consumer.close(true)).catch((error) =>
      log.debug({ err: error, group: groupId }, 'a consumer left without a farewell'),
    );
  }

  try {
    await join();
  } catch (error) {
    await leave();
    throw error;
  }
  return {
    async current() {
      if (lost !== undefined) throw lost;
      if (rejoinFailed) await join();
      if (present !== undefined) return present.ended.signal.aborted ? undefined : present;
      const joinedAt = joins;
      const owned = await loadPositions(consumer);
      if (joins !== joinedAt) return undefined;
      present = assignment(owned);
      log.info({ group: groupId, partitions: owned.length }, 'a consumer has its partitions');
      return present;
    },
    async commit(ours) {
      const settled = ours.partitions.filter((each) => each.settled > each.committed);
      if (settled.length === 0 || ours !== present) return;
      const offsets = settled.map(({ topic, partition, settled: offset }) => ({
        topic,
        partition,
        offset,
        leaderEpoch: ANY_EPOCH,
      }));
      try {
        await consumer.commit({ offsets });
        commits.succeeded();
        for (const [i, each] of settled.entries()) each.committed = offsets[i]?.offset ?? each.committed;
      } catch (error) {
        commits.failed(error);
        // This process is no longer a member; the heartbeat detects that, too, and joins again.
        if (findErrorBy(error as Error, 'needsRejoin', true)) ours.ended.abort();
      }
    },
    async lag({ partitions }) {
      const ends = await consumer.listOffsets({ topics: topicsOf(partitions), timestamp: ListOffsetTimestamps.LATEST });
      const lag = new Map(topics.map((topic) => [topic, 0]));
      for (const { topic, partition, settled } of partitions) {
        const behind = (ends.get(topic)?.[partition] ?? settled) - settled;
        lag.set(topic, (lag.get(topic) ?? 0) + Number(behind));
      }
      return lag;
    },
    reload() {
      present?.ended.abort();
      present = undefined;
    },
    leave,
  };
}

const COORDINATOR_MOVES = ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR'];

/**
 * Another member joined or left meanwhile, or the cluster has not chosen a coordinator yet, as for its first group. Leaving and joining
 * again would cause another rebalance.
 */
const isPassing = (error: Error): boolean =>
  findErrorBy(error, 'needsRejoin', true) !== null ||
  COORDINATOR_MOVES.some((apiId) => findErrorBy(error, 'apiId', apiId) !== null);

const topicsOf = (partitions: readonly OwnedPartition[]): string[] => [
  ...new Set(partitions.map(({ topic }) => topic)),
];

/** Where the group was; from the beginning where it never was, or where what it would read next is no longer kept. */
async function loadPositions(consumer: Consumer): Promise<OwnedPartition[]> {
  const assigned = (consumer.assignments ?? []).filter(({ partitions }) => partitions.length > 0);
  if (assigned.length === 0) return [];
  const topics = assigned.map(({ topic }) => topic);
  const committed = await consumer.listCommittedOffsets({ topics: assigned });
  const first = await consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.EARLIEST });
  const next = await consumer.listOffsets({ topics, timestamp: ListOffsetTimestamps.LATEST });
  return assigned.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => {
      const earliest = first.get(topic)?.[partition] ?? 0n;
      const latest = next.get(topic)?.[partition] ?? earliest;
      const known = committed.get(topic)?.[partition] ?? -1n;
      const position = known >= earliest && known <= latest ? known : earliest;
      return { topic, partition, fetchFrom: position, settled: position, committed: position };
    }),
  );
}
