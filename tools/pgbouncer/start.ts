import { existsSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { findProgram, type ServerProcess, startServerProcess } from '../server-process.ts';

const READY_MS = 10_000;
/** Debian keeps it off the PATH of users. */
const INSTALLED = '/usr/sbin/pgbouncer';

/** There is no pgbouncer here. The message says how to get it. */
export class NoPooler extends Error {
  override readonly name = 'NoPooler';
}

/** @throws NoPooler */
async function findPooler(): Promise<string> {
  const found = await findProgram('pgbouncer');
  if (found !== undefined) return found;
  if (existsSync(INSTALLED)) return INSTALLED;
  throw new NoPooler('put pgbouncer on the PATH (Debian: apt-get install pgbouncer)');
}

/** A pgbouncer in transaction mode. */
export interface Pooler extends ServerProcess {
  /** The given URL by way of the pooler. */
  readonly url: string;
}

export interface PoolerOptions {
  /** Connections to PostgreSQL. Default 4. */
  readonly poolSize?: number;
}

/** Starts pgbouncer on a free port of 127.0.0.1 before the PostgreSQL of this URL. Resolves when it serves. @throws NoPooler */
export async function startPooler(databaseUrl: string, { poolSize = 4 }: PoolerOptions = {}): Promise<Pooler> {
  const program = await findPooler();
  const target = new URL(databaseUrl);
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'stampede-pgbouncer-'));
  const [settings, users, log] = ['pgbouncer.ini', 'users.txt', 'pgbouncer.log'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  const [user, password] = [target.username, target.password].map(decodeURIComponent);
  // It refuses to run as root, and changes the account itself; that account reads these files.
  await chmod(dir, 0o755);
  await writeFile(users, `"${user}" "${password}"\n`, { mode: 0o644 });
  await writeFile(settings, settingsOf({ target, port, users, poolSize }), { mode: 0o644 });
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  const server = await startServerProcess({
    name: 'pgbouncer',
    program,
    args: process.getuid?.() === 0 ? ['-u', 'postgres', settings] : [settings],
    log,
    dir,
    readyMs: READY_MS,
    isReady: () => responds(url.href),
  });
  return { ...server, url: url.href };
}

interface Place {
  readonly target: URL;
  readonly port: number;
  readonly users: string;
  readonly poolSize: number;
}

/** The settings that docs/configuration.md recommends. No startup parameter is ignored: the program must send none. */
const settingsOf = ({ target, port, users, poolSize }: Place): string => `[databases]
* = host=${target.hostname} port=${target.port || 5432}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
server_login_retry = 1
query_wait_timeout = 5
`;

async function responds(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
