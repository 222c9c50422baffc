import pg from 'pg';
import { type DatabaseTime, READ_TIME, timeIn } from './database-time.ts';
import { openHosts } from './hosts.ts';
import { closeIdle, sessionPool } from './session-pool.ts';

/** Access to PostgreSQL for the rest of the program: a pool for queries, and pools for the transactions of batchers. */
export interface Database {
  readonly url: string;
  /** For reads and rare writes. int8 comes back as bigint, timestamptz as Date. */
  readonly pool: pg.Pool;
  /**
   * For short statements that every request or the node itself depends on: keys, limits, leases, the outcome of a COMMIT whose
   * response was lost. Slow reads in `pool` do not delay them.
   */
  readonly vital: pg.Pool;
  /** For batchers: a few pipelined connections that stay open. See batch-transaction.ts. */
  readonly batchPool: pg.Pool;
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
  /** Connections for queries. Default 10. */
  readonly poolMax?: number;
  /** Connections for batchers without any of their own. Default 4. */
  readonly batchPoolMax?: number;
  readonly onError: (error: Error) => void;
  /** Default: this machine's clock, and no time travel. */
  readonly time?: Partial<DatabaseTime>;
}

/**
 * A batch names its rows, so every look-up has an index. Without these settings the planner joins a small table by a sequential scan,
 * and a batcher that started on empty tables keeps that plan until ANALYZE runs, while the tables grow by thousands of rows a second.
 * Sorting is avoided where an index has the order: with 200 to 300 transactions of points and no statistics yet, the planner read all those of a
 * user and sorted them, to find one by its key.
 * Each statement has one plan from its first execution on, so that test/plans checks the plan that runs.
 */
export const BY_INDEX =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off ' +
  '-c plan_cache_mode=force_generic_plan';

const VITAL_MAX = 4;
const QUERY_MS = 10_000;
const BATCH_STATEMENT_MS = 5_000;
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
  const hosts = openHosts(options.url);
  const pools = new Map<string, pg.Pool>();

  const { onError } = options;
  const onLost = () => {
    for (const pool of pools.values()) closeIdle(pool);
  };

  function openQueries(name: string, max: number): pg.Pool {
    const settings = {
      types,
      max,
      // A frozen node must not hold rows for ever: another node may wait for the events that it has claimed.
      idle_in_transaction_session_timeout: 5_000,
    };
    const session = { name: 'stampede', statementMs: QUERY_MS, onLost };
    const pool = sessionPool(hosts, session, settings, onError);
    pools.set(name, pool);
    return pool;
  }

  function openBatchPool(name: string, max: number): pg.Pool {
    const settings = {
      types,
      max,
      idleTimeoutMillis: 0,
      maxLifetimeSeconds: withJitter(LIFE_SECONDS),
      // A frozen node must not hold a policy's lock: PostgreSQL ends its session, and the lock with it.
      idle_in_transaction_session_timeout: 2_000,
    };
    const session = {
      name: 'stampede-lane',
      statementMs: BATCH_STATEMENT_MS,
      pipeline: true,
      options: BY_INDEX,
      onLost,
    };
    const pool = sessionPool(hosts, session, settings, onError);
    pools.set(name, pool);
    return pool;
  }

  const database: Database = {
    url: options.url,
    pool: openQueries('queries', options.poolMax ?? 10),
    vital: openQueries('vital', VITAL_MAX),
    batchPool: openBatchPool('lanes', options.batchPoolMax ?? 4),
    pools,
    time,
    readTime: async () => time.presentAt(timeIn(await database.vital.query(READ_TIME.text))),
    forBatcher: (name, concurrency) => ({
      ...database,
      batchPool: pools.get(name) ?? openBatchPool(name, concurrency),
    }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
  return database;
}
