import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { findProgram, type ServerProcess, startServerProcess } from '../server-process.ts';

const run = promisify(execFile);
/** A limit for a machine that is busy with other tests, too. */
const READY_MS = 120_000;

/** There is no Redis here. The message says how to get it. */
export class NoRedis extends Error {
  override readonly name = 'NoRedis';
}

/** @throws NoRedis when there is none on the PATH */
export async function findRedis(): Promise<string> {
  const found = await findProgram('redis-server');
  if (found !== undefined) return found;
  throw new NoRedis('put redis-server on the PATH (Debian: apt-get install redis-server)');
}

/** Paths of PEM files with which the server encrypts, and the authority of its clients. */
export interface RedisTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** The command line of a server without data on disk, on 127.0.0.1. */
export const redisArguments = (port: number, dataDir: string): readonly string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDir, '--save', '', '--appendonly', 'no'],
];

/** One process of Redis on a free port of 127.0.0.1: a server, or a sentinel. After `kill` it starts with the data of the last SAVE. */
export interface RedisServer extends ServerProcess {
  readonly port: number;
  /** Without TLS and login: redis://127.0.0.1:PORT. */
  readonly url: string;
  /** Runs redis-cli on it, and returns what it prints. */
  cli(...args: readonly string[]): Promise<string>;
}

export interface RedisOptions {
  readonly tls?: RedisTls;
  /** Further arguments of redis-server. */
  readonly args?: readonly string[];
  /** Arguments of redis-cli, for a login. */
  readonly cliArgs?: readonly string[];
  /** Makes it a sentinel with this configuration. */
  readonly sentinel?: string;
}

const START_ATTEMPTS = 4;

/** Starts Redis. Resolves when it serves. @throws NoRedis */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePort(options);
    } catch (error) {
      // Another process has taken the port meanwhile, or the port of the cluster, which is 10,000 above it.
      if (attempt === START_ATTEMPTS || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startOnFreePort({ tls, args = [], cliArgs = [], sentinel }: RedisOptions): Promise<RedisServer> {
  const program = await findRedis();
  const dir = await mkdtemp(join(tmpdir(), 'stampede-redis-'));
  const port = await freePort();
  const log = join(dir, 'redis.log');
  const encrypted =
    tls === undefined
      ? []
      : [
          '--port',
          '0',
          '--tls-port',
          String(port),
          '--tls-cert-file',
          tls.cert,
          '--tls-key-file',
          tls.key,
          '--tls-ca-cert-file',
          tls.ca,
        ];
  const cliTls = tls === undefined ? [] : ['--tls', '--cert', tls.cert, '--key', tls.key, '--cacert', tls.ca];
  const data = join(dir, 'data');
  await mkdir(data);
  let command = [...redisArguments(port, data), ...encrypted, ...args];
  if (sentinel !== undefined) {
    const file = join(dir, 'sentinel.conf');
    writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${data}\n${sentinel}\n`);
    command = [file, '--sentinel'];
  }
  const cli = async (...words: readonly string[]): Promise<string> =>
    (await run('redis-cli', ['-p', String(port), ...cliTls, '--no-auth-warning', ...cliArgs, ...words])).stdout.trim();
  const isReady = async (): Promise<boolean> => (await cli('ping').catch(() => '')) === 'PONG';
  const server = await startServerProcess({
    name: 'Redis',
    program,
    args: command,
    log,
    dir,
    readyMs: READY_MS,
    isReady,
  });
  return {
    ...server,
    port,
    url: `redis://127.0.0.1:${port}`,
    cli,
  };
}

const CREATE_MS = 12_000;
const CREATE_ATTEMPTS = 4;

/** Several processes of Redis that belong together. */
export interface RedisGroup {
  /** REDIS_URL. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

/** A cluster of three masters without replicas, which serves the keys of the others while one is away. `more`: arguments of each. */
export async function startRedisCluster(more: readonly string[] = []): Promise<RedisGroup> {
  const coverage = ['--cluster-require-full-coverage', 'no'];
  const args = ['--cluster-enabled', 'yes', ...coverage, '--cluster-node-timeout', '2000', ...more];
  const servers = [await startRedis({ args }), await startRedis({ args }), await startRedis({ args })];
  const hosts = servers.map(({ port }) => `127.0.0.1:${port}`);
  await createCluster(hosts, servers);
  const untilMs = performance.now() + READY_MS;
  for (const { cli } of servers) {
    while (!(await cli('cluster', 'info')).includes('cluster_state:ok')) {
      if (performance.now() > untilMs) throw new Error('the cluster of Redis is not complete');
      await sleep(50);
    }
  }
  return group(`redis+cluster://${hosts.join(',')}`, servers);
}

/** Servers that do not meet within the node timeout forget each other, and redis-cli then waits without end: so it begins again. */
async function createCluster(hosts: readonly string[], servers: readonly RedisServer[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run('redis-cli', ['--cluster', 'create', ...hosts, '--cluster-yes'], { timeout: CREATE_MS });
      return;
    } catch (error) {
      if (attempt === CREATE_ATTEMPTS) throw error;
      for (const { cli } of servers) await cli('cluster', 'reset', 'hard');
    }
  }
}

const MASTER = 'stampede';

export interface SentinelOptions {
  /** Arguments of the master and the replica. */
  readonly args?: readonly string[];
  /** Lines of the configuration of the sentinel. */
  readonly lines?: readonly string[];
}

/** A master, a replica, and a sentinel that decides alone after a second. The servers are in this order. */
export async function startRedisSentinel({ args = [], lines = [] }: SentinelOptions = {}): Promise<RedisGroup> {
  const master = await startRedis({ args });
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port), ...args] });
  const sentinel = await startRedis({
    sentinel: [
      `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${MASTER} 1000`,
      `sentinel failover-timeout ${MASTER} 3000`,
      ...lines,
    ].join('\n'),
  });
  const untilMs = performance.now() + READY_MS;
  while (!(await sentinel.cli('sentinel', 'replicas', MASTER)).includes(String(replica.port))) {
    if (performance.now() > untilMs) throw new Error('the sentinel does not find the replica');
    await sleep(50);
  }
  return group(`redis+sentinel://127.0.0.1:${sentinel.port}/${MASTER}`, [master, replica, sentinel]);
}

const group = (url: string, servers: readonly RedisServer[]): RedisGroup => ({
  url,
  servers,
  async stop() {
    for (const server of servers) await server.stop();
  },
});
