import cluster from 'node:cluster';
import { once } from 'node:events';
import { withTimeout } from '../../platform/kernel/timeout.ts';
import { openCalls } from './calls.ts';
import type { Metrics, PrimaryApi, WorkerApi, WorkerStart, WorkerStarted } from './protocol.ts';

const COLLECT_MS = 1_000;
/** A worker that did not respond to so many pings in a row is killed. */
const PINGS_MAX = 10;

/** A worker as the primary sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** By performance.now(). */
  readonly forkedMs: number;
  /** Resolves when it serves, and rejects when it does not start. */
  readonly started: Promise<WorkerStarted>;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  isServing(): boolean;
  /** Resolves with those of the last collection when it does not respond within COLLECT_MS. */
  collectMetrics(): Promise<Metrics>;
  lastMetrics(): Metrics;
  /**
   * To be called every second: kills the worker when its event loop has stood still for PINGS_MAX pings. Pings are counted instead of time: a
   * machine that was suspended must not kill all workers when it wakes.
   */
  ping(): void;
  /** Asks it to drain and exit. */
  stop(): void;
  kill(): void;
}

export function forkWorker(start: WorkerStart, own: PrimaryApi): WorkerProcess {
  const child = cluster.fork();
  const forkedMs = performance.now();
  const call = openCalls<WorkerApi>(
    {
      // A message to a process that has just ended is lost, and the call rejects when the channel closes.
      send: (message) => void child.process.send(message, () => {}),
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.on('disconnect', listener),
    },
    own,
  );
  const kill = (): void => void child.process.kill('SIGKILL');
  const late = () => new Error('the worker did not respond in time');
  const started = call('start', start);
  let last: Metrics = [];
  let serving = false;
  let unansweredPings = 0;
  started.then(
    () => {
      serving = true;
    },
    () => {},
  );
  return {
    pid: child.process.pid,
    forkedMs,
    started,
    ended: once(child, 'exit').then(([code, signal]) => signal ?? code),
    isServing: () => serving,
    async collectMetrics() {
      last = await withTimeout(call('metrics'), COLLECT_MS, late).catch(() => last);
      return last;
    },
    lastMetrics: () => last,
    ping() {
      if (unansweredPings === PINGS_MAX) kill();
      unansweredPings += 1;
      const response = call('ping');
      response.then(
        () => {
          unansweredPings = 0;
        },
        () => {},
      );
    },
    stop: () => void call('stop').catch(() => {}),
    kill,
  };
}
