import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { signal } from '../../src/platform/processes.ts';
import { startEtcd } from '../../tools/etcd/start.ts';
import { serverProcess } from '../../tools/server-process.ts';
import { ACCOUNT, accountIds, asAccount, replicationPrograms, urlOf } from './installed-postgres.ts';
import { openTemporaryDir } from './open-temporary-dir.ts';
import { execute } from './postgres-admin.ts';
import { freezeTree, processTree } from './process-tree.ts';
import { openWire, type TcpWire } from './tcp-wire.ts';

const PROGRAM = '/usr/bin/patroni';
const ETCD = '/usr/bin/etcd';
const DATABASE = 'stampede';
const READY_MS = 120_000;
const POLL_MS = 250;

/** docs/configuration.md recommends these. */
const FAILOVER = { ttl: 20, loop_wait: 5, retry_timeout: 5, synchronous_mode: true };
const PARAMETERS = {
  max_connections: 80,
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_receiver_status_interval: '1s',
  unix_socket_directories: '',
};

/** True where Patroni can be run. Where it cannot, one line says what is left out; with REQUIRE_PATRONI=1 it throws. */
export function canRunPatroni(): boolean {
  const lacking = [PROGRAM, ETCD].filter((program) => !existsSync(program));
  if (replicationPrograms() === undefined) lacking.push('pg_basebackup');
  if (lacking.length === 0) return true;
  const reason = `no ${lacking.join(', ')} (apt-get install patroni etcd-server postgresql-15)`;
  if (process.env['REQUIRE_PATRONI'] === '1') throw new Error(`Patroni cannot be tested: ${reason}`);
  process.stderr.write(`The tests with Patroni are left out: ${reason}.\n`);
  return false;
}

/** PostgreSQL on one host, with its Patroni. */
export interface PatroniNode {
  readonly name: string;
  /** Of the postmaster. Undefined: it does not run. */
  pid(): number | undefined;
  /** Kills Patroni and every process of PostgreSQL with SIGKILL. */
  kill(): Promise<void>;
  /** Starts Patroni, again after `kill`. Resolves when it responds. */
  start(): Promise<void>;
  /** Stops all of them with SIGSTOP, and returns what lets them go on. */
  freeze(): () => void;
  /** Between its Patroni and etcd. */
  readonly etcdWire: TcpWire;
  /** By which the other node replicates from it. */
  readonly replicationWire: TcpWire;
}

/** A primary with a synchronous standby, whose roles Patroni gives out by a lock in etcd. */
export interface Patroni {
  /** Names both hosts. */
  readonly url: string;
  /** The postmaster of the primary. */
  pid(): number | undefined;
  /** The node that Patroni calls the leader. */
  leader(): Promise<PatroniNode>;
  /** Waits until another node than this one leads. */
  untilLeaderIsNot(node: PatroniNode): Promise<void>;
  /** Waits until there is a synchronous standby, or none. */
  untilStandby(isThere: boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startPatroni(): Promise<Patroni> {
  const dir = openTemporaryDir('stampede-patroni-');
  const etcd = await startEtcd();
  const nodes: Node[] = [];
  const stop = async (): Promise<void> => {
    for (const node of nodes) await node.stop();
    await etcd.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const etcdPort = Number(etcd.endpoint.split(':')[1]);
    for (const name of ['one', 'two']) {
      const node = await openNode(name, dir, etcdPort);
      nodes.push(node);
      await node.start();
      await until('a primary', async () => (await membersOf(nodes)).some(({ role }) => role === 'leader'));
    }
    const standby = (isThere: boolean) =>
      until(`${isThere ? 'a' : 'no'} synchronous standby`, async () => {
        const members = await membersOf(nodes);
        return members.length > 0 && members.some(isSynchronous) === isThere;
      });
    const leader = async (): Promise<Node> => {
      const members = await membersOf(nodes);
      const found = nodes.find(({ name }) => members.some((each) => each.name === name && each.role === 'leader'));
      if (found === undefined) throw new Error('Patroni has no leader');
      return found;
    };
    await standby(true);
    await execute(urlOf((await leader()).port, 'postgres'), `create database ${DATABASE}`);
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return {
      url: `postgres://${ACCOUNT}@${hosts}/${DATABASE}`,
      pid: () => nodes[0]?.pid(),
      leader,
      untilLeaderIsNot: ({ name }) =>
        until(`another leader than ${name}`, async () =>
          (await membersOf(nodes)).some((each) => each.role === 'leader' && each.name !== name),
        ),
      untilStandby: standby,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const untilMs = performance.now() + READY_MS; !(await isSo()); await sleep(POLL_MS)) {
      if (performance.now() < untilMs) continue;
      throw new Error(`Patroni: not ${what}:\n${nodes.map((node) => `${node.name}: ${node.printed()}`).join('\n')}`);
    }
  }
}

interface Node extends PatroniNode {
  readonly port: number;
  readonly restPort: number;
  printed(): string;
  stop(): Promise<void>;
}

async function openNode(name: string, dir: string, etcdPort: number): Promise<Node> {
  const [port, restPort] = [await freePort(), await freePort()];
  const [etcdWire, replicationWire] = [await openWire(etcdPort), await openWire(port)];
  const home = join(dir, name);
  mkdirSync(home);
  const account = await accountIds();
  if (account) chownSync(home, account.uid, account.gid);
  const file = join(home, 'patroni.json');
  const data = join(home, 'data');
  writeFileSync(file, JSON.stringify(settingsOf({ name, home, data, port, restPort, etcdWire, replicationWire })));
  const [program = '', ...args] = [...asAccount(account), PROGRAM, file];
  const server = serverProcess({
    name: `Patroni ${name}`,
    program,
    args,
    log: join(home, 'patroni.log'),
    dir: home,
    readyMs: READY_MS,
    // It responds with 503 while it is no primary.
    isReady: () =>
      fetch(`http://127.0.0.1:${restPort}`).then(
        () => true,
        () => false,
      ),
  });
  const postmaster = (): number | undefined => {
    const pidFile = join(data, 'postmaster.pid');
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : 0;
    return existsSync(`/proc/${pid}/stat`) && pid > 0 ? pid : undefined;
  };
  const roots = (): readonly number[] => [server.pid(), postmaster()].filter((pid) => pid !== undefined);
  const freeze = (): (() => void) => {
    const thaws = roots().map(freezeTree);
    return () => {
      for (const thaw of thaws) thaw();
    };
  };
  const kill = async (): Promise<void> => {
    freeze();
    for (const pid of roots().flatMap(processTree)) signal(pid, 'SIGKILL');
    await server.kill();
  };
  return {
    name,
    port,
    restPort,
    pid: postmaster,
    kill,
    freeze,
    etcdWire,
    replicationWire,
    start: server.start,
    printed: server.printed,
    async stop() {
      await kill();
      await server.stop();
      await etcdWire.close();
      await replicationWire.close();
    },
  };
}

interface Place {
  readonly name: string;
  readonly home: string;
  readonly data: string;
  readonly port: number;
  readonly restPort: number;
  readonly etcdWire: TcpWire;
  readonly replicationWire: TcpWire;
}

const settingsOf = ({ name, home, data, port, restPort, etcdWire, replicationWire }: Place): object => ({
  scope: 'stampede',
  name,
  restapi: { listen: `127.0.0.1:${restPort}`, connect_address: `127.0.0.1:${restPort}` },
  // Otherwise it would learn the address of etcd itself, and go past the wire.
  etcd3: { hosts: [`127.0.0.1:${etcdWire.port}`], use_proxies: true },
  bootstrap: {
    dcs: { ...FAILOVER, postgresql: { use_pg_rewind: true, parameters: { ...PARAMETERS, wal_log_hints: 'on' } } },
    initdb: [{ encoding: 'UTF8' }, { auth: 'trust' }],
  },
  postgresql: {
    listen: `127.0.0.1:${port}`,
    connect_address: `127.0.0.1:${replicationWire.port}`,
    data_dir: data,
    bin_dir: replicationPrograms(),
    pgpass: join(home, 'pgpass'),
    pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust'],
    authentication: { superuser: { username: ACCOUNT }, replication: { username: ACCOUNT } },
  },
});

interface Member {
  readonly name: string;
  readonly role: string;
}

const isSynchronous = ({ role }: Member): boolean => role === 'sync_standby';

/** As the first Patroni that responds and has a leader sees them. None: there is no leader. */
async function membersOf(nodes: readonly Node[]): Promise<readonly Member[]> {
  for (const { restPort } of nodes) {
    const url = `http://127.0.0.1:${restPort}/cluster`;
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (response?.ok !== true) continue;
    const { members = [] } = (await response.json()) as { members?: readonly Member[] };
    if (members.some(({ role }) => role === 'leader')) return members;
  }
  return [];
}
