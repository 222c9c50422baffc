import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Guarded, startGuarded } from './guarded.ts';

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
  signal(signal: NodeJS.Signals): void;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with the same arguments. Resolves when it serves. */
  restart(): Promise<void>;
}

export interface ServerProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** A file that gets what it prints. */
  readonly log: string;
  /** How long it may take until it serves. */
  readonly readyMs: number;
  readonly isReady: () => Promise<boolean>;
}

/** Starts a server. Resolves when it serves. Rejects with the end of its log when it does not. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { name, program, args, log, readyMs, isReady } = options;
  let running: Guarded | undefined;

  async function start(): Promise<void> {
    running = await startGuarded(log, program, args);
    const untilMs = performance.now() + readyMs;
    while (!(await isReady())) {
      if (performance.now() > untilMs) {
        await running.end();
        throw new Error(`${name} does not serve:\n${readFileSync(log, 'utf8').slice(-LOG_CHARS)}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  await start();
  return {
    signal(signal) {
      if (running) process.kill(running.pid, signal);
    },
    async kill() {
      await running?.end();
      running = undefined;
    },
    restart: start,
  };
}
