import pg from 'pg';
import { queryPoolSizes } from './connections.ts';
import { type DatabaseTime, READ_TIME, timeIn } from './database-time.ts';
import { type Hosts, openHosts } from './hosts.ts';
import type { Reader } from './reader.ts';
import { openReplica, type Replica } from './replica.ts';
import type { SessionOptions } from './session.ts';
import { closeIdle, endPool, type PoolSettings, sessionPool } from './session-pool.ts';

/** Access to PostgreSQL for the rest of the program: a pool for queries, and pools for the transactions of batchers. */
export interface Database {
  readonly url: string;
  /** For reads and rare writes; by way of the pooler where there is one. int8 comes back as bigint, timestamptz as Date. */
  readonly pool: pg.Pool;
  /**
   * For short statements that every request or the node itself depends on: keys, limits, leases, the outcome of a COMMIT whose
   * response was lost. Slow reads in `pool` do not delay them.
   */
  readonly vital: pg.Pool;
  /** For batchers: a few pipelined connections that stay open. See batch-transaction.ts. */
  readonly batchPool: pg.Pool;
  /** For lists and figures that may be up to 5 s old: on the replica while it is fresh, else in `pool`. */
  readonly recentReads: Reader;
  /** For exports: what was committed before is in them. On the replica when it has that within a second, else in `pool`. */
  readonly completeReads: Reader;
  /** Undefined: there is none. */
  readonly replica: Replica | undefined;
  readonly time: DatabaseTime;
  /** Reads the database's clock. Returns the time that contexts decide by, in ms. */
  readTime(): Promise<number>;
  /** Every pool by its name in the metrics, including those of batchers. */
  readonly pools: ReadonlyMap<string, pg.Pool>;
  /**
   * The same database, with a `batchPool` that only this batcher uses. A batcher of `concurrency` round trips never waits for a
   * connection then, whatever locks the others wait for (ADR 28). `name` is the batcher's; a second call returns the same pool.
   */
  forBatcher(name: string, concurrency: number): Database;
  close(): Promise<void>;
}

const INT8_OID = 20;
const parsers = new Map<number, (text: string) => unknown>([[INT8_OID, BigInt]]);
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

export interface DatabaseOptions {
  readonly url: string;
  /** The same database by way of a pooler in transaction mode, for `pool`. Absent: `pool` connects directly, as everything else does. */
  readonly poolerUrl?: string | undefined;
  /** A read replica of it, or several hosts of them. Absent: there is none. */
  readonly replicaUrl?: string | undefined;
  /** Called when the replica begins or ceases to be used. */
  readonly onReplica?: (isUsed: boolean, cause: Error | undefined) => void;
  /** Connections for queries. Default 10. */
  readonly poolMax?: number;
  /** Processes that share the work of a node. Each gets its part of the connections for queries. Default 1. */
  readonly processes?: number;
  /** Connections for batchers without any of their own. Default 4. */
  readonly batchPoolMax?: number;
  readonly onError: (error: Error) => void;
  /** Default: this machine's clock, and no time travel. */
  readonly time?: Partial<DatabaseTime>;
}

/**
 * A batch names its rows, so every look-up has an index. Without these settings the planner joins a small table by a sequential scan,
 * and a batcher that planned on empty tables keeps that plan for up to a second (ADR 112), while the tables grow by thousands of rows.
 * Sorting is avoided where an index has the order: with 200 to 300 transactions of points and no statistics yet, the planner read all those of a
 * user and sorted them, to find one by its key.
 * The plan of a statement does not depend on its values, so that test/plans checks the plan that runs.
 */
export const BY_INDEX =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off ' +
  '-c plan_cache_mode=force_generic_plan';

const QUERY_MS = 10_000;
const BATCH_STATEMENT_MS = 5_000;
/** Shorter than for the primary, which repeats the statement within the limit of its caller. */
const REPLICA_MS = 4_000;
const PROBE_MS = 1_000;
/** For the check of each second. One, so that what it shows is of one server. */
const PROBES_MAX = 1;
/** For a replica that was promoted, or is the primary by mistake. */
const READ_ONLY = '-c default_transaction_read_only=on';
/** A batcher's connection is replaced after this time, between two batches, which limits the age of its memory and cached plans. */
const LIFE_SECONDS = 600;

/** Between 0.8 and 1.2 times `seconds`, so that pools that were opened together do not reconnect together. */
const withJitter = (seconds: number): number => Math.round(seconds * (0.8 + 0.4 * Math.random()));

/**
 * Opens the pools. They connect lazily, to the host of `url` that accepts writes. `onError` gets the errors of connections that broke
 * while idle, and of connections that were given up. When one is given up, the idle connections of all pools are closed: they lead to
 * the same server, and the next callers must not find out about each of them one by one.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const time: DatabaseTime = {
    estimate: Date.now,
    presentAt: (databaseMs) => databaseMs,
    observe: () => {},
    ...options.time,
  };
  const pools = new Map<string, pg.Pool>();
  const { processes = 1 } = options;
  let isClosing = false;
  // A pool ends before its sessions do; a PostgreSQL that stops at once may end them first, which is no failure.
  const onError = (error: Error): void => {
    if (!isClosing) options.onError(error);
  };
  const openPool = poolsOf(openHosts(options.url), pools, onError);

  const openQueries = (name: string, max: number): pg.Pool =>
    // A frozen node must not hold rows for ever: another node may wait for the events that it has claimed.
    openPool(name, { name: 'stampede', statementMs: QUERY_MS }, { max, idle_in_transaction_session_timeout: 5_000 });

  const openBatchPool = (name: string, max: number): pg.Pool =>
    openPool(
      name,
      { name: 'stampede-lane', statementMs: BATCH_STATEMENT_MS, pipeline: true, options: BY_INDEX },
      {
        max,
        idleTimeoutMillis: 0,
        maxLifetimeSeconds: withJitter(LIFE_SECONDS),
        // A frozen node must not hold a policy's lock: PostgreSQL ends its session, and the lock with it.
        idle_in_transaction_session_timeout: 2_000,
      },
    );

  const sizes = queryPoolSizes(processes);
  const max = options.poolMax ?? sizes.queries;
  const pool = options.poolerUrl === undefined ? openQueries('queries', max) : openPooled(options.poolerUrl);
  const vital = openQueries('vital', sizes.vital);
  const replica = options.replicaUrl === undefined ? undefined : replicaOf(options.replicaUrl);

  function openPooled(url: string): pg.Pool {
    const session = { name: 'stampede', pooled: true, statementMs: QUERY_MS };
    return poolsOf(openHosts(url), pools, onError)('queries', session, { max });
  }

  function replicaOf(url: string): Replica {
    const open = poolsOf(openHosts(url, 'STANDBY'), pools, onError);
    const session = { name: 'stampede-read', options: READ_ONLY };
    return openReplica({
      primary: pool,
      vital,
      replica: open('replica', { ...session, statementMs: REPLICA_MS }, { max }),
      probe: open('replica-probe', { ...session, statementMs: PROBE_MS }, { max: PROBES_MAX }),
      onChange: options.onReplica ?? (() => {}),
    });
  }

  const database: Database = {
    url: options.url,
    pool,
    vital,
    batchPool: openBatchPool('lanes', options.batchPoolMax ?? 4),
    recentReads: replica?.recent ?? pool,
    completeReads: replica?.complete ?? pool,
    replica,
    pools,
    time,
    readTime: async () => time.presentAt(timeIn(await vital.query(READ_TIME.text))),
    forBatcher: (name, concurrency) => ({
      ...database,
      batchPool: pools.get(name) ?? openBatchPool(name, concurrency),
    }),
    async close() {
      isClosing = true;
      await replica?.stop();
      await Promise.all([...pools.values()].map(endPool));
    },
  };
  return database;
}

type OpenPool = (
  name: string,
  session: Omit<SessionOptions, 'onLost'>,
  settings: Omit<PoolSettings, 'types'>,
) => pg.Pool;

/** Opens pools to one server and adds them to `pools`. When one loses a session, the idle ones of all of them are closed. */
function poolsOf(hosts: Hosts, pools: Map<string, pg.Pool>, onError: DatabaseOptions['onError']): OpenPool {
  const own: pg.Pool[] = [];
  const onLost = (): void => own.forEach(closeIdle);
  return (name, session, settings) => {
    const pool = sessionPool(hosts, { ...session, onLost }, { types, ...settings }, onError);
    own.push(pool);
    pools.set(name, pool);
    return pool;
  };
}
