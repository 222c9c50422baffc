import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from './guard.ts';

const AGAIN_FIRST_MS = 1_000;
const AGAIN_MAX_MS = 30_000;
/** A process that ran for so long begins with the shortest pause again. */
const STABLE_MS = 60_000;

export interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All that it prints is appended to this file. */
  readonly logFile: string;
}

export interface SupervisedEvents {
  onLine(name: string, line: string, stream: 'stdout' | 'stderr'): void;
  /** It ended by itself. `againMs`: the pause before it is started again; undefined: it is not. */
  onEnd(name: string, how: string, againMs: number | undefined): void;
}

export interface Supervised {
  readonly name: string;
  /** Undefined while it does not run. */
  pid(): number | undefined;
  /** How often it was started again. */
  restarts(): number;
  /** From now on it is started again when it ends by itself. Until then an end is final. */
  keep(): void;
  /** Ends it with SIGTERM, and after `waitMs` by force. Resolves when it has ended. */
  stop(waitMs: number): Promise<void>;
}

/** Runs a program, and runs it again, with growing pauses, when it ends by itself. */
export function supervised(command: Command, guard: Guard, events: SupervisedEvents): Supervised {
  const { name } = command;
  const log = createWriteStream(command.logFile, { flags: 'a', mode: 0o600 });
  const stopping = new AbortController();
  let isKept = false;
  let pauseMs = AGAIN_FIRST_MS;
  let restarts = 0;
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  function start(): void {
    const startedMs = performance.now();
    const started = spawn(command.program, [...command.args], {
      env: { ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C is for the supervisor, which stops all in order.
      detached: true,
    });
    child = started;
    const { pid } = started;
    if (pid !== undefined) guard.watch(pid, 'TERM');
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface({ input: started[stream] }).on('line', (line) => {
        log.write(`${line}\n`);
        events.onLine(name, line, stream);
      });
    }
    ended = new Promise((resolve) => {
      let isOver = false;
      const onEnd = (how: string) => {
        if (isOver) return;
        isOver = true;
        child = undefined;
        if (pid !== undefined) guard.forget(pid);
        resolve();
        if (!stopping.signal.aborted) void again(how, performance.now() - startedMs);
      };
      started.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
      started.once('error', (error) => onEnd(error.message));
    });
  }

  async function again(how: string, ranMs: number): Promise<void> {
    if (!isKept) return events.onEnd(name, how, undefined);
    if (ranMs > STABLE_MS) pauseMs = AGAIN_FIRST_MS;
    events.onEnd(name, how, pauseMs);
    const waitMs = pauseMs;
    pauseMs = Math.min(2 * pauseMs, AGAIN_MAX_MS);
    await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) return;
    restarts++;
    start();
  }

  start();
  return {
    name,
    pid: () => child?.pid,
    restarts: () => restarts,
    keep() {
      isKept = true;
    },
    async stop(waitMs) {
      stopping.abort();
      const running = child;
      running?.kill('SIGTERM');
      const force = setTimeout(() => running?.kill('SIGKILL'), waitMs);
      await ended;
      clearTimeout(force);
      log.end();
    },
  };
}
