import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { ConnectionLost, isInFailedTransaction, isStaleSession, NoWritableServer } from './failures.ts';
import { HOST_MS, type Hosts, openHosts } from './hosts.ts';
import { pooled } from './pooled-statement.ts';

/** TCP keepalive: without a response to its probes the operating system ends the connection. After 5 s idle, 10 probes 1 s apart. */
const KEEPALIVE_MS = 5_000;
/** How long a statement of a pool waits for a connection, and a connection for the server. */
export const CONNECT_MS = 3_000;
/** How long the server may take to close its end of the connection. */
const END_MS = 1_000;
/** How much longer this process waits for a result than the server's statement_timeout. */
const RESPONSE_MARGIN_MS = 1_000;

/**
 * The same for the server: it ends sessions, and releases their locks, when the client's machine is gone. Warnings must reach the
 * client, because a warning is all that PostgreSQL sends for a COMMIT that no standby confirmed.
 */
const OPTIONS = [
  '-c client_min_messages=warning',
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=10',
  '-c tcp_user_timeout=15000',
].join(' ');

export interface SessionOptions {
  readonly name: string;
  /** The server's statement_timeout, in milliseconds. Undefined: no limit, for statements of unknown duration. */
  readonly statementMs?: number;
  /**
   * How long PostgreSQL may send nothing while a statement waits for it, in milliseconds. Default: a second above `statementMs`, so that
   * a slow statement ends with the server's own error; without `statementMs` there is no limit.
   */
  readonly responseTimeoutMs?: number;
  /**
   * By way of a pooler in transaction mode: no prepared statements, and no settings, which are those of the role. A statement that needs more of
   * the session is refused (pooled-statement.ts).
   */
  readonly pooled?: boolean;
  /** Sends statements without waiting for the results of earlier ones. */
  readonly pipeline?: boolean;
  /** More settings for the server's `options`. */
  readonly options?: string;
  /** Called after this session was given up. Other sessions may be broken for the same reason. */
  readonly onLost?: (error: ConnectionLost) => void;
}

interface SessionConfig extends pg.ClientConfig, Pick<SessionOptions, 'responseTimeoutMs' | 'onLost' | 'pooled'> {
  readonly hosts: Hosts;
}

/** The driver's settings of a connection, for Session and for pools of them. */
export function sessionConfig(
  hosts: Hosts,
  { name, statementMs, pipeline = false, pooled = false, options, onLost, ...limits }: SessionOptions,
): SessionConfig {
  const { responseTimeoutMs = statementMs && statementMs + RESPONSE_MARGIN_MS } = limits;
  return {
    hosts,
    connectionString: hosts.url,
    pipeline,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    pooled,
    ...(pooled ? {} : { options: options === undefined ? OPTIONS : `${OPTIONS} ${options}` }),
    ...(statementMs === undefined || pooled ? {} : { statement_timeout: statementMs }),
    ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
    ...(onLost === undefined ? {} : { onLost }),
  };
}

/**
 * A connection to the server that accepts writes. It closes itself when it can no longer be trusted: when PostgreSQL sends nothing for
 * too long, when the session is stale (see isStaleSession), and when PostgreSQL stopped waiting for a standby at COMMIT. Statements
 * that wait on it then reject with ConnectionLost, as if the connection had broken, and a pool opens another one.
 */
export class Session extends pg.Client {
  readonly #hosts: Hosts;
  readonly #onLost: SessionOptions['onLost'];
  readonly #isPooled: boolean;
  #timer: NodeJS.Timeout | undefined;
  /** Statements that were sent and have no result yet. */
  #waiting = 0;
  #answers = 0;
  /** Statements that were sent before the error of an earlier one arrived. They fail, too. */
  #behindRefused = 0;
  #isReadOnly = false;

  constructor(config: SessionConfig) {
    super(config);
    this.#hosts = config.hosts;
    this.#onLost = config.onLost;
    this.#isPooled = config.pooled ?? false;
    // After a broken or closed connection another server may accept the writes, although this host still accepts connections. The
    // error also rejects the waiting statements; without a listener it would end the process as well.
    this.on('error', () => this.#hosts.forget());
    const { responseTimeoutMs } = config;
    if (responseTimeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#onSilence(responseTimeoutMs), responseTimeoutMs).unref();
      this.once('end', () => clearTimeout(this.#timer));
    }
    this.connection
      .on('readyForQuery', () => {
        this.#answers += 1;
        if (this.#waiting > 0) this.#waiting -= 1;
        if (this.#behindRefused > 0) this.#behindRefused -= 1;
        this.#timer?.refresh();
      })
      .on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
        const isMode = ['in_hot_standby', 'default_transaction_read_only'].includes(status.parameterName);
        // A pooler reports what its first session to the server found, which may have been another server.
        if (isMode && status.parameterValue === 'on' && !this.#isPooled) this.#isReadOnly = true;
      })
      .on('errorMessage', (error: unknown) => {
        if (isInFailedTransaction(error) && this.#behindRefused > 0) return;
        this.#behindRefused = this.#waiting;
        if (!isStaleSession(error)) return;
        // After the driver has given the error to its statement.
        process.nextTick(() => this.giveUp(new ConnectionLost('the session is stale', { cause: error })));
      })
      .on('notice', ({ routine }: { routine?: string }) => {
        if (routine === 'SyncRepWaitForLSN') this.giveUp(new ConnectionLost('no standby confirmed a COMMIT'));
      });
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error | undefined) => void): void;
  override connect(callback?: (error: Error | undefined) => void): Promise<pg.Client> | undefined {
    const opening = this.#open();
    if (callback === undefined) return opening;
    opening.then(() => callback(undefined), callback);
    return undefined;
  }

  override query(...given: unknown[]): never {
    const args = this.#isPooled ? pooled(given) : given;
    if (this.#waiting === 0) this.#timer?.refresh();
    this.#waiting += 1;
    return (super.query as (...given: unknown[]) => never).apply(this, args);
  }

  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    const timer = setTimeout(() => this.#close(), END_MS).unref();
    this.once('end', () => clearTimeout(timer));
    if (callback === undefined) return super.end();
    super.end(callback);
    return undefined;
  }

  /** The server of this session is not fit: others of its hosts come first for the next session. */
  passBy(): void {
    this.#hosts.passBy(this.host, this.port);
  }

  /** Rejects the waiting statements with `error`, and closes the connection without waiting for the server. */
  giveUp(error: ConnectionLost): void {
    if (this.connection.stream.destroyed) return;
    this.connection.emit('error', error);
    this.#close();
    this.#onLost?.(error);
  }

  async #open(): Promise<pg.Client> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const chosen = await this.#hosts.choose();
      const { stream } = this.connection;
      // The pool's connection timeout passed before a host was found.
      if (stream.destroyed) throw new ConnectionLost('no host was found in time');
      if (chosen !== undefined) {
        this.host = chosen.host;
        this.port = chosen.port;
        timer = setTimeout(() => stream.destroy(new ConnectionLost(`${chosen.host} does not respond`)), HOST_MS);
      }
      await super.connect();
      if (this.#isReadOnly && this.#hosts.needsWrites) throw new NoWritableServer('the server is read-only');
      return this;
    } catch (error) {
      this.#hosts.forget();
      this.#close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes with a TCP reset, which drops bytes that were not sent yet: a statement that arrives later must not run. */
  #close(): void {
    const stream = socketOf(this);
    if (stream.destroyed) return;
    // A Unix or TLS socket cannot be reset, and one that is still connecting has nothing to drop.
    if (!stream.pending && stream.remoteAddress !== undefined && !(stream instanceof TLSSocket))
      stream.resetAndDestroy();
    else stream.destroy();
  }

  #onSilence(responseTimeoutMs: number): void {
    if (this.#waiting === 0) return; // the next statement restarts the timer
    const answers = this.#answers;
    // A process that was frozen runs its timers before it has read the responses that arrived meanwhile.
    setImmediate(() => {
      if (this.#answers === answers) {
        this.giveUp(new ConnectionLost(`PostgreSQL did not respond within ${responseTimeoutMs} ms`));
      }
    });
  }
}

/** Opens a session of its own, outside of pools. End it with `end()`. */
export async function openSession(databaseUrl: string, options: SessionOptions): Promise<pg.Client> {
  const session = new Session(sessionConfig(openHosts(databaseUrl), options));
  await session.connect();
  return session;
}

/** The socket, to cork it until the statements of a whole round trip are written. */
export const socketOf = (client: pg.ClientBase): Socket => (client as pg.Client).connection.stream as Socket;
