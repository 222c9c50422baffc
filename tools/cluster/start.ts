import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Databases } from '../../src/app/databases.ts';
import { adminPasswordFile } from '../../src/app/local/admin-password.ts';
import { holdDataDir } from '../../src/app/local/data-dir.ts';
import { removePidFile, writePidFile } from '../../src/app/local/pid-file.ts';
import { loadSecrets } from '../../src/app/local/secrets.ts';
import { SHARDED, type ShardedName } from '../../src/app/variables/shard-variables.ts';
import { principalKey, publicKeyText } from '../../src/platform/grpc/principal-tokens.ts';
import { rotatedSecrets } from '../../src/platform/kernel/rotated-secrets.ts';
import { StartError } from '../../src/platform/kernel/start-error.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { etcdArguments, findEtcd, NoEtcd } from '../etcd/start.ts';
import { NoKafka, startKafka } from '../kafka/start.ts';
import { findRedis, NoRedis, redisArguments } from '../redis/start.ts';
import { balancerFile, findBalancer } from './balancer.ts';
import { startGuard } from './guard.ts';
import type { BalancerName, ClusterOptions } from './options.ts';
import {
  DIRECT,
  environmentOf,
  type Instance,
  type Plan,
  planCluster,
  type Shared,
  urlOfShard,
  type Wiring,
} from './plan.ts';
import { type ClusterDatabases, openDatabases } from './postgres.ts';
import { type Sample, type StatusRow, sample } from './status.ts';
import { type Command, type Supervised, supervised } from './supervised.ts';

const PROGRAM = resolve('bin/stampede.js');
const READY_MS = 120_000;
/** Longer than a process takes for its drain. */
const STOP_MS = 10_000;
const KAFKA_LOOK_MS = 2_000;
/** The last lines of a process that did not start. */
const SHOWN_CHARS = 3_000;
const BALANCER = 'balancer';
const ETCD = 'etcd';
const REDIS = 'redis';
const KAFKA = 'kafka';
const POSTGRES = 'postgres';

export interface Cluster {
  /** What clients call: the load balancer. */
  readonly url: string;
  readonly plan: Plan;
  readonly balancer: BalancerName;
  readonly dataDir: string;
  readonly isTemporary: boolean;
  readonly databases: Databases;
  readonly databasesShown: string;
  readonly brokers: string;
  readonly etcd: Shared['etcd'];
  /** Undefined: there is no Redis. */
  readonly redisUrl: string | undefined;
  readonly jwtSecret: string;
  readonly webhookSecret: string;
  readonly admin: { readonly email: string; readonly generatedPassword: string | undefined };
  /** @param name of an instance, or `postgres`, `kafka`, `etcd`, `redis`, `balancer`. Undefined: it does not run, or is not the cluster's own */
  pidOf(name: string): number | undefined;
  /** Asks every process how it is. */
  status(): Promise<readonly StatusRow[]>;
  /** The load balancer first, then the gateways, the contexts, etcd, Kafka and PostgreSQL. */
  stop(): Promise<void>;
}

export interface ClusterEvents {
  /** What the cluster itself says. */
  say(text: string): void;
  /** A line of a process. */
  onLine(name: string, line: string, stream: 'stdout' | 'stderr'): void;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/**
 * Starts everything and resolves when clients can call it.
 * @param env the environment of the command, which the processes get as well
 * @param wire what tests put before the parts
 * @throws StartError with what to do; nothing runs then
 */
export async function startCluster(
  options: ClusterOptions,
  env: Readonly<Record<string, string | undefined>>,
  events: ClusterEvents,
  wire: Wiring = DIRECT,
): Promise<Cluster> {
  const balancer = findBalancer(options.balancer);
  const etcdProgram = env['ETCD_ENDPOINTS'] ? undefined : await etcdOrAdvice();
  const redisProgram = env['REDIS_URL'] ? undefined : await redisOrNone();
  const plan = await planCluster(options, freePort);
  await assertFree(plan);
  const isTemporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? temporaryDir();
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<Cluster> {
    if (isTemporary) undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const lock = holdDataDir(dataDir);
    undo.push(() => lock.release());
    const guard = startGuard();
    if (isTemporary) guard.removeAfter(dataDir);
    undo.push(() => guard.dismiss());
    for (const name of ['logs', 'files', 'balancer']) mkdirSync(join(dataDir, name), { recursive: true });
    const secrets = loadSecrets(dataDir, env['JWT_SECRET'] ? rotatedSecrets(env['JWT_SECRET']) : []);
    const { jwtSecrets, webhookSecret } = secrets;
    const jwtSecret = jwtSecrets.join(',');
    const url = `http://127.0.0.1:${await wire(BALANCER, plan.port)}`;

    /** Of programs that are not Stampede's. LD_PRELOAD: what a test loads into them. */
    const bare = { PATH: env['PATH'], LD_PRELOAD: env['LD_PRELOAD'] };
    const running = new Map<string, Supervised>();
    const ends = new Map<string, string>();
    const launch = (command: Omit<Command, 'logFile'>): Supervised => {
      const logFile = join(dataDir, 'logs', `${command.name}.log`);
      const process = supervised({ ...command, logFile }, guard, {
        onLine: events.onLine,
        onEnd(name, how, againMs) {
          ends.set(name, how);
          if (againMs !== undefined) events.say(`${name} ended (${how}) and is started again in ${againMs / 1_000} s`);
        },
      });
      running.set(command.name, process);
      return process;
    };
    /** `readyUrl` responds with 200 once the process is ready. */
    const untilReady = async (name: string, readyUrl: string): Promise<void> => {
      const untilMs = performance.now() + READY_MS;
      while (!(await isReady(readyUrl))) {
        events.signal.throwIfAborted();
        const how = ends.get(name);
        if (how !== undefined || performance.now() > untilMs) {
          const log = readFileSync(join(dataDir, 'logs', `${name}.log`), 'utf8').slice(-SHOWN_CHARS);
          throw new StartError(`${name} did not start${how === undefined ? '' : ` (${how})`}:\n${log}`);
        }
        await sleep(100);
      }
      events.say(`${name} is ready`);
    };
    const startEtcd = async (program: string): Promise<string> => {
      const [port, peerPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
      // Only leases of processes: those of an earlier run would be listed for ten more seconds.
      const etcdDir = join(dataDir, 'etcd', 'data');
      rmSync(etcdDir, { recursive: true, force: true });
      mkdirSync(dirname(etcdDir), { recursive: true });
      const args = etcdArguments({ dataDir: etcdDir, port, peerPorts: [peerPort], index: 0, metricsPort });
      const etcd = launch({ name: ETCD, program, args, env: bare });
      undo.push(() => etcd.stop(STOP_MS));
      await untilReady(ETCD, `http://127.0.0.1:${metricsPort}/health`);
      return `127.0.0.1:${await wire(ETCD, port)}`;
    };

    /** It is ready when the processes connect: they work without it until then. */
    const startRedis = async (program: string): Promise<string> => {
      const port = await freePort();
      const args = redisArguments(port, dataDir);
      const redis = launch({ name: REDIS, program, args, env: bare });
      undo.push(() => redis.stop(STOP_MS));
      return `redis://127.0.0.1:${await wire(REDIS, port)}`;
    };

    const thenSay =
      (text: string) =>
      <Value>(value: Value): Value => {
        events.say(text);
        return value;
      };
    const withRedis = redisProgram === undefined ? '' : ' Redis,';
    events.say(
      `PostgreSQL, Kafka, etcd,${withRedis} ${plan.instances.length} processes and ${balancer.name} start; data in ${dataDir}`,
    );
    const [databases, kafka] = await both(
      openDatabases({
        directory: join(dataDir, 'database'),
        secrets,
        url: env['DATABASE_URL'] || undefined,
        shards: options.shards,
        isTemporary,
        guard,
        wire,
        onEvent: events.say,
      }).then(thenSay(`${POSTGRES} is ready`)),
      openKafka(env, events, { directory: join(dataDir, 'kafka'), isTemporary, wire }).then(
        thenSay(`${KAFKA} is ready`),
      ),
    );
    undo.push(() => databases.stop());
    undo.push(() => kafka.stop());
    events.signal.throwIfAborted();
    const etcd: Shared['etcd'] =
      etcdProgram === undefined
        ? {
            endpoints: env['ETCD_ENDPOINTS'] ?? '',
            prefix: env['ETCD_PREFIX'] || (isTemporary ? ownPrefix() : undefined),
          }
        : { endpoints: await startEtcd(etcdProgram), prefix: env['ETCD_PREFIX'] || undefined };

    const redisUrl = redisProgram === undefined ? env['REDIS_URL'] || undefined : await startRedis(redisProgram);
    const shared = {
      env,
      url,
      dataDir,
      brokers: kafka.brokers,
      topicPrefix: kafka.topicPrefix,
      etcd,
      redis: redisOfCluster(redisUrl, env['REDIS_PREFIX'] || undefined, isTemporary && redisProgram === undefined),
      jwtSecret,
      serviceSecret: env['SERVICE_SECRET'] || derived(jwtSecret, 'services'),
      redemptionSecret: env['REDEMPTION_SECRET'] || derived(jwtSecret, 'redemption codes'),
      mailLinkSecret: env['MAIL_LINK_SECRET'] || derived(jwtSecret, 'links of mails'),
      webhookEncryptionSecret: env['WEBHOOK_ENCRYPTION_SECRET'] || derived(jwtSecret, 'secrets of webhooks'),
      gatewayPublicKey: jwtSecrets.map((secret) => publicKeyText(principalKey(secret))).join(','),
      webhookSecret: env['PAYMENT_WEBHOOK_SECRET'] || webhookSecret,
      paymentEventKeys: paymentEventKeys(env['PAYMENT_EVENT_KEYS'], env['PAYMENT_WEBHOOK_SECRET'] || webhookSecret),
      shards: options.shards,
      databases: databases.databases,
      migrations: databases.migrations,
    };
    const launchPart = async (instance: Instance): Promise<Supervised> =>
      launch({
        name: instance.name,
        program: process.execPath,
        args: [PROGRAM, 'serve', '--target', instance.part],
        env: environmentOf(
          instance,
          shared,
          instance.part === 'gateway' ? 0 : await wire(instance.name, instance.grpcPort),
        ),
      });
    const contexts = plan.instances.filter(({ part }) => part !== 'gateway');
    const gateways = plan.instances.filter(({ part }) => part === 'gateway');
    for (const group of [contexts, gateways]) {
      const processes = await Promise.all(group.map(launchPart));
      undo.push(async () => {
        await Promise.all(processes.map((each) => each.stop(STOP_MS)));
      });
      await Promise.all(group.map(({ name, httpPort }) => untilReady(name, `http://127.0.0.1:${httpPort}/readyz`)));
    }
    const file = balancerFile(balancer.name, {
      port: plan.port,
      gatewayPorts: await Promise.all(gateways.map(({ name, httpPort }) => wire(name, httpPort))),
      directory: join(dataDir, 'balancer'),
    });
    writeFileSync(file.file, file.text);
    const front = launch({ name: BALANCER, program: balancer.program, args: file.args, env: bare });
    undo.push(() => front.stop(STOP_MS));
    await untilReady(BALANCER, `${url}/readyz`);
    for (const each of running.values()) each.keep();

    const started = new Date().toISOString();
    const databaseUrl = databases.databases.coupon;
    writePidFile(dataDir, {
      pid: process.pid,
      url,
      databaseUrl,
      databases: databases.databases,
      ...(options.shards === 1 ? {} : { shardDatabases: shardDatabasesOf(databases.databases, options.shards) }),
      kafka: { brokers: kafka.brokers, ...(kafka.topicPrefix === undefined ? {} : { topicPrefix: kafka.topicPrefix }) },
      started,
    });
    undo.push(() => removePidFile(dataDir));
    const before = new Map<string, Sample>();
    return {
      url,
      plan,
      balancer: balancer.name,
      dataDir,
      isTemporary,
      databases: databases.databases,
      databasesShown: databases.shown,
      brokers: kafka.brokers,
      etcd,
      redisUrl,
      jwtSecret,
      webhookSecret: shared.webhookSecret,
      admin: {
        email: env['STAMPEDE_ADMIN_EMAIL'] || 'admin@stampede.local',
        generatedPassword: readIfThere(adminPasswordFile(dataDir)),
      },
      pidOf(name) {
        if (name === POSTGRES) return databases.pid();
        return name === KAFKA ? kafka.pid() : running.get(name)?.pid();
      },
      async status() {
        return await Promise.all(
          plan.instances.map(async (instance): Promise<StatusRow> => {
            const { name, part, httpPort: port } = instance;
            const now = await sample(instance);
            const last = before.get(name);
            if (now !== undefined) before.set(name, now);
            const each = running.get(name);
            const unit = part === 'gateway' ? 'requests/s' : 'events/s';
            return { name, port, pid: each?.pid(), restarts: each?.restarts() ?? 0, unit, now, before: last };
          }),
        );
      },
      stop,
    };
  }
}

/** Those after shard 0. */
const shardDatabasesOf = (databases: Databases, shards: number): Record<ShardedName, string[]> =>
  Object.fromEntries(
    SHARDED.map((name) => [
      name,
      Array.from({ length: shards - 1 }, (_, index) => urlOfShard(databases[name], index + 1)),
    ]),
  ) as Record<ShardedName, string[]>;

/** Adds a key of the system's own to those of providers. */
function paymentEventKeys(given: string | undefined, webhookSecret: string): string {
  if (given !== undefined && /(^|,)\s*stampede:/.test(given)) return given;
  const key = Buffer.from(derived(webhookSecret, 'payment events'), 'base64url').toString('base64');
  return [...(given ? [given] : []), `stampede:${key}`].join(',');
}

/** A secret of its own for each use, the same at the next start on the same data. */
const derived = (secret: string, use: string): string =>
  createHmac('sha256', secret).update(`stampede cluster: ${use}`).digest('base64url');

/** Processes of a temporary cluster on an etcd that is there must not find those of another one. */
const ownPrefix = (): string => `/stampede-cluster-${Date.now().toString(36)}/`;

/** The keys of a temporary cluster on a Redis that is there must not meet those of another one. */
const redisOfCluster = (url: string | undefined, prefix: string | undefined, isShared: boolean): Shared['redis'] =>
  url === undefined
    ? undefined
    : { url, prefix: prefix ?? (isShared ? `cluster-${Date.now().toString(36)}:` : undefined) };

/** Processes work without it, too. */
const redisOrNone = (): Promise<string | undefined> =>
  findRedis().catch((error: unknown) => {
    if (!(error instanceof NoRedis)) throw error;
    return undefined;
  });

/** @throws StartError with how to get it */
const etcdOrAdvice = (): Promise<string> =>
  findEtcd().catch((error: unknown) => {
    if (!(error instanceof NoEtcd)) throw error;
    throw new StartError(
      `There is no etcd here, in which the processes find each other: ${error.message}, or set ETCD_ENDPOINTS=host:port.`,
      { cause: error },
    );
  });

/** PostgreSQL runs as another account where this is root's, so the directory is open to all; the files in it are not. */
function temporaryDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'stampede-cluster-'));
  chmodSync(path, 0o755);
  return path;
}

/** @throws StartError for the first port that is in use */
async function assertFree({ port, instances }: Plan): Promise<void> {
  type Wanted = readonly [port: number, name: string, option: string];
  const wanted = instances.flatMap(({ name, part, httpPort, grpcPort }): readonly Wanted[] =>
    part === 'gateway'
      ? [[httpPort, name, '--gateway-port']]
      : [
          [httpPort, `the health and metrics of ${name}`, '--ops-port'],
          [grpcPort, `the gRPC of ${name}`, '--grpc-port'],
        ],
  );
  wanted.push([port, 'the load balancer', '--port']);
  for (const [port, name, option] of wanted) {
    const probe = createServer().listen(port, '127.0.0.1');
    try {
      await once(probe, 'listening');
    } catch (error) {
      throw new StartError(
        `Port ${port}, of ${name}, is in use. Stop what listens there, or choose others with ${option} (0: free ones).`,
        { cause: error },
      );
    }
    probe.close();
    await once(probe, 'close');
  }
}

interface ClusterKafka {
  readonly brokers: string;
  pid(): number | undefined;
  readonly topicPrefix: string | undefined;
  stop(): Promise<void>;
}

async function openKafka(
  env: Readonly<Record<string, string | undefined>>,
  { say }: Pick<ClusterEvents, 'say'>,
  {
    directory,
    isTemporary,
    wire,
  }: { readonly directory: string; readonly isTemporary: boolean; readonly wire: Wiring },
): Promise<ClusterKafka> {
  const given = env['KAFKA_BROKERS'];
  const prefix = env['KAFKA_TOPIC_PREFIX'] || undefined;
  // The topics of a temporary cluster on brokers that are there must not meet those of the next one.
  const own = isTemporary ? `cluster-${Date.now().toString(36)}.` : undefined;
  if (given) return { brokers: given, topicPrefix: prefix ?? own, pid: () => undefined, stop: async () => {} };
  const kafka = await startKafka({ keepIn: directory, advertise: (port) => wire(KAFKA, port) })
    .catch((error: unknown) => {
      // In Docker its data does not stay.
      if (isTemporary && error instanceof NoKafka) return startKafka();
      throw error;
    })
    .catch((error: unknown) => {
      throw error instanceof NoKafka ? new StartError(`Kafka cannot be started: ${error.message}.`) : error;
    });
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await sleep(KAFKA_LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted || (await kafka.isAlive())) continue;
      say('Kafka ended and is started again');
      await kafka.restart().catch((error: Error) => say(`Kafka does not start: ${error.message}`));
    }
  })();
  return {
    brokers: kafka.brokers,
    topicPrefix: prefix,
    pid: () => kafka.pid(),
    async stop() {
      stopping.abort();
      await watching;
      await kafka.stop();
    },
  };
}

/** Both, or neither: the one that started is stopped when the other one does not. */
async function both(
  databases: Promise<ClusterDatabases>,
  kafka: Promise<ClusterKafka>,
): Promise<readonly [ClusterDatabases, ClusterKafka]> {
  const outcomes = await Promise.allSettled([databases, kafka]);
  const [first, second] = outcomes;
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value];
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.stop();
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason;
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
