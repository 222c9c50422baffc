import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { listProcesses, signal } from '../../src/platform/processes.ts';
import { openTemporaryDir } from './open-temporary-dir.ts';
import { execute } from './postgres-admin.ts';

const run = promisify(execFile);
const INSTALLED = '/usr/lib/postgresql';
const ACCOUNT = 'postgres';
const DATABASE = 'stampede';
const WAIT_MS = 30_000;

/** A primary with a synchronous standby: what it acknowledges is on both. */
export interface ReplicatedPostgres {
  /** Names both hosts. */
  readonly url: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Stops all processes of the standby (SIGSTOP), and lets them go on. */
  freezeStandby(): void;
  thawStandby(): void;
  /** Kills every process of the primary, and its files are removed. */
  destroyPrimary(): Promise<void>;
  /** Makes the standby the primary. It has no standby then. */
  promote(): Promise<void>;
  /** Of the standby, which survives. */
  pid(): number;
  stop(): Promise<void>;
}

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

export async function replicatedPostgres(): Promise<ReplicatedPostgres> {
  const bin = replicationPrograms();
  if (bin === undefined) throw new Error('no PostgreSQL with pg_basebackup');
  const dir = openTemporaryDir('stampede-replicated-');
  const account = await accountIds();
  if (account) chownSync(dir, account.uid, account.gid);
  const program = (name: string, ...args: string[]) => run(join(bin, name), args, { cwd: dir, ...account });
  const [primaryPort, standbyPort] = [await freePort(), await freePort()];
  const servers: Server[] = [];
  const start = async (name: string, port: number) => {
    const server = await startServer(bin, join(dir, name), name, port, account);
    servers.push(server);
    return server;
  };
  const stop = async () => {
    for (const server of servers) await server.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await program('initdb', '-D', join(dir, 'primary'), '-U', ACCOUNT, '-A', 'trust', '-E', 'UTF8', '--no-sync');
    const primary = await start('primary', primaryPort);
    await execute(urlOf(primaryPort, 'postgres'), `create database ${DATABASE}`);
    const source = `host=127.0.0.1 port=${primaryPort} user=${ACCOUNT}`;
    await program('pg_basebackup', '-D', join(dir, 'standby'), '-d', source, '-R', '-c', 'fast', '--no-sync');
    const standby = await start('standby', standbyPort);
    const primaryUrl = urlOf(primaryPort, DATABASE);
    await execute(primaryUrl, `alter system set synchronous_standby_names = '*'`);
    await execute(primaryUrl, 'select pg_reload_conf()');
    await untilSynchronous(primaryUrl);
    return {
      url: `postgres://${ACCOUNT}@127.0.0.1:${primaryPort},127.0.0.1:${standbyPort}/${DATABASE}`,
      primaryUrl,
      standbyUrl: urlOf(standbyPort, DATABASE),
      freezeStandby: () => standby.signal('SIGSTOP'),
      thawStandby: () => standby.signal('SIGCONT'),
      async destroyPrimary() {
        await primary.kill();
        rmSync(join(dir, 'primary'), { recursive: true, force: true });
      },
      promote: () => execute(urlOf(standbyPort, DATABASE), 'select pg_promote(true, 30)'),
      pid: () => standby.pid,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const urlOf = (port: number, database: string): string => `postgres://${ACCOUNT}@127.0.0.1:${port}/${database}`;

interface Server {
  readonly pid: number;
  /** To each of its processes. */
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}
type Account = { readonly uid: number; readonly gid: number } | undefined;

/** PostgreSQL refuses to run as root. */
async function accountIds(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, ACCOUNT])).stdout)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

async function startServer(bin: string, dir: string, name: string, port: number, account: Account): Promise<Server> {
  const title = `${name}-${port}`;
  const settings = {
    port,
    cluster_name: title, // stands in the command line of each of its processes
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 60,
    wal_receiver_status_interval: '1s',
  };
  const args = Object.entries(settings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', dir, ...args], { stdio: ['ignore', 'ignore', 'pipe'], ...account });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4_000);
  });
  try {
    await untilReady(child, urlOf(port, 'postgres'));
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

async function untilSynchronous(url: string): Promise<void> {
  const check = `do $$ begin
    if not exists (select from pg_stat_replication where sync_state = 'sync') then raise 'no synchronous standby'; end if;
  end $$`;
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      return await execute(url, check);
    } catch (error) {
      if (waitedMs > WAIT_MS) throw error;
      await sleep(50);
    }
  }
}
