import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import type { Part } from '../../../src/app/parts.ts';
import { readOptions } from '../../../tools/cluster/options.ts';
import { DIRECT, type Wiring } from '../../../tools/cluster/plan.ts';
import { type Cluster, startCluster } from '../../../tools/cluster/start.ts';
import { openWire, type TcpWire, type WireState } from '../../support/tcp-wire.ts';
import type { Data } from '../checkout-faults.ts';
import { JWT_SECRET } from '../stand.ts';
import type { System } from '../system.ts';
import { CLOCKED_PROGRAMS, CLUSTER_PARTS, type ClusterPart } from './parts.ts';

/** `wired`: with a proxy before every part. `small disks`: with data on small file systems of their own. `clocks`: with clocks that can be set. */
export const SESSION_KINDS = ['plain', 'wired', 'small disks', 'clocks'] as const;
export type SessionKind = (typeof SESSION_KINDS)[number];

/** A running cluster that the cells of one kind use in turn. */
export interface Session extends System {
  readonly cluster: Cluster;
  /** The customers of the checkouts of all cells so far, with the last response of each. */
  readonly customers: { count: number; readonly data: Data[]; readonly wrong: string[] };
  setWire(name: string, state: WireState): void;
  setClock(part: ClusterPart, offsetMs: number): void;
  /** The last lines that the processes printed. */
  printed(): string;
  stop(): Promise<void>;
}

const SETTINGS = {
  JWT_SECRET,
  STAMPEDE_SANDBOX: 'on',
  STAMPEDE_RATE_LIMIT: 'off',
  PAYMENT_PROVIDER: 'sandbox',
  LOG_LEVEL: 'warn',
};
const DISK_MB = 700;
const PRINTED_LINES = 500;
const CLOCKS = pathToFileURL(join(import.meta.dirname, 'wrong-clock-process.ts')).href;
const CLOCK_LIBRARY = join(import.meta.dirname, 'wrong-clock.c');

export async function openSession(kind: SessionKind, say: (text: string) => void): Promise<Session> {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-faults-'));
  chmodSync(directory, 0o755);
  const dataDir = join(directory, 'data');
  const clocks = join(directory, 'clocks');
  for (const each of [dataDir, clocks]) mkdirSync(each);
  const wires = new Map<string, TcpWire>();
  const mounts: string[] = [];
  const printed: string[] = [];
  const pools = new Map<Part, pg.Pool>();
  let cluster: Cluster | undefined;
  const wire: Wiring = async (name, port) => {
    const opened = await openWire(port);
    wires.set(name, opened);
    return opened.port;
  };
  let stopped: Promise<void> | undefined;
  /** Called by a signal and by the end of the run. */
  const stop = (): Promise<void> => {
    stopped ??= end();
    return stopped;
  };
  const end = async (): Promise<void> => {
    delete process.env['LD_PRELOAD'];
    await Promise.all([...pools.values()].map((pool) => pool.end()));
    await cluster?.stop();
    await Promise.all([...wires.values()].map((each) => each.close()));
    for (const mount of mounts) execFileSync('umount', [mount]);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    if (kind === 'small disks') {
      for (const { disk } of CLUSTER_PARTS) if (disk !== undefined) mounts.push(smallDisk(join(dataDir, disk)));
    }
    const options = readOptions(['--data', dataDir, '--port=0', '--gateway-port=0', '--ops-port=0', '--grpc-port=0']);
    if (options === undefined) throw new Error('no options');
    // PostgreSQL and Kafka get the environment of this process.
    if (kind === 'clocks') process.env['LD_PRELOAD'] = clockLibrary(directory, clocks);
    const { PATH, LD_PRELOAD } = process.env;
    const env = {
      ...SETTINGS,
      PATH,
      ...(kind === 'clocks' ? { LD_PRELOAD, NODE_OPTIONS: `--import=${CLOCKS}`, FAULT_CLOCKS: clocks } : {}),
    };
    const events = {
      say,
      onLine(name: string, line: string) {
        printed.push(`${new Date().toISOString()} ${name} | ${line}\n`);
        if (printed.length > PRINTED_LINES) printed.shift();
      },
      signal: new AbortController().signal,
    };
    const started = await startCluster(options, env, events, kind === 'wired' ? wire : DIRECT);
    cluster = started;
    return {
      cluster: started,
      customers: { count: 0, data: [], wrong: [] },
      urls: () => [started.url],
      async query<Row extends pg.QueryResultRow>(part: Part, text: string, values: readonly unknown[] = []) {
        const pool = pools.get(part) ?? new pg.Pool({ connectionString: started.databases[part], max: 1 });
        if (!pools.has(part)) pool.on('error', () => {});
        pools.set(part, pool);
        return (await pool.query<Row>(text, [...values])).rows;
      },
      auditEnv: { STAMPEDE_DATA_DIR: dataDir },
      setWire(name, state) {
        const found = wires.get(name);
        if (found === undefined) throw new Error(`there is no wire before ${name}`);
        found.set(state);
      },
      setClock({ processes, clock = 'of its processes' }, offsetMs) {
        if (clock !== 'of its processes') return setProgramClock(join(clocks, clock), offsetMs);
        const instances = started.plan.instances.filter(({ name }) => processes.includes(name));
        for (const { httpPort } of instances) writeFileSync(join(clocks, String(httpPort)), String(offsetMs));
      },
      printed: () => printed.join(''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Compiles the library that makes wall clocks wrong, and sets them right. Returns its path. */
function clockLibrary(directory: string, clocks: string): string {
  const library = join(directory, 'wrong-clock.so');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', `-DCLOCKS="${clocks}"`, '-o', library, CLOCK_LIBRARY]);
  for (const program of CLOCKED_PROGRAMS) writeFileSync(join(clocks, program), Buffer.alloc(8));
  return library;
}

/** Programs have mapped the file: it must not get shorter meanwhile. */
function setProgramClock(path: string, offsetMs: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(offsetMs));
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
}

/** A file system of its own in memory. Linux, as root. */
function smallDisk(directory: string): string {
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'tmpfs', directory]);
  return directory;
}
