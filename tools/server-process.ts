import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { birthOf, signal } from '../src/platform/processes.ts';
import { type Guarded, type GuardedOptions, startGuarded } from './guarded.ts';

const PAUSE_MS = 50;
const LOG_CHARS = 2_000;
const run = promisify(execFile);

/** Returns the path of a program on the PATH. Undefined: it is not there. */
export const findProgram = (name: string): Promise<string | undefined> =>
  run('which', [name]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );

/** A server of tests and trials, which ends with its caller. */
export interface ServerProcess {
  /** Undefined while it does not run. */
  pid(): number | undefined;
  isAlive(): boolean;
  /** The end of what it has printed. */
  printed(): string;
  /** Starts it, for the first time or after `kill`, with the same arguments. Resolves when it serves. Rejects with the end of its log when it does not. */
  start(): Promise<void>;
  /** Does nothing while it does not run. */
  signal(name: NodeJS.Signals): void;
  /** Kills it with SIGKILL. Its files stay. */
  kill(): Promise<void>;
  /** Kills it and removes its directory. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions extends GuardedOptions {
  /** For messages. */
  readonly name: string;
  /** How long it may take until it serves. */
  readonly readyMs: number;
  readonly isReady: () => Promise<boolean>;
}

/** A server that is not started yet. */
export function serverProcess(options: ServerProcessOptions): ServerProcess {
  const { log, dir } = options;
  let running: (Guarded & { readonly birth: string | undefined }) | undefined;

  // Without a birth it had ended before it was looked for.
  const isAlive = (): boolean => running?.birth !== undefined && birthOf(running.pid) === running.birth;
  const printed = (): string => (existsSync(log) ? readFileSync(log, 'utf8').slice(-LOG_CHARS) : '');
  async function kill(): Promise<void> {
    await running?.end();
    running = undefined;
  }
  return {
    pid: () => running?.pid,
    isAlive,
    printed,
    async start() {
      const guarded = await startGuarded(options);
      running = { ...guarded, birth: birthOf(guarded.pid) };
      try {
        await untilReady({ ...options, isAlive: async () => isAlive(), printed: async () => printed() });
      } catch (error) {
        await kill();
        throw error;
      }
    },
    signal(name) {
      if (running !== undefined && isAlive()) signal(running.pid, name);
    },
    kill,
    async stop() {
      await kill();
      if (dir !== undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Starts a server. Resolves when it serves. Rejects with the end of its log, and removes its directory, when it does not. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const server = serverProcess(options);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export interface Readiness extends Pick<ServerProcessOptions, 'name' | 'readyMs' | 'isReady'> {
  readonly isAlive: () => Promise<boolean>;
  readonly printed: () => Promise<string>;
}

/** Resolves when a server serves. Rejects with what it printed when it has ended, or takes too long. */
export async function untilReady({ name, readyMs, isReady, isAlive, printed }: Readiness): Promise<void> {
  for (const untilMs = performance.now() + readyMs; !(await isReady()); await sleep(PAUSE_MS)) {
    if (!(await isAlive())) throw new Error(`${name} ended:\n${await printed()}`);
    if (performance.now() > untilMs) {
      throw new Error(`${name} does not serve after ${readyMs / 1_000} s:\n${await printed()}`);
    }
  }
}
