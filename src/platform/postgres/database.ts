import pg from 'pg';
import { type DatabaseTime, READ_TIME, timeIn } from './database-time.ts';

/** What the rest of the program needs of PostgreSQL: a pool for queries, and group transactions for lanes. */
export interface Database {
  readonly url: string;
  /** For reads and rare writes. int8 comes back as bigint, timestamptz as Date. */
  readonly pool: pg.Pool;
  /**
   * For short statements that requests and the node itself cannot do without: keys, limits, leases, the outcome of a COMMIT
   * whose answer was lost. Slow reads in `pool` do not delay them.
   */
  readonly vital: pg.Pool;
  /** For lanes: pipelined connections, few, kept open. See group-transaction.ts. */
  readonly lanes: pg.Pool;
  readonly time: DatabaseTime;
  /** Reads the database's clock. Resolves with the moment that contexts decide by, in ms. */
  readTime(): Promise<number>;
  /** Every pool by its name in the metrics, those of batchers included. */
  readonly pools: ReadonlyMap<string, pg.Pool>;
  /**
   * The same database, with `lanes` that only this batcher uses. A batcher of `concurrency` round trips never waits for a
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
  /** Connections for lanes without any of their own. Default 4. */
  readonly lanesMax?: number;
  readonly onError: (error: Error) => void;
  /** Default: this machine's clock, and no time travel. */
  readonly time?: Partial<DatabaseTime>;
}

/**
 * A group names its rows, so that every look-up has an index. Without this the planner joins a small table by reading all of it,
 * and a lane that began on empty tables keeps that plan, while they grow by thousands a second, until somebody analyzes them.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

const VITAL_MAX = 4;

/** Opens pools; connects lazily. `onError` hears of connections that broke while idle. */
export function openDatabase(options: DatabaseOptions): Database {
  const time: DatabaseTime = {
    estimate: Date.now,
    presentAt: (databaseMs) => databaseMs,
    observe: () => {},
    ...options.time,
  };
  const shared = { connectionString: options.url, types, connectionTimeoutMillis: 3_000, keepAlive: true };
  const pools = new Map<string, pg.Pool>();

  function open(name: string, config: pg.PoolConfig): pg.Pool {
    const pool = new pg.Pool({ ...shared, ...config });
    pool.on('error', options.onError);
    // The pool listens on idle connections only. One that breaks while it is in use fails its queries, and without a
    // listener it would end the process as well.
    pool.on('connect', (client) => client.on('error', () => {}));
    pools.set(name, pool);
    return pool;
  }

  const openQueries = (name: string, max: number) =>
    open(name, {
      max,
      statement_timeout: 10_000,
      // A frozen node must not hold rows for ever: another one may wait for the events that it has claimed.
      idle_in_transaction_session_timeout: 5_000,
      application_name: 'stampede',
    });

  const openLanes = (name: string, max: number) =>
    open(name, {
      max,
      idleTimeoutMillis: 0,
      pipeline: true,
      application_name: 'stampede-lane',
      options: BY_INDEX,
      // A frozen node must not hold a policy's lock: PostgreSQL ends its session, and the lock with it.
      idle_in_transaction_session_timeout: 2_000,
      statement_timeout: 5_000,
    } as pg.PoolConfig);

  const database: Database = {
    url: options.url,
    pool: openQueries('queries', options.poolMax ?? 10),
    vital: openQueries('vital', VITAL_MAX),
    lanes: openLanes('lanes', options.lanesMax ?? 4),
    pools,
    time,
    readTime: async () => time.presentAt(timeIn(await database.vital.query(READ_TIME.text))),
    forBatcher: (name, concurrency) => ({ ...database, lanes: pools.get(name) ?? openLanes(name, concurrency) }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
  return database;
}
