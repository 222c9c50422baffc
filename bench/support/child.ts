import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A process of the bench: a baseline, the system itself or redis-server. */
export interface Child {
  readonly pid: number;
  readonly url: string;
  /** The pids of its processes by their names, when there are several. */
  readonly parts?: Readonly<Record<string, number>>;
  /** SIGTERM, then SIGKILL after 15 s. Resolves when the process has ended. */
  stop(): Promise<void>;
}

/** Called every 50 ms with the lines printed so far, until it returns the address. */
export type Ready = (lines: readonly string[]) => string | undefined | Promise<string | undefined>;

const READY_MAX_MS = 30_000;
const STOP_MAX_MS = 15_000;
const LINES_KEPT = 200;
const running = new Set<ChildProcess>();
/** Waits for the end of its own input, then sends SIGTERM to the process with the id $1, and SIGKILL after $2 seconds. */
const GUARD =
  'read -r _; kill "$1"; n=0; while kill -0 "$1" && [ $n -lt "$2" ]; do sleep 1; n=$((n + 1)); done; kill -9 "$1"';

/**
 * Ends a child with this process, however this one ends: by an error, a signal or SIGKILL. It gets SIGTERM, and SIGKILL after 15 s. The guard is a process,
 * because a process that is killed runs no handler of its own.
 */
export function endWithBench(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const guard = spawn('sh', ['-c', GUARD, 'guard', String(child.pid), String(STOP_MAX_MS / 1_000)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl+C is sent to the whole group, and would end the guard before its child.
    detached: true,
  });
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}

/** Starts a process and waits for its address. Throws with its last lines when it ends before that or takes over 30 s. */
export async function startChild(
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  ready: Ready,
): Promise<Child> {
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  endWithBench(child);
  child.once('exit', () => running.delete(child));
  const lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
  };
  createInterface(child.stdout).on('line', keep);
  createInterface(child.stderr).on('line', keep);
  child.on('error', (error) => keep(error.message));
  const until = Date.now() + READY_MAX_MS;
  while (Date.now() < until && isAlive(child)) {
    const url = await ready(lines);
    if (url !== undefined) return { pid: child.pid ?? 0, url, stop: () => stop(child) };
    await delay(50);
  }
  await stop(child);
  throw new Error(`${file} ${args.join(' ')} did not become ready\n${lines.slice(-20).join('\n')}`);
}

/** Stops all children that still run, when the bench itself ends. */
export const stopChildren = async (): Promise<void> => {
  await Promise.all([...running].map(stop));
};

/** On SIGINT and SIGTERM: stops all children that still run, then calls `close` and exits. */
export function closeOnSignal(close: () => Promise<void>): void {
  const end = (): void =>
    void stopChildren()
      .then(close)
      .finally(() => process.exit(130));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
}

const isAlive = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

async function stop(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
  await gone;
  clearTimeout(timer);
}

/** Finds the `{"url": …}` line of a baseline. */
export const urlLine: Ready = (lines) =>
  lines.map((line) => /^\{"url":"([^"]+)"\}$/.exec(line)?.[1]).find((url) => url !== undefined);
