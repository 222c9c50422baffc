import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnAs } from './account.ts';
import { postgresOf } from './binaries.ts';
import type { Place } from './place.ts';
import { asArguments } from './settings.ts';

export interface Launch {
  readonly place: Place;
  readonly settings: Readonly<Record<string, string>>;
  /** Appended to. PostgreSQL may outlive this process, so it writes to a file and not to a pipe of this process. */
  readonly logFile: string;
  /** Returns whether PostgreSQL accepts connections now. */
  readonly isReady: () => Promise<boolean>;
}

const POLL_MS = 40;
/** The last owner's backends need a moment to notice that it has ended: PostgreSQL refuses to start while they run. */
const BUSY_TRIES = 40;
const BUSY_PAUSE_MS = 250;
const BUSY = /pre-existing shared memory block|lock file ".*" already exists|Address already in use/;

/**
 * Starts PostgreSQL and waits until it accepts connections, however long recovery takes.
 * @throws Error with PostgreSQL's own reason when it ends instead.
 */
export async function launch(options: Launch): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    const logFrom = statSync(options.logFile, { throwIfNoEntry: false })?.size ?? 0;
    const child = start(options);
    if (await becomesReady(child, options.isReady)) return child;
    const said = readFileSync(options.logFile).subarray(logFrom).toString();
    if (attempt === BUSY_TRIES || !BUSY.test(said))
      throw new Error(`PostgreSQL ended while starting: ${reasonIn(said)}`);
    await sleep(BUSY_PAUSE_MS);
  }
}

function start({ place, settings, logFile }: Launch): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(postgresOf(place.binaries), ['-D', place.cluster, ...asArguments(settings)], {
      ...spawnAs(place.account),
      // A session of its own: Ctrl-C in the terminal is for the server, which stops PostgreSQL after its last request.
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
}

async function becomesReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<boolean> {
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => {}); // The race below handles it, or it comes too late to matter.
  while (!hasEnded(child)) {
    if (await Promise.race([isReady(), failed])) return true;
    await Promise.race([sleep(POLL_MS), failed]);
  }
  return false;
}

export const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Sends each signal in turn until the process has ended; waits the given time after each. */
export async function endBy(child: ChildProcess, steps: readonly (readonly [NodeJS.Signals, number])[]): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const [name, waitMs] of steps) {
    if (hasEnded(child)) return;
    child.kill(name);
    const timer = new AbortController();
    await Promise.race([ended, sleep(waitMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }
}

function reasonIn(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1);
  return fatal?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? 'it left no message';
}
