import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { listProcesses, signal } from '../../src/platform/processes.ts';
import { openTemporaryDir } from './open-temporary-dir.ts';

const PROGRAM = resolve('bin/stampede.js');
/** A machine that is busy with other tests takes a minute at times. */
const START_MS = 180_000;
/** Printed last, after the file: what a test expects in the output is there then. */
const BANNER_END = 'Ctrl-C stops.';
const RUN_FILE = z.object({
  pid: z.number(),
  url: z.string(),
  databaseUrl: z.string(),
  migrations: z.object({ url: z.string() }).optional(),
  started: z.string(),
});

export interface ServeOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program of another version. Default: this one's. */
  readonly program?: string;
  /** Run it as this user; for root only. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  readonly databaseUrl: string;
  /** The same as the owner of the schemas. */
  readonly ownerUrl: string;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Sends the signal and waits for the end. Returns the exit code; null when a signal ended it. */
  end(name: NodeJS.Signals): Promise<number | null>;
}

/** A real `stampede serve` in a process of its own, on a free port, once it serves. */
export async function startServe(options: ServeOptions): Promise<ServerProcess> {
  const { child, output } = run(options);
  const ended = once(child, 'exit');
  let over = false;
  ended.then(() => {
    over = true;
  });
  for (let waitedMs = 0; waitedMs < START_MS && !over; waitedMs += 50) {
    const running = pidFile(options.dataDir);
    if (running !== undefined && running.pid === child.pid && output().includes(BANNER_END)) {
      const { pid, url, databaseUrl, migrations } = running;
      const end = async (name: NodeJS.Signals) => {
        child.kill(name);
        const [code] = (await ended) as [number | null];
        return code;
      };
      return { pid, url, databaseUrl, ownerUrl: migrations?.url ?? databaseUrl, output, end };
    }
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`serve did not start:\n${output()}`);
}

/** The same, for a start that is expected to be refused: waits for its end. */
export async function refusedServe(options: ServeOptions): Promise<{ code: number | null; output: string }> {
  const { child, output } = run(options);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

function run({ dataDir, env = {}, program = PROGRAM, user }: ServeOptions): {
  child: ChildProcess;
  output: () => string;
} {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', STAMPEDE_DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  const collect = (text: string) => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  return { child, output: () => output };
}

function pidFile(dataDir: string): z.infer<typeof RUN_FILE> | undefined {
  try {
    return RUN_FILE.parse(JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')));
  } catch {
    return undefined; // not yet
  }
}

/** The PostgreSQL that runs on this data directory: its postmaster's pid. */
export function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A directory for one test. `remove` first ends whatever PostgreSQL a killed server left on it. */
export function temporaryDir(): { readonly path: string; remove(): Promise<void> } {
  const path = openTemporaryDir('stampede-e2e-');
  return {
    path,
    async remove() {
      const orphans = listProcesses().filter(({ command }) => command.includes(`postgres -D ${path}/`));
      for (const { pid } of orphans) signal(pid, 'SIGQUIT');
      for (let turns = 0; turns < 100 && orphans.some(({ pid }) => signal(pid, 0 as never)); turns++) await sleep(50);
      for (const { command } of orphans) {
        const [, socketDir] = /unix_socket_directories=(\/tmp\/stampede-\w+)/.exec(command) ?? [];
        if (socketDir !== undefined) rmSync(socketDir, { recursive: true, force: true });
      }
      rmSync(path, { recursive: true, force: true });
    },
  };
}
