import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import manifest from '../../package.json' with { type: 'json' };
import type { InboxFeed } from '../contexts/notification/api.ts';
import { type SandboxOptions, sandboxProvider } from '../contexts/order/module.ts';
import { eventCheck } from '../platform/events/check.ts';
import { postgresDeadLetters } from '../platform/events/dead-letters.ts';
import { createRelay } from '../platform/events/relay.ts';
import { type FilePlace, filePlace } from '../platform/files/file-place.ts';
import type { FileStore, NamedFiles } from '../platform/files/file-store.ts';
import { openFiles } from '../platform/files/open-files.ts';
import { sweepFiles } from '../platform/files/sweep-files.ts';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import { type AccessTokens, accessTokens, validFor } from '../platform/http/access-token.ts';
import { type CallClock, type Clock, systemClock } from '../platform/kernel/clock.ts';
import { type IdSource, snowflake } from '../platform/kernel/ids.ts';
import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import { setShop } from '../platform/kernel/shop.ts';
import { type Database, openDatabase } from '../platform/postgres/database.ts';
import { startSweep } from '../platform/postgres/sweep.ts';
import type { Redis } from '../platform/redis/redis.ts';
import { type AdjustableClock, openAdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import { createScheduler, type Scheduler } from '../platform/scheduling/scheduler.ts';
import { observePools, observeProcess, observeReplica } from '../platform/telemetry/process-metrics.ts';
import { type Bound, bind, type Kit } from './bind.ts';
import { assertClockServable, assertClockTrusted, openClockAndLease } from './clock-and-lease.ts';
import type { Config } from './config.ts';
import { TOPICS } from './event-catalogue.ts';
import { nodeRangeOf } from './node-ranges.ts';
import { checkKafka, openBus } from './open-bus.ts';
import { openRedisOf, openSharedFactsOf } from './open-redis.ts';
import { openServices } from './open-services.ts';
import { ALL, type Target } from './parts.ts';
import { type OtherProcess, type ProcessService, processService } from './process-service.ts';
import type { RemoteSandbox } from './remote/sandbox-payments.ts';
import { assertSalesCalendar } from './sales-calendar.ts';
import { assertOwnData, ownShardOf } from './shards/own-shard.ts';
import { shardBus } from './shards/shard-bus.ts';
import { secretChecksOf, sharedSecretsOf } from './shared-secrets.ts';
import { keepsFiles } from './targets.ts';

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

export interface ComposeOptions {
  readonly log: Logger;
  /** The wall clock of this node. It may be wrong: what counts is the database's. */
  readonly clock?: Clock;
  /** Time travel in tests: maps the database's time to the present, also for tokens. */
  readonly presentAt?: (databaseMs: number) => number;
  /** Base URL of this server, once it listens. Absent when it will not listen: then the sandbox accepts no payments. */
  readonly ownUrl?: () => string;
  /** Commands a batch of any batcher at most. */
  readonly batchMax?: number;
  /** False: nothing that this process signs or encrypts is read by others, so its secrets may be others. Default: true. */
  readonly sharesSecrets?: boolean;
}

/**
 * Opens everything below the edge. Throws Unavailable when no node number can be leased, StartError when Kafka refuses this process or another process has
 * other secrets, and what PostgreSQL throws.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Composed> {
  const target = config.target ?? ALL;
  const { log, presentAt = (databaseMs) => databaseMs, clock: wall = systemClock } = options;
  setShop(config.shop);
  await checkKafka(config, log);
  const metrics = new Registry();
  const redis = config.redis && (await openRedisOf(config.redis, { metrics, log }));
  const callClock: CallClock = {
    now: () => presentAt(nodeClock.calls.now()),
    times: () => nodeClock.calls.times().map((databaseMs) => presentAt(databaseMs)),
  };
  const services = await openServices(config, target, { clock: callClock, metrics, log }).catch((error: unknown) => {
    redis?.close();
    throw error;
  });
  const database = openDatabase({
    url: config.databaseUrl,
    poolerUrl: config.ways.DATABASE_POOLER_URL,
    replicaUrl: config.ways.READ_DATABASE_URL,
    processes: config.workers,
    onError: (error) => log.warn({ err: error }, 'an idle connection to PostgreSQL broke'),
    onReplica(isUsed, cause) {
      if (isUsed) log.info('the read replica is used');
      else log.warn({ err: cause }, 'the read replica is away or too far behind; the primary serves its reads');
    },
    time: {
      estimate: () => nodeClock.estimate(),
      presentAt: (databaseMs) => presentAt(databaseMs) + (adjustableClock?.aheadMs() ?? 0),
      observe: (databaseMs, sentMs) => nodeClock.observe(databaseMs, sentMs),
    },
  });
  observeProcess(metrics, manifest.version);
  observePools(metrics, database.pools);
  if (database.replica !== undefined) observeReplica(metrics, database.replica);
  const shard = ownShardOf(target, config.shards);
  const range = shard?.map.nodesOf(shard.own) ?? nodeRangeOf(target);
  const { nodeClock, peers, lease } = await openClockAndLease(database, {
    wall,
    range,
    async beforeLease(nowMs) {
      await assertOwnData(database.vital, target, shard, nowMs);
      await assertSalesCalendar(database.vital, target, config.shop);
    },
    ...(options.sharesSecrets !== false && { secretChecks: secretChecksOf(sharedSecretsOf(target, config)) }),
    metrics,
    log,
  }).catch(async (error: unknown) => {
    redis?.close();
    await services.close();
    throw error;
  });
  const clock: Clock = () => presentAt(nodeClock.estimate());
  const adjustableClock = config.sandbox ? await adjustableClockOf(database, clock, log) : undefined;
  const tokens = accessTokens(config.jwtSecret, clock);
  const check = eventCheck(TOPICS);
  const deadLetters = postgresDeadLetters(database.pool);
  const { bus: everyEvent, ping } = await openBus(config, { check, deadLetters, metrics, log });
  const bus = shard === undefined ? everyEvent : shardBus(everyEvent, shard.map, shard.own);
  const relay = createRelay({ url: config.databaseUrl, bus, check, deadLetters, metrics, log });
  const sandboxOptions = sandboxOf(config, clock, options.ownUrl);
  const sandbox =
    sandboxOptions && sandboxProvider({ database, clock: adjustableClock?.now ?? clock, log, ...sandboxOptions });
  // Workers share the machine.
  const cores = availableParallelism() / config.workers;
  const nextId = snowflake((atMs) => lease.node(atMs), nodeClock.estimate);
  const places = keepsFiles(target) ? filePlace(config.files, database.pool, lease.holder) : undefined;
  await places?.assertShared().catch((error) => log.error({ err: error }, 'uploads of images are refused'));
  const { files, images } = openFiles(config.files, {
    ...{ nextId, metrics, cores, log },
    ...(places && { assertShared: places.assertShared }),
  });
  const kit: Kit = {
    ...(options.batchMax === undefined ? {} : { batchMax: options.batchMax }),
    database,
    bus,
    clock: adjustableClock?.now ?? clock,
    signInClock: clock,
    metrics,
    log,
    nextId,
    images,
    sharedFacts: redis && config.redis?.gate ? await openSharedFactsOf(redis, metrics) : undefined,
    cores,
    accessTokenLifeSeconds: ACCESS_TOKEN_LIFE_SECONDS,
    onEvents: () => relay.notify(),
    signAccessToken: (claims) => tokens.sign({ ...claims, ...validFor(ACCESS_TOKEN_LIFE_SECONDS, clock()) }),
    topics: TOPICS,
    codeClaims: services.codeClaims,
    couponShards: shard?.name === 'coupon' ? shard.map.shards : 1,
    rateLimit: config.rateLimit,
    reservationMinutes: config.reservationMinutes,
    currency: config.shop.currency,
    openingReminderMinutes: config.openingReminderMinutes,
    redemptionSecrets:
      config.redemptionSecrets.length > 0 ? config.redemptionSecrets : rotatedSecrets(config.jwtSecret),
    balanceMax: config.pointBalanceMax,
    earnRateBp: config.pointEarnRateBp,
    earnDelayDays: config.pointEarnDelayDays,
    provider: sandbox?.provider ?? services.sandbox?.provider,
    sandbox,
    mail: config.mail && {
      ...config.mail,
      linkSecrets: linkSecretsOf(config),
    },
    push: config.push,
    webhooks: {
      ...config.webhooks,
      encryptionSecrets:
        config.webhooks.encryptionSecrets.length > 0
          ? config.webhooks.encryptionSecrets
          : rotatedSecrets(config.jwtSecret),
    },
  };
  const contexts = bind(target, kit, services.apiOf);
  const { serve, processes } = services;
  const jobs = contexts.hosted.flatMap((module) => module.jobs);
  if (target.parts.has('gateway')) {
    const own = contexts.hosted.flatMap(({ namedFiles }) => namedFiles ?? []);
    // A file is removed only when every context has responded that it does not name it.
    const others = processes.map(
      ({ context, process }): NamedFiles =>
        async (names) =>
          (await process.findNamedFiles({ context, names })).names,
    );
    jobs.push(sweepFiles(files, [...own, ...others], clock));
  }
  const scheduler = createScheduler({
    url: config.databaseUrl,
    jobs,
    clock: adjustableClock?.now ?? clock,
    isTimeTrusted: nodeClock.isTrusted,
    metrics,
    log,
  });
  const ownProcess = processService({
    ...{ modules: contexts.modules, scheduler, database, bus, adjustableClock },
    filesPlace: async () => (await places?.id()) ?? '',
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
    readinessChecks: { postgres: () => database.vital.query('select 1'), clock: () => assertClockServable(peers) },
    informationalChecks: {
      ...ping,
      ...services.checks,
      ...(redis === undefined ? {} : { redis: () => redis.check() }),
      ...(database.replica && { replica: database.replica.assertUsed }),
      clock: () => assertClockTrusted(nodeClock, peers),
      ...(places && { files: () => assertSamePlace(places, processes) }),
    },
    log,
    clock,
    wallClock: () => presentAt(wall()),
    adjustableClock,
    ownProcess,
    otherProcesses: processes,
    sandboxPayments: contexts.modules.order?.sandboxPayments ?? services.sandbox?.pages,
    scheduler,
    async stop() {
      sweep.stop();
      await scheduler.stop();
      adjustableClock?.stop();
      await Promise.all(contexts.hosted.map((module) => module.stop()));
      await relay.stop();
      await bus.stop();
      await services.close();
      redis?.close();
      // Without the database the lease of the node number expires by itself; continue with closing.
      await lease.stop().catch((error) => log.warn({ err: error }, 'the node number was not given back'));
      await nodeClock.stop();
      await database.close();
    },
  };
}

/** Rejects while another node of this database, or a process that this gateway calls, keeps files elsewhere. */
async function assertSamePlace(own: FilePlace, processes: readonly OtherProcess[]): Promise<void> {
  await own.assertShared();
  for (const { context, process } of processes) {
    const { place } = await process.findNamedFiles({ context, names: [] });
    // Of a process without files, or of an earlier version.
    if (place !== '') await own.assertSame(place);
  }
}

/** What signs the links that end mails. */
const linkSecretsOf = ({ mail, jwtSecret }: Config): readonly string[] =>
  mail === undefined || mail.linkSecrets.length === 0 ? rotatedSecrets(jwtSecret) : mail.linkSecrets;

function sandboxOf(config: Config, clock: Clock, ownUrl: (() => string) | undefined): SandboxOptions | undefined {
  const { parts } = config.target ?? ALL;
  // It has its data in the database of orders.
  if (config.paymentProvider !== 'sandbox' || ownUrl === undefined || !parts.has('order')) return undefined;
  const [webhookKey] = config.webhookKeys;
  if (webhookKey === undefined) throw new Error('the sandbox has no key to sign with');
  const { sandboxPayments: behaviour, publicUrl } = config;
  return { behaviour, signClock: clock, webhookKey, ownUrl, publicUrl };
}

const adjustableClockOf = (database: Database, real: Clock, log: Logger): Promise<AdjustableClock> =>
  openAdjustableClock(database.pool, real, (error) => log.warn({ err: error }, 'the time of the sandbox was not read'));
