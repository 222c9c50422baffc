import { createPublicKey, hkdfSync } from 'node:crypto';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type SandboxOptions, type SandboxProvider, sandboxProvider } from '../contexts/order/module.ts';
import type { SandboxPaymentService } from '../contexts/payment/api.ts';
import { paymentContext } from '../contexts/payment/module.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { inProcessBus } from '../platform/events/bus-in-process.ts';
import { type EventCheck, eventCheck } from '../platform/events/check.ts';
import { type DeadLetters, postgresDeadLetters } from '../platform/events/dead-letters.ts';
import type { SignatureSettings } from '../platform/events/kafka/signatures.ts';
import { DEAD_LETTER_SUFFIX } from '../platform/events/kafka/topic-names.ts';
import { createRelay } from '../platform/events/relay.ts';
import type { FileStore, NamedFiles } from '../platform/files/file-store.ts';
import { openFiles } from '../platform/files/open-files.ts';
import { sweepFiles } from '../platform/files/sweep-files.ts';
import { principalCheck, principalKey, principalSigner } from '../platform/grpc/principal-tokens.ts';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import { serviceTokens } from '../platform/grpc/service-tokens.ts';
import { type AccessTokens, accessTokens, validFor } from '../platform/http/access-token.ts';
import { type Clock, systemClock } from '../platform/kernel/clock.ts';
import { type IdSource, snowflake } from '../platform/kernel/ids.ts';
import { type ClockPeers, clockPeers } from '../platform/postgres/clock-peers.ts';
import { type Database, openDatabase } from '../platform/postgres/database.ts';
import { type NodeClock, openNodeClock } from '../platform/postgres/node-clock.ts';
import { leaseNode, type NodeLease } from '../platform/postgres/node-lease.ts';
import { ALL_NODES, type NodeRange } from '../platform/postgres/node-numbers.ts';
import { startSweep } from '../platform/postgres/sweep.ts';
import { type AdjustableClock, openAdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import { createScheduler, type Scheduler } from '../platform/scheduling/scheduler.ts';
import { observePools, observeProcess } from '../platform/telemetry/process-metrics.ts';
import { type Bound, bind, type Kit, noRemotes, type RemoteApi } from './bind.ts';
import type { Config } from './config.ts';
import type { ContextName } from './contexts.ts';
import { CONSUMED, OWN_PRODUCER, OWNERS, SIGNED_TOPICS, TOPICS } from './event-catalogue.ts';
import { mayCallProcess, type ProcessService, processService } from './process-service.ts';
import type { RemoteSandbox } from './remote/sandbox-payments.ts';
import type { ProcessLevelService } from './remote/service-server.ts';
import { completeTls, type Part, type Target } from './service-variables.ts';
import { ALL, PARTS, remotesOf } from './targets.ts';

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
  readonly target: Target;
  /** Serves the contexts of this process to others. Undefined when it hosts all, or none. */
  readonly serveContexts: (() => Promise<GrpcServer>) | undefined;
  readonly nextId: IdSource;
  readonly files: FileStore;
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
  readonly otherProcesses: ReadonlyMap<string, ProcessService>;
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
}

/**
 * Opens everything below the edge. Throws Unavailable when no node number can be leased, StartError when Kafka refuses this process, and
 * what PostgreSQL throws.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Composed> {
  const target = config.target ?? ALL;
  const { log, presentAt = (databaseMs) => databaseMs, clock: wall = systemClock } = options;
  await checkKafka(config, log);
  const metrics = new Registry();
  const services = await openServices(config, target, { clock: () => clock(), metrics, log });
  const database = openDatabase({
    url: config.databaseUrl,
    onError: (error) => log.warn({ err: error }, 'an idle connection to PostgreSQL broke'),
    time: {
      estimate: () => nodeClock.estimate(),
      presentAt: (databaseMs) => presentAt(databaseMs) + (adjustableClock?.aheadMs() ?? 0),
      observe: (databaseMs, sentMs) => nodeClock.observe(databaseMs, sentMs),
    },
  });
  observeProcess(metrics);
  observePools(metrics, database.pools);
  const { nodeClock, peers, lease } = await openClockAndLease(database, {
    wall,
    range: nodeRangeOf(target),
    metrics,
    log,
  }).catch(async (error: unknown) => {
    await services.close();
    throw error;
  });
  const clock: Clock = () => presentAt(nodeClock.estimate());
  const adjustableClock = config.sandbox ? await adjustableClockOf(database, clock, log) : undefined;
  const tokens = accessTokens(config.jwtSecret, clock);
  const check = eventCheck(TOPICS);
  const deadLetters = postgresDeadLetters(database.pool);
  const { bus, ping } = await openBus(config, { check, deadLetters, metrics, log });
  const relay = createRelay({ url: config.databaseUrl, bus, check, deadLetters, metrics, log });
  const sandboxOptions = sandboxOf(config, clock, options.ownUrl);
  const sandbox =
    sandboxOptions && sandboxProvider({ database, clock: adjustableClock?.now ?? clock, log, ...sandboxOptions });
  const nextId = snowflake((atMs) => lease.node(atMs), nodeClock.estimate);
  const { files, images } = openFiles(config.files, { nextId, metrics, log });
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
    accessTokenLifeSeconds: ACCESS_TOKEN_LIFE_SECONDS,
    onEvents: () => relay.notify(),
    signAccessToken: (claims) => tokens.sign({ ...claims, ...validFor(ACCESS_TOKEN_LIFE_SECONDS, clock()) }),
    topics: TOPICS,
    rateLimit: config.rateLimit,
    reservationMinutes: config.reservationMinutes,
    redemptionSecrets: config.redemptionSecrets.length > 0 ? config.redemptionSecrets : [config.jwtSecret],
    balanceMax: config.pointBalanceMax,
    earnRateBp: config.pointEarnRateBp,
    earnDelayDays: config.pointEarnDelayDays,
    provider: sandbox?.provider ?? services.sandbox?.provider,
    sandbox,
    mail: config.mail,
  };
  const contexts = bind(target, kit, services.apiOf);
  const { serve, processes } = services;
  const jobs = contexts.hosted.flatMap((module) => module.jobs);
  if (target.parts.has('gateway')) {
    const own = contexts.hosted.flatMap(({ namedFiles }) => namedFiles ?? []);
    // Every context is asked, and no file goes unless all have answered.
    const others = [...processes].map(
      ([context, process]): NamedFiles =>
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
  const ownProcess = processService({ modules: contexts.modules, scheduler, database, bus, adjustableClock });
  const sweep = startSweep(database.pool, log);
  await bus.start();
  relay.start();
  return {
    database,
    metrics,
    tokens,
    contexts,
    isCouponClosed: contexts.modules.coupon?.isClosed ?? services.isCouponClosed,
    target,
    serveContexts: serve && (() => serve(contexts.modules, { process: ownProcess, sandbox })),
    nextId,
    files,
    readinessChecks: { postgres: () => database.vital.query('select 1'), clock: () => assertClockServable(peers) },
    informationalChecks: { ...ping, ...services.checks, clock: () => assertClockTrusted(nodeClock, peers) },
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
      // Without the database the lease of the node number expires by itself; continue with closing.
      await lease.stop().catch((error) => log.warn({ err: error }, 'the node number was not given back'));
      await nodeClock.stop();
      await database.close();
    },
  };
}

/** How a process that does not host everything reaches the others, and is reached by them. */
interface Services {
  readonly apiOf: RemoteApi;
  readonly isCouponClosed: (policyId: bigint) => boolean;
  readonly checks: Composed['informationalChecks'];
  readonly serve: ((modules: Bound['modules'], served: Served) => Promise<GrpcServer>) | undefined;
  /** By the contexts that they host. Empty without the gateway, for which they work. */
  readonly processes: ReadonlyMap<string, ProcessService>;
  /** Present where the sandbox of payments runs in another process. */
  readonly sandbox: RemoteSandbox | undefined;
  close(): Promise<void>;
}

/** What a process serves besides its contexts. */
interface Served {
  readonly process: ProcessService;
  readonly sandbox: SandboxProvider | undefined;
}

const NO_SERVICES: Services = {
  apiOf: noRemotes,
  isCouponClosed: () => false,
  checks: {},
  serve: undefined,
  processes: new Map(),
  sandbox: undefined,
  close: async () => {},
};

interface ServiceParts {
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly log: Logger;
}

async function openServices(config: Config, target: Target, { clock, metrics, log }: ServiceParts): Promise<Services> {
  const { services, jwtSecret, paymentProvider } = config;
  if (target.isComplete) return NO_SERVICES;
  // Loaded only where it is used, as is Kafka.
  const { openRemotes } = await import('./remote/remotes.ts');
  const { serveContexts } = await import('./remote/service-server.ts');
  const { grpcCredentials } = await import('./remote/credentials.ts');
  const { PROCESS_CALL_MS, PROCESS_CONTRACT } = await import('./remote/process-contract.ts');
  const payments = await import('./remote/sandbox-payments.ts');
  const paymentContract = await paymentContext.contract();
  const credentials = grpcCredentials(completeTls(services.tls));
  const tokens = serviceTokens(services.secret ?? jwtSecret, clock);
  const privateKey = principalKey(jwtSecret);
  const isPrincipal = principalCheck(services.gatewayPublicKey ?? createPublicKey(privateKey), clock);
  const remotes = remotesOf(target, config);
  const etcd = services.etcd && (await (await import('./remote/etcd.ts')).openEtcd(services.etcd, log));
  const { apiOf, isCouponClosed, checks, serviceAt, close } = await openRemotes({
    names: remotes,
    etcd,
    settings: services,
    tokens,
    signPrincipal: target.parts.has('gateway') ? principalSigner(privateKey, clock) : undefined,
    credentials,
    metrics,
    log,
  });
  const serve: Services['serve'] = async (modules, { process, sandbox }) => {
    const others: ProcessLevelService[] = [
      {
        contract: PROCESS_CONTRACT,
        api: process,
        mayCall: (caller, method) => mayCallProcess(caller, method, config.sandbox),
      },
    ];
    if (sandbox !== undefined) {
      const api = payments.sandboxPaymentService(sandbox);
      others.push({ contract: paymentContract, api, mayCall: payments.mayCallSandboxPayments });
    }
    const host = services.grpcHost;
    const server = await serveContexts({
      modules,
      others,
      tokens,
      isPrincipal,
      credentials,
      host,
      port: services.grpcPort,
      log,
    });
    const own = `${host.includes(':') ? `[${host}]` : host}:${server.port}`;
    etcd?.register(Object.keys(modules), services.advertise ?? own);
    return {
      ...server,
      async leave() {
        await Promise.all([server.leave(), etcd?.leave()]);
      },
    };
  };
  const processOf = (name: ContextName) => serviceAt(name, PROCESS_CONTRACT, 'gateway', PROCESS_CALL_MS);
  const hasGateway = target.parts.has('gateway');
  const paysElsewhere = paymentProvider === 'sandbox' && remotes.includes('order') && !target.parts.has('order');
  const asCaller = once((caller: Part) => serviceAt('order', paymentContract, caller) as SandboxPaymentService);
  return {
    apiOf,
    isCouponClosed,
    checks: { ...checks, ...(etcd === undefined ? {} : { etcd: () => etcd.check() }) },
    async close() {
      close();
      await etcd?.close();
    },
    serve: [...target.parts].some((part) => part !== 'gateway') ? serve : undefined,
    processes: new Map(hasGateway ? remotes.map((name) => [name, processOf(name) as ProcessService]) : []),
    sandbox: paysElsewhere ? payments.remoteSandbox(asCaller) : undefined,
  };
}

/** Keeps the result for each argument. */
function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** Of 128 numbers for each part: ids of different databases meet in payments, orders and charges. */
const NODES_OF_A_PART = 128;

function nodeRangeOf({ parts, isComplete }: Target): NodeRange {
  if (isComplete) return ALL_NODES;
  const first = PARTS.findIndex((part) => parts.has(part)) * NODES_OF_A_PART;
  return { first, last: first + NODES_OF_A_PART - 1 };
}

interface OpenBus {
  readonly bus: EventBus;
  readonly ping: Composed['informationalChecks'];
}
interface BusParts {
  readonly check: EventCheck;
  readonly deadLetters: DeadLetters;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** The relay has checked events that are delivered in process; Kafka also delivers events of other producers. */
async function openBus(config: Config, { check, deadLetters, metrics, log }: BusParts): Promise<OpenBus> {
  const { kafka: settings, target = ALL } = config;
  if (settings === undefined) return { bus: inProcessBus({ deadLetters, metrics, log }), ping: {} };
  // Loaded only where it is used: the client of Kafka takes about as long to load as all of the rest.
  const { kafkaBus } = await import('../platform/events/bus-kafka.ts');
  const signatures = signaturesOf(config);
  const bus = kafkaBus({ settings, check, signatures, ownTopics: ownTopicsOf(target), metrics, log });
  return { bus, ping: { kafka: () => bus.ping() } };
}

/**
 * A process that hosts everything owns every topic, and creates each when it is first needed. Others create theirs for consumers elsewhere,
 * and those for the dead letters of such consumers.
 */
function ownTopicsOf({ parts, isComplete }: Target): readonly string[] | undefined {
  if (isComplete) return undefined;
  const topics = [...parts].flatMap((part) => (part === 'gateway' ? [] : OWNERS[part]));
  return [...topics, ...topics.filter((name) => CONSUMED.has(name)).map((name) => name + DEAD_LETTER_SUFFIX)];
}

const DERIVED_KEY_BYTES = 32;

/**
 * A process that hosts everything signs with a key that follows from its secret. Of several processes each shares its secrets with others,
 * which must not be able to sign, so the ones that do have a key of their own (targets.ts), and the others have none.
 */
function signaturesOf({ paymentEvents, jwtSecret, target = ALL }: Config): SignatureSettings | undefined {
  const { trustAcl, keys } = paymentEvents;
  if (trustAcl) return undefined;
  if (!target.isComplete) return { topics: SIGNED_TOPICS, keys, producer: OWN_PRODUCER };
  const derived = Buffer.from(hkdfSync('sha256', jwtSecret, '', 'stampede signed events', DERIVED_KEY_BYTES));
  // It is accepted beside a key of its own: events that it signed may still be waiting.
  const own = [...(keys.get(OWN_PRODUCER) ?? []), derived];
  return { topics: SIGNED_TOPICS, keys: new Map([...keys, [OWN_PRODUCER, own]]), producer: OWN_PRODUCER };
}

/** Before anything is opened. Loaded only where it is used, as above. @throws StartError */
async function checkKafka({ kafka }: Config, log: Logger): Promise<void> {
  if (kafka === undefined) return;
  const { canAccess } = await import('../platform/events/kafka/access.ts');
  const { security, brokers } = kafka;
  const reached = await canAccess(kafka);
  const about = { brokers, tls: security?.tls !== undefined, sasl: security?.sasl?.mechanism ?? 'none', reached };
  log.info(about, reached ? 'Kafka accepts this process' : 'Kafka is away; events wait in the outbox');
}

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

/** Rejects when other nodes agree with the database's clock and this one does not. */
async function assertClockServable(peers: ClockPeers): Promise<void> {
  if (await peers.isOnlyOwnClockWrong())
    throw new Error('the clock of this node is wrong, and those of other nodes are right');
}

/** Rejects when this node's clock is more than 2 s from the database's, or when that is not known. */
async function assertClockTrusted(nodeClock: NodeClock, peers: ClockPeers): Promise<void> {
  if (peers.isSkewed() || !nodeClock.isTrusted()) throw new Error('the clock of this node is not that of the database');
}

interface ClockAndLeaseParts {
  readonly wall: Clock;
  readonly range: NodeRange;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Opens the node clock and leases a node number. Closes the database when either fails. */
async function openClockAndLease(
  database: Database,
  { wall, range, metrics, log }: ClockAndLeaseParts,
): Promise<{ readonly nodeClock: NodeClock; readonly peers: ClockPeers; readonly lease: NodeLease }> {
  const { vital: pool } = database;
  let nodeClock: NodeClock | undefined;
  let lease: NodeLease | undefined;
  try {
    nodeClock = await openNodeClock({ pool, wall, metrics, log });
    lease = await leaseNode({ pool, clock: nodeClock.estimate, range, log });
    const peers = clockPeers(pool, lease);
    await nodeClock.publishTo(peers.publish);
    return { nodeClock, peers, lease };
  } catch (error) {
    await Promise.allSettled([nodeClock?.stop(), lease?.stop()]);
    await database.close();
    throw error;
  }
}
