import { createClient, createCluster, createSentinel, type RedisClientOptions } from '@redis/client';
import { withTimeout } from '../kernel/timeout.ts';
import type { RedisHost, RedisTopology } from './redis-url.ts';

const CONNECT_MS = 2_000;
/** A server that gives no sign of life for this long is away. */
const SILENCE_MS = 2_000;
/** Commands that wait for a response on one connection. */
const QUEUE_MAX = 1_000;

/** The arguments of EVAL and EVALSHA. */
export interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

/** The connections to one Redis, whatever it consists of. */
export interface RedisConnection {
  evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  eval(text: string, call: ScriptCall): Promise<unknown>;
  /** Returns whether all servers that have keys respond, or only some of a cluster. Rejects when none does. */
  ping(): Promise<'all' | 'some'>;
}

export interface ConnectOptions {
  readonly topology: RedisTopology;
  readonly hosts: readonly RedisHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Undefined: not encrypted. PEM. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } | undefined;
  /** Called with failures of connections. */
  readonly onError: (error: unknown) => void;
}

/** Connects. The promise may stay pending where a server accepts connections and does not respond; `abandon` ends it, and the connections. */
export function connect(options: ConnectOptions): { readonly connected: Promise<RedisConnection>; abandon(): void } {
  const { topology, hosts, onError } = options;
  const client: RedisClientOptions = {
    ...(options.user === undefined ? {} : { username: options.user }),
    ...(options.password === undefined ? {} : { password: options.password }),
    // What is not sent now is not sent at all: the caller goes on without Redis.
    disableOfflineQueue: true,
    commandsQueueMaxLength: QUEUE_MAX,
    // The owner of the connection makes a new one: that is one way for every kind of failure and of topology.
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false, ...(options.tls && { tls: true, ...options.tls }) },
    maintNotifications: 'disabled',
    disableClientInfo: true,
  };
  const [first] = hosts;
  if (topology.kind === 'CLUSTER') {
    const cluster = createCluster({
      // The library keeps the connection of a discovery to itself: nothing else ends one that a frozen server accepted.
      rootNodes: hosts.map((host) => ({ socket: { ...host, socketTimeout: SILENCE_MS } })),
      // A master that does not respond must not keep the others from being used.
      minimizeConnections: true,
      defaults: client as object,
    });
    cluster.on('error', onError);
    cluster.on('node-error', onError);
    return opened(cluster, () =>
      cluster.masters.map(async (master) => await (await cluster.nodeClient(master)).ping()),
    );
  }
  if (topology.kind === 'SENTINEL') {
    const sentinel = createSentinel({
      name: topology.master,
      sentinelRootNodes: [...hosts],
      nodeClientOptions: { ...client, database: options.database } as object,
      // As with a discovery: the attempt has the connection. Pings keep it from looking silent.
      sentinelClientOptions: {
        ...client,
        pingInterval: SILENCE_MS / 4,
        socket: { ...client.socket, socketTimeout: SILENCE_MS },
      } as object,
      // Commands share its connection, as they do with one server.
      reserveClient: true,
    });
    sentinel.on('error', onError);
    sentinel.on('client-error', onError);
    return opened(sentinel, () => [sentinel.ping()]);
  }
  const single = createClient({
    ...client,
    socket: { ...client.socket, ...first } as object,
    database: options.database,
  });
  single.on('error', onError);
  return opened(single, () => [single.ping()]);
}

interface Client {
  connect(): Promise<unknown>;
  evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  eval(text: string, call: ScriptCall): Promise<unknown>;
  destroy(): unknown;
}

/** `pings`: sends one to each server that has keys. */
function opened(client: Client, pings: () => readonly Promise<unknown>[]) {
  const destroy = (): void => {
    try {
      // A client that has not connected, or has ended, throws or rejects.
      Promise.resolve(client.destroy()).catch(() => {});
    } catch {}
  };
  const connection: RedisConnection = {
    evalSha: (sha, call) => client.evalSha(sha, call),
    eval: (text, call) => client.eval(text, call),
    async ping() {
      const responses = pings().map((each) =>
        withTimeout(each, SILENCE_MS, () => new Error('Redis was silent for 2 s')),
      );
      await Promise.any(responses);
      const settled = await Promise.allSettled(responses);
      return settled.every(({ status }) => status === 'fulfilled') ? 'all' : 'some';
    },
  };
  return { connected: client.connect().then(() => connection), abandon: destroy };
}
