import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { listProcesses, signal } from '../../src/platform/processes.ts';
import { openTemporaryDir } from './open-temporary-dir.ts';
import { execute } from './postgres-admin.ts';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';
const LOOPBACK = '127.0.0.1';
const WAIT_MS = 30_000;
/** The superuser, and the account that runs the servers when the tests are run by root. */
export const ACCOUNT = 'postgres';

/** The directory of PostgreSQL's programs; undefined where there is none with `pg_basebackup`. */
export function replicationPrograms(): string | undefined {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED) : [];
  const newestFirst = versions.map(Number).sort((a, b) => b - a);
  const found = newestFirst.map((version) => join(INSTALLED, String(version), 'bin'));
  return found.find((bin) => existsSync(join(bin, 'pg_basebackup')));
}

/**
 * True where a failover can be tested. Where it cannot, one line says what is left out; with REQUIRE_FAILOVER=1 it throws.
 */
export function canFailOver(): boolean {
  if (replicationPrograms() !== undefined) return true;
  const reason = `no pg_basebackup under ${INSTALLED} (apt-get install postgresql-15)`;
  if (process.env['REQUIRE_FAILOVER'] === '1') throw new Error(`failover cannot be tested: ${reason}`);
  process.stderr.write(`The tests of a failover are left out: ${reason}.\n`);
  return false;
}

export const urlOf = (port: number, database: string, host = LOOPBACK): string =>
  `postgres://${ACCOUNT}@${host}:${port}/${database}`;

export interface PostgresServer {
  readonly pid: number;
  /** To each of its processes. */
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}

/** PostgreSQL of the operating system's packages, in a temporary directory of its own. */
export interface InstalledPostgres {
  readonly dir: string;
  /** Runs one of its programs in the directory. */
  program(name: string, ...args: readonly string[]): Promise<unknown>;
  /** Starts a server on the data directory `<dir>/<name>`. */
  start(name: string, options: StartOptions): Promise<PostgresServer>;
}

export interface StartOptions {
  readonly port: number;
  /** The address that it listens on. Default 127.0.0.1. */
  readonly host?: string;
  /** A command that runs the one behind it, for example in a network namespace. */
  readonly prefix?: readonly string[];
}

export async function installedPostgres(): Promise<InstalledPostgres> {
  const bin = replicationPrograms();
  if (bin === undefined) throw new Error('no PostgreSQL with pg_basebackup');
  const dir = openTemporaryDir('stampede-installed-');
  const account = await accountIds();
  if (account) chownSync(dir, account.uid, account.gid);
  return {
    dir,
    program: (name, ...args) => run(join(bin, name), args, { cwd: dir, ...account }),
    start: (name, options) => startServer(bin, join(dir, name), name, options, account),
  };
}

type Account = { readonly uid: number; readonly gid: number } | undefined;

/** What puts a command into that account. A command that changes the network needs root, and stands before it. */
export const asAccount = (account: Account): readonly string[] =>
  account ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : [];

/** Of the account that runs PostgreSQL, which refuses to run as root. Undefined: the present one. */
export async function accountIds(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, ACCOUNT])).stdout)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

async function startServer(
  bin: string,
  dir: string,
  name: string,
  { port, host = LOOPBACK, prefix = [] }: StartOptions,
  account: Account,
): Promise<PostgresServer> {
  const title = `${name}-${port}`;
  const settings = {
    port,
    cluster_name: title, // stands in the command line of each of its processes
    listen_addresses: host,
    unix_socket_directories: '',
    max_connections: 60,
    wal_receiver_status_interval: '1s',
  };
  const args = Object.entries(settings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
  const [command = '', ...rest] = [...prefix, ...asAccount(account), join(bin, 'postgres'), '-D', dir, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4_000);
  });
  try {
    await untilReady(child, urlOf(port, 'postgres', host));
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`PostgreSQL did not start:\n${output}`, { cause: error });
  }
  const signalAll = (signalName: NodeJS.Signals) => {
    for (const { pid, command } of listProcesses()) {
      if (command.startsWith(`postgres: ${title}:`)) signal(pid, signalName);
    }
    child.kill(signalName);
  };
  return { pid: child.pid ?? 0, signal: signalAll, kill: () => killAll(child, signalAll) };
}

/** The first process is stopped before, so that it starts no further one meanwhile. */
async function killAll(child: ChildProcess, signalAll: (name: NodeJS.Signals) => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGSTOP');
  signalAll('SIGKILL');
  await ended;
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      return await execute(url, 'select 1');
    } catch (error) {
      if (child.exitCode !== null || waitedMs > WAIT_MS) throw error;
      await sleep(50);
    }
  }
}
