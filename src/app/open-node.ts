import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type CallClock, type Clock, systemClock } from '../platform/kernel/clock.ts';
import type { ClockPeers } from '../platform/postgres/clock-peers.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { NodeClock } from '../platform/postgres/node-clock.ts';
import type { NodeLease } from '../platform/postgres/node-lease.ts';
import type { Redis } from '../platform/redis/redis.ts';
import { type AdjustableClock, openAdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import { outageLog } from '../platform/telemetry/outage-log.ts';
import { openClockAndLease } from './clock-and-lease.ts';
import { processChecksOf } from './compare-processes.ts';
import type { Config } from './config.ts';
import { nodeRangeOf } from './node-ranges.ts';
import { openDatabaseOf } from './open-database.ts';
import { openRedisOf } from './open-redis.ts';
import { openServices, type Services } from './open-services.ts';
import type { Target } from './parts.ts';
import { assertSalesCalendar } from './sales-calendar.ts';
import { assertOwnData, ownShardOf } from './shards/own-shard.ts';

export interface NodeOptions {
  readonly log: Logger;
  /** The wall clock of this node. It may be wrong: what counts is the database's. */
  readonly clock?: Clock;
  /** Time travel in tests: maps the database's time to the present, also for tokens. */
  readonly presentAt?: (databaseMs: number) => number;
  /** False: nothing that this process signs or encrypts is read by others, so it compares no secrets and settings with theirs. Default: true. */
  readonly comparesProcesses?: boolean;
}

/** What a process has before its contexts: connections, clocks and a node number. */
export interface OwnNode {
  readonly redis: Redis | undefined;
  readonly services: Services;
  readonly database: Database;
  readonly shard: ReturnType<typeof ownShardOf>;
  readonly nodeClock: NodeClock;
  readonly peers: ClockPeers;
  readonly lease: NodeLease;
  /** Of sign-ins, tokens and limits: the database's clock as this node estimates it. */
  readonly clock: Clock;
  /** This node's own clock, which may be wrong. */
  readonly wallClock: Clock;
  /** Present where the time may be moved. */
  readonly adjustableClock: AdjustableClock | undefined;
  /** The time that contexts decide by. */
  readonly contextClock: Clock;
  /** The database last. */
  close(): Promise<void>;
}

/** Closes what it opened when it fails. Throws Unavailable when no node number can be leased, StartError when another process has other secrets or settings, and what PostgreSQL throws. */
export async function openNode(
  config: Config,
  target: Target,
  metrics: Registry,
  { log, clock: wall = systemClock, presentAt = (databaseMs) => databaseMs, comparesProcesses = true }: NodeOptions,
): Promise<OwnNode> {
  const redis = config.redis && (await openRedisOf(config.redis, { metrics, log }));
  const callClock: CallClock = {
    now: () => presentAt(nodeClock.calls.now()),
    times: () => nodeClock.calls.times().map((databaseMs) => presentAt(databaseMs)),
  };
  const services = await openServices(config, target, { clock: callClock, metrics, log }).catch((error: unknown) => {
    redis?.close();
    throw error;
  });
  const database = openDatabaseOf(config, {
    time: {
      estimate: () => nodeClock.estimate(),
      presentAt: (databaseMs) => presentAt(databaseMs) + (adjustableClock?.aheadMs() ?? 0),
      observe: (databaseMs, sentMs) => nodeClock.observe(databaseMs, sentMs),
    },
    metrics,
    log,
  });
  const shard = ownShardOf(target, config.shards);
  const range = shard?.map.nodesOf(shard.own) ?? nodeRangeOf(target);
  const { nodeClock, peers, lease } = await openClockAndLease(database, {
    wall,
    range,
    async beforeLease(nowMs) {
      await assertOwnData(database.vital, target, shard, nowMs);
      await assertSalesCalendar(database.vital, target, config.shop);
    },
    ...(comparesProcesses && { checks: processChecksOf(target, config) }),
    metrics,
    log,
  }).catch(async (error: unknown) => {
    redis?.close();
    await services.close();
    throw error;
  });
  const clock: Clock = () => presentAt(nodeClock.estimate());
  let adjustableClock: AdjustableClock | undefined;
  async function close(): Promise<void> {
    adjustableClock?.stop();
    await services.close();
    redis?.close();
    // Without the database the lease of the node number expires by itself; continue with closing.
    await lease.stop().catch((error) => log.warn({ err: error }, 'the node number was not given back'));
    await nodeClock.stop();
    await database.close();
  }
  try {
    if (config.sandbox) adjustableClock = await adjustableClockOf(database, clock, log);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ redis, services, database, shard, nodeClock, peers, lease, clock, adjustableClock },
    wallClock: () => presentAt(wall()),
    contextClock: adjustableClock?.now ?? clock,
    close,
  };
}

const adjustableClockOf = (database: Database, real: Clock, log: Logger): Promise<AdjustableClock> =>
  openAdjustableClock(
    database.pool,
    real,
    outageLog({ log, message: 'the time of the sandbox was not read', over: 'the time of the sandbox is read again' }),
  );
