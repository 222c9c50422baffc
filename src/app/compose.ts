import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import manifest from '../../package.json' with { type: 'json' };
import type { InboxFeed } from '../contexts/notification/api.ts';
import { eventCheck } from '../platform/events/check.ts';
import { postgresDeadLetters } from '../platform/events/dead-letters.ts';
import { createRelay } from '../platform/events/relay.ts';
import type { FileStore } from '../platform/files/file-store.ts';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import { type AccessTokens, accessTokens, validFor } from '../platform/http/access-token.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import { type IdSource, snowflake } from '../platform/kernel/ids.ts';
import { setShopTimeZone } from '../platform/kernel/shop.ts';
import type { Database } from '../platform/postgres/database.ts';
import { startSweep } from '../platform/postgres/sweep.ts';
import type { Redis } from '../platform/redis/redis.ts';
import type { AdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import { createScheduler, type Scheduler } from '../platform/scheduling/scheduler.ts';
import { observeProcess } from '../platform/telemetry/process-metrics.ts';
import { type Bound, bind, type Kit } from './bind.ts';
import { assertClockServable, assertClockTrusted } from './clock-and-lease.ts';
import type { Config } from './config.ts';
import { contextSettings } from './context-settings.ts';
import { TOPICS } from './event-catalogue.ts';
import { checkKafka, openBus } from './open-bus.ts';
import { assertSamePlace, openFilesOf, sweepUnnamedFiles } from './open-files-of.ts';
import { type NodeOptions, type OwnNode, openNode } from './open-node.ts';
import { openSharedFactsOf } from './open-redis.ts';
import { ALL, type Target } from './parts.ts';
import { type OtherProcess, type ProcessService, processService } from './process-service.ts';
import type { RemoteSandbox } from './remote/sandbox-payments.ts';
import { sandboxPaymentsOf } from './sandbox-payments.ts';
import { shardBus } from './shards/shard-bus.ts';

/** The lifetime of access tokens; the end of a session reaches every node far sooner. */
export const ACCESS_TOKEN_LIFE_SECONDS = 15 * 60;

/** Everything below the HTTP edge, started. */
export interface Composed {
  readonly database: Database;
  readonly metrics: Registry;
  readonly tokens: AccessTokens;
  readonly contexts: Bound;
  /** Is an issue request for this policy certainly refused, without a query or a call? */
  readonly isCouponClosed: (policyId: bigint) => boolean;
  /** Undefined where neither this process nor another one hosts the notification context. */
  readonly inboxChanges: InboxFeed | undefined;
  readonly target: Target;
  /** Serves the contexts of this process to others. Undefined when it hosts all, or none. */
  readonly serveContexts: (() => Promise<GrpcServer>) | undefined;
  readonly nextId: IdSource;
  readonly files: FileStore;
  /** Undefined: without REDIS_URL. */
  readonly redis: Redis | undefined;
  /** What readiness depends on. Each rejects while it is not as it should be. */
  readonly readinessChecks: Readonly<Record<string, () => Promise<unknown>>>;
  /** Checks that /readyz shows without depending on them. Each rejects while its dependency is not available. */
  readonly informationalChecks: Readonly<Record<string, () => Promise<void>>>;
  readonly log: Logger;
  /** Of sign-ins, tokens and limits: the database's clock as this node estimates it. */
  readonly clock: Clock;
  /** This node's own clock, which may be wrong. Timestamps of other systems are compared with it and with `clock`. */
  readonly wallClock: Clock;
  /** Present where the time may be moved. */
  readonly adjustableClock: AdjustableClock | undefined;
  /** What this process does for the gateway, and the same of the processes that host other contexts. */
  readonly ownProcess: ProcessService;
  readonly otherProcesses: readonly OtherProcess[];
  /** The page of the sandbox of payments. Undefined: the sandbox takes no payments. */
  readonly sandboxPayments: RemoteSandbox['pages'] | undefined;
  /** Not started yet: jobs wait until the server listens. Stop it first. */
  readonly scheduler: Scheduler;
  /** Stops all parts in the reverse order of their start; the database last. */
  stop(): Promise<void>;
}

export interface ComposeOptions extends NodeOptions {
  /** Base URL of this server, once it listens. Absent when it will not listen: then the sandbox accepts no payments. */
  readonly ownUrl?: () => string;
  /** Commands a batch of any batcher at most. */
  readonly batchMax?: number;
}

/**
 * Opens everything below the edge. Throws Unavailable when no node number can be leased, StartError when Kafka refuses this process or another process has
 * other secrets or settings, and what PostgreSQL throws.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Composed> {
  const target = config.target ?? ALL;
  setShopTimeZone(config.shop.timeZone);
  await checkKafka(config, options.log);
  const metrics = new Registry();
  observeProcess(metrics, manifest.version);
  const node = await openNode(config, target, metrics, options);
  try {
    return await composeOn(node, config, metrics, options);
  } catch (error) {
    await node.close();
    throw error;
  }
}

async function composeOn(
  node: OwnNode,
  config: Config,
  metrics: Registry,
  { log, ownUrl, batchMax }: ComposeOptions,
): Promise<Composed> {
  const target = config.target ?? ALL;
  const { redis, services, database, shard, clock, contextClock, adjustableClock } = node;
  const tokens = accessTokens(config.jwtSecrets, clock);
  const check = eventCheck(TOPICS);
  const deadLetters = postgresDeadLetters(database.pool);
  const { bus: everyEvent, ping } = await openBus(config, { check, deadLetters, metrics, log });
  const bus = shard === undefined ? everyEvent : shardBus(everyEvent, shard.map, shard.own);
  const relay = createRelay({ url: config.databaseUrl, bus, check, deadLetters, metrics, log });
  const sandbox = sandboxPaymentsOf(config, { database, clock: contextClock, signClock: clock, ownUrl, log });
  // Workers share the machine.
  const cores = availableParallelism() / config.workers;
  const nextId = snowflake((atMs) => node.lease.node(atMs), node.nodeClock.estimate);
  const { pool } = database;
  const { files, images, place } = await openFilesOf(config, target, {
    ...{ pool, holder: node.lease.holder, nextId, metrics, cores, log },
  });
  const kit: Kit = {
    ...contextSettings(config),
    ...(batchMax === undefined ? {} : { batchMax }),
    ...{ database, bus, clock: contextClock, signInClock: clock, metrics, log, nextId, images, cores, sandbox },
    sharedFacts: redis && config.redis?.gate ? await openSharedFactsOf(redis, metrics) : undefined,
    accessTokenLifeSeconds: ACCESS_TOKEN_LIFE_SECONDS,
    onEvents: () => relay.notify(),
    signAccessToken: (claims) => tokens.sign({ ...claims, ...validFor(ACCESS_TOKEN_LIFE_SECONDS, clock()) }),
    topics: TOPICS,
    codeClaims: services.codeClaims,
    couponShards: shard?.name === 'coupon' ? shard.map.shards : 1,
    provider: sandbox?.provider ?? services.sandbox?.provider,
  };
  const contexts = bind(target, kit, services.apiOf);
  const { serve, processes } = services;
  const jobs = contexts.hosted.flatMap((module) => module.jobs);
  if (target.parts.has('gateway')) jobs.push(sweepUnnamedFiles(files, contexts.hosted, processes, clock));
  const scheduler = createScheduler({
    url: config.databaseUrl,
    jobs,
    clock: contextClock,
    isTimeTrusted: node.nodeClock.isTrusted,
    metrics,
    log,
  });
  const ownProcess = processService({
    ...{ modules: contexts.modules, scheduler, database, bus, adjustableClock },
    filesPlace: async () => (await place?.id()) ?? '',
  });
  const sweep = startSweep(database.pool, log);
  await bus.start();
  relay.start();
  return {
    database,
    metrics,
    tokens,
    contexts,
    isCouponClosed: contexts.modules.coupon?.isClosed ?? services.isCouponClosed,
    inboxChanges: contexts.modules.notification?.changes ?? services.inboxChanges,
    target,
    serveContexts: serve && (() => serve(contexts.modules, { process: ownProcess, sandbox })),
    nextId,
    files,
    redis,
    readinessChecks: { postgres: () => database.vital.query('select 1'), clock: () => assertClockServable(node.peers) },
    informationalChecks: {
      ...ping,
      ...services.checks,
      ...(redis === undefined ? {} : { redis: () => redis.check() }),
      ...(database.replica && { replica: database.replica.assertUsed }),
      clock: () => assertClockTrusted(node.nodeClock, node.peers),
      ...(place && { files: () => assertSamePlace(place, processes) }),
    },
    log,
    clock,
    wallClock: node.wallClock,
    adjustableClock,
    ownProcess,
    otherProcesses: processes,
    sandboxPayments: contexts.modules.order?.sandboxPayments ?? services.sandbox?.pages,
    scheduler,
    async stop() {
      sweep.stop();
      await scheduler.stop();
      await Promise.all(contexts.hosted.map((module) => module.stop()));
      await relay.stop();
      await bus.stop();
      await node.close();
    },
  };
}
