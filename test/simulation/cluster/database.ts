import type pg from 'pg';
import type { Database } from '../../../src/platform/postgres/database.ts';
import { ConnectionLost } from '../../../src/platform/postgres/failures.ts';
import type { Owner } from '../kernel.ts';
import type { NodeTime } from '../node-time.ts';
import { type Backend, type Outcome, openBackend, type Query } from './backend.ts';
import { channel } from './network.ts';
import type { Cluster } from './world.ts';

/** As src/platform/postgres/database.ts has them. */
const BATCH = { responseTimeoutMs: 6_000, idleMs: 2_000 };
const QUERIES = { responseTimeoutMs: 11_000, idleMs: 5_000 };
type Limits = typeof BATCH;

const BREAK_MS = 400;
const CONNECT_MS = 3_000;

interface Waiting {
  readonly query: Query;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A connection of a process, as the driver's client. */
export class Connection {
  readonly connection = { stream: { cork: () => {}, uncork: () => {} } };
  readonly #cluster: Cluster;
  readonly #process: Owner;
  readonly #limits: Limits;
  readonly #onEnd: () => void;
  readonly #backend: Backend;
  readonly #server: Owner;
  readonly #there;
  readonly #back;
  #unsent: Waiting[] = [];
  #sent: (readonly Waiting[])[] = [];
  #stopWaiting = () => {};
  isOpen = true;

  constructor(cluster: Cluster, process: Owner, limits: Limits, onEnd: () => void) {
    const { kernel, postgres, network } = cluster;
    this.#cluster = cluster;
    this.#process = process;
    this.#limits = limits;
    this.#onEnd = onEnd;
    const server = postgres.server();
    this.#server = server.owner;
    this.#there = channel(network);
    this.#back = channel(network);
    this.#backend = openBackend({
      kernel,
      server,
      idleMs: limits.idleMs,
      stall: () => cluster.trouble().stall,
      // Often just then, so that the same node asks about what has not begun.
      onStall: () => {
        if (kernel.chance.happens(0.5))
          kernel.schedule(this.#process, kernel.clock() + kernel.chance.below(BREAK_MS), () => void this.break());
      },
      onClose: () => void this.#hearsOfEnd(),
    });
    postgres.connections.add(this);
  }

  query(given: string | { readonly text: string; readonly values?: readonly unknown[] }, values?: readonly unknown[]) {
    const text = typeof given === 'string' ? given : given.text;
    const query = { text, values: values ?? (typeof given === 'string' ? [] : (given.values ?? [])) };
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new ConnectionLost('the connection is closed'));
      this.#unsent.push({ query, resolve, reject });
      // What is sent within one turn is one packet.
      if (this.#unsent.length === 1) queueMicrotask(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const batch = this.#unsent;
    this.#unsent = [];
    if (!this.isOpen) return;
    this.#sent.push(batch);
    this.#waitForAnswer();
    await this.#there(this.#process, this.#server);
    // The bytes of a connection that was reset may be there already, or gone.
    if (this.#backend.isClosed() || (!this.isOpen && this.#cluster.kernel.chance.happens(0.5))) return;
    const outcomes = await this.#backend.run(batch.map(({ query }) => query));
    await this.#back(this.#server, this.#process);
    if (this.isOpen) this.#settle(batch, outcomes);
  }

  #settle(batch: readonly Waiting[], outcomes: readonly Outcome[]): void {
    this.#sent.splice(this.#sent.indexOf(batch), 1);
    this.#stopWaiting();
    if (this.#sent.length > 0) this.#waitForAnswer();
    for (const [place, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[place];
      if (outcome === undefined) reject(new ConnectionLost('the session was ended'));
      else if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    }
  }

  #waitForAnswer(): void {
    const { kernel } = this.#cluster;
    this.#stopWaiting();
    this.#stopWaiting = kernel.schedule(this.#process, kernel.clock() + this.#limits.responseTimeoutMs, () =>
      this.giveUp(new ConnectionLost(`PostgreSQL did not respond within ${this.#limits.responseTimeoutMs} ms`)),
    );
  }

  async #hearsOfEnd(): Promise<void> {
    await this.#cluster.network.carry(this.#server, this.#process);
    this.giveUp(new ConnectionLost('the session was ended'));
  }

  /** The server or the network resets the connection. */
  async break(): Promise<void> {
    await this.#cluster.kernel.turn(this.#process, '');
    this.giveUp(new ConnectionLost('the connection broke'));
  }

  giveUp(error: Error): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#stopWaiting();
    this.#cluster.postgres.connections.delete(this);
    this.#onEnd();
    for (const batch of [...this.#sent, this.#unsent]) for (const { reject } of batch) reject(error);
    void this.#closeAtServer();
  }

  /** What runs there goes on until then. */
  async #closeAtServer(): Promise<void> {
    await this.#cluster.network.carry(this.#process, this.#server);
    this.#backend.hangUp();
  }

  /** The server has not ended its session. */
  hasSession(): boolean {
    return !this.#backend.isClosed() && this.#cluster.postgres.server().owner === this.#server;
  }

  isWaiting = (): boolean => this.#sent.length > 0;
  isOf = (process: Owner): boolean => process === this.#process;
  /** Its process has ended. */
  abandon(): void {
    this.isOpen = false;
    this.#cluster.postgres.connections.delete(this);
    void this.#closeAtServer();
  }

  release = (_broken?: unknown): void => {};
  on = (): this => this;
  once = (): this => this;
}

/** A pool of the driver: connections are opened when they are needed, and used again. */
class Pool {
  readonly #cluster: Cluster;
  readonly #process: Owner;
  readonly #limits: Limits;
  readonly #idle: Connection[] = [];

  constructor(cluster: Cluster, process: Owner, limits: Limits) {
    this.#cluster = cluster;
    this.#process = process;
    this.#limits = limits;
  }

  async connect(): Promise<Connection> {
    const client = this.#idle.pop() ?? (await this.#open());
    client.release = (broken) => {
      if (broken) client.giveUp(new ConnectionLost('released as broken'));
      else if (client.isOpen) this.#idle.push(client);
    };
    return client;
  }

  async query(given: string, values?: readonly unknown[]): Promise<unknown> {
    const client = await this.connect();
    try {
      const result = await client.query(given, values);
      client.release();
      return result;
    } catch (error) {
      client.release(error instanceof Error && 'severity' in error ? undefined : error);
      throw error;
    }
  }

  async #open(): Promise<Connection> {
    const { kernel, network, postgres } = this.#cluster;
    if (postgres.isAway()) {
      await kernel.turn(this.#process, '');
      throw new ConnectionLost('the connection was refused');
    }
    const late = Promise.withResolvers<never>();
    const cancel = kernel.schedule(this.#process, kernel.clock() + CONNECT_MS, () =>
      late.reject(new ConnectionLost('no connection in time')),
    );
    const server = postgres.server().owner;
    const greeting = (async () => {
      await network.carry(this.#process, server);
      await network.carry(server, this.#process);
    })();
    await Promise.race([greeting, late.promise]);
    cancel();
    if (postgres.server().owner !== server) throw new ConnectionLost('the connection was refused');
    const client: Connection = new Connection(this.#cluster, this.#process, this.#limits, () => {
      const place = this.#idle.indexOf(client);
      if (place >= 0) this.#idle.splice(place, 1);
    });
    return client;
  }
}

/** The database as a process sees it. */
export function databaseOf(cluster: Cluster, process: Owner, time: NodeTime): Database {
  const pool = new Pool(cluster, process, QUERIES) as unknown as pg.Pool;
  const database: Database = {
    url: '',
    pool,
    vital: new Pool(cluster, process, QUERIES) as unknown as pg.Pool,
    batchPool: pool,
    recentReads: pool,
    completeReads: pool,
    replica: undefined,
    pools: new Map(),
    time: { estimate: time.estimate, presentAt: (ms) => ms, observe: time.observe },
    readTime: time.read,
    forBatcher: () => ({ ...database, batchPool: new Pool(cluster, process, BATCH) as unknown as pg.Pool }),
    close: () => Promise.resolve(),
  };
  return database;
}
