import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Part } from '../../src/app/parts.ts';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { openHosts } from '../../src/platform/postgres/hosts.ts';
import { sessionPool } from '../../src/platform/postgres/session-pool.ts';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';
import { type ServerProcess, startServe } from '../support/serve.ts';
import type { System } from './system.ts';

const STARTS_MAX = 10;
export const JWT_SECRET = 'fault-tests-fault-tests-fault-tests';

/** Two server processes on one PostgreSQL, all of which the tests may kill. */
export interface Stand extends System {
  /** The current URLs of the servers. A restarted server has a new one. */
  readonly nodes: readonly [Node, Node];
  /** The postmaster; it is started again on the same port when it dies. */
  postgresPid(): number;
  stop(): Promise<void>;
}

export interface Node {
  url(): string;
  pid(): number;
  /** kill -9, and a new start on the same directory. */
  killAndRestart(): Promise<void>;
}

/** Settings of each node, in addition to the common ones. */
export type Environments = readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];

const SHOP = { STAMPEDE_RATE_LIMIT: 'off', STAMPEDE_SANDBOX: 'on', PAYMENT_PROVIDER: 'sandbox' };
/** The payment provider of one node reports twice, that of the other one late. */
export const CHECKOUT_STAND: Environments = [
  { ...SHOP, STAMPEDE_SANDBOX_PAYMENTS: 'twice' },
  { ...SHOP, STAMPEDE_SANDBOX_PAYMENTS: 'delay:1' },
];

/** The database of the servers. */
export interface StandPostgres {
  /** May name several hosts. */
  readonly url: string;
  /** The pid of the postmaster, while it runs. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** PostgreSQL keeps its promises here: fsync and synchronous_commit are on. */
const embedded = (dir: string): Promise<StandPostgres> =>
  startEmbedded({
    dataDir: dir,
    passwords: {
      superuser: 'superuser-of-the-tests',
      application: 'application-of-the-tests',
      program: 'application-of-the-tests',
    },
    onEvent: () => {},
    onFatal: (error) => process.stderr.write(`${error.message}\n`),
  });

/** Two servers on the embedded PostgreSQL, unless another one is given. */
export async function openStand(environments: Environments = [{}, {}], given?: StandPostgres): Promise<Stand> {
  const dir = openTemporaryDir('stampede-faults-');
  const postgres = given ?? (await embedded(dir));
  const pool = sessionPool(openHosts(postgres.url), { name: 'stand' }, { max: 2 }, () => {});
  const opened: { server: ServerProcess }[] = [];
  const start = (name: string, more: Environments[number]) => {
    const env = { DATABASE_URL: postgres.url, JWT_SECRET, LOG_LEVEL: 'error', ...more };
    return startServe({ dataDir: join(dir, name), env });
  };

  async function node(name: string, more: Environments[number]): Promise<Node> {
    const held = { server: await start(name, more) };
    opened.push(held);
    return {
      url: () => held.server.url,
      pid: () => held.server.pid,
      async killAndRestart() {
        await held.server.end('SIGKILL');
        held.server = await startUntilItDoes(() => start(name, more));
      },
    };
  }

  const stop = async () => {
    for (const { server } of opened) await server.end('SIGKILL');
    await pool.end();
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const nodes = [await node('a', environments[0]), await node('b', environments[1])] as const;
    return {
      nodes,
      urls: () => nodes.map((each) => each.url()),
      auditEnv: { DATABASE_URL: postgres.url },
      postgresPid() {
        const pid = postgres.pid();
        if (pid === undefined) throw new Error('PostgreSQL is not running');
        return pid;
      },
      async query<Row extends pg.QueryResultRow>(_: Part, text: string, values: readonly unknown[] = []) {
        const query = () => pool.query<Row>(text, [...values]);
        // Its session may be on a former primary.
        return (await query().catch(query)).rows;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A start without PostgreSQL ends with one clear line, and a supervisor starts the server again. */
async function startUntilItDoes(start: () => Promise<ServerProcess>): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === STARTS_MAX) throw error;
      await sleep(500);
    }
  }
}
