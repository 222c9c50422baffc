import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Counter, Gauge, Registry } from 'prom-client';
import { StartError } from '../../platform/kernel/start-error.ts';
import { withTimeout } from '../../platform/kernel/timeout.ts';
import { freePort } from '../../platform/postgres/embedded/free-port.ts';
import { DRAIN_MS } from '../drain.ts';
import type { Server } from '../server.ts';
import type { WorkerStart } from './protocol.ts';
import { restarts } from './restarts.ts';
import { summedMetrics } from './summed-metrics.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

const PING_MS = 1_000;
/** A worker drains for DRAIN_MS at most; one that has not exited this long after it is killed. */
const EXIT_MS = 500;

export interface WorkersOptions extends Omit<WorkerStart, 'preparesAccounts'> {
  readonly count: number;
  /** How long a worker serves after it has announced its stop. */
  readonly shutdownDelayMs: number;
  readonly log: Logger;
}

/** Several processes that serve on one port. */
export interface Workers extends Pick<Server, 'url' | 'metricsUrl' | 'admin' | 'grpcPort'> {
  /** Resolves when all workers crash in a loop. */
  readonly crashed: Promise<Error>;
  /** Stops all. Resolves when they have exited. */
  stop(): Promise<void>;
}

/**
 * Starts the workers: the first one alone, so that an error of the start is reported once and one worker creates the administrator. Replaces
 * those that end.
 * @throws StartError when the first one does not start
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { count, log, shutdownDelayMs, ...given } = options;
  // A port of 0 is replaced here: the cluster module would choose another port after all workers have ended.
  const start = {
    ...given,
    port: given.port || (await freePort()),
    metricsPort: given.metricsPort === 0 ? await freePort() : given.metricsPort,
  };
  // All workers accept from one queue. Handed out in turn, which is the default, connections cost a message and its response each, and one that was
  // handed to a worker that dies stays open without a response (ADR 59). The first call of setupPrimary freezes the policy.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ serialization: 'advanced' });
  const running = new Set<WorkerProcess>();
  const serving = () => [...running].filter((worker) => worker.isServing());
  const { afterCrash } = restarts(count, () => performance.now());
  const crashed = Promise.withResolvers<Error>();
  const stopping = new AbortController();
  const sums = summedMetrics();
  const own = primaryMetrics(() => serving().length);

  async function metrics(): Promise<string> {
    const all = await Promise.all(serving().map((worker) => worker.collectMetrics()));
    return sums.text([...all, await own.registry.getMetricsAsJSON()]);
  }

  function open(preparesAccounts: boolean): WorkerProcess {
    const worker = forkWorker({ ...start, preparesAccounts }, { metrics });
    running.add(worker);
    return worker;
  }

  /** Resolves when the worker has ended. Returns the pause before it is replaced, in ms; undefined: it is not replaced. */
  async function untilEnd(place: number, worker: WorkerProcess): Promise<number | undefined> {
    const { pid, forkedMs } = worker;
    worker.started.then(
      () => log.debug({ pid }, 'a worker serves'),
      (error: unknown) => {
        if (!stopping.signal.aborted) log.error({ err: error, pid }, 'a worker did not start');
        worker.kill();
      },
    );
    const exit = await worker.ended;
    running.delete(worker);
    await sums.retire(worker.lastMetrics());
    if (stopping.signal.aborted) return undefined;
    own.exits.inc();
    if (exit === 0) {
      log.info({ pid }, 'a worker was stopped by itself, and is replaced');
      return 0;
    }
    const pauseMs = afterCrash(place, forkedMs);
    log.error({ pid, exit, pauseMs }, 'a worker crashed');
    if (pauseMs === undefined) crashed.resolve(new Error(`all workers crash, the last one with ${exit}`));
    return pauseMs;
  }

  async function keep(place: number, first: WorkerProcess): Promise<void> {
    for (let worker = first; ; worker = open(false)) {
      const pauseMs = await untilEnd(place, worker);
      if (pauseMs === undefined) return;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
    }
  }

  const first = open(true);
  const { url, metricsUrl, admin } = await first.started.catch((error: unknown) => {
    first.kill();
    throw new StartError((error as Error).message, { cause: error });
  });
  const all = [first, ...Array.from({ length: count - 1 }, () => open(false))];
  const kept = Promise.all(all.map((worker, place) => keep(place, worker)));
  const pings = setInterval(() => {
    for (const worker of serving()) worker.ping();
  }, PING_MS);
  await Promise.allSettled(all.map(({ started }) => started));
  return {
    url,
    metricsUrl,
    admin,
    grpcPort: undefined,
    crashed: crashed.promise,
    async stop() {
      stopping.abort();
      clearInterval(pings);
      for (const worker of running) {
        if (worker.isServing()) worker.stop();
        else worker.kill();
      }
      const late = () => new Error('workers did not exit in time');
      await withTimeout(kept, shutdownDelayMs + DRAIN_MS + EXIT_MS, late).catch((error: Error) => {
        log.error({ workers: running.size }, error.message);
        for (const worker of running) worker.kill();
      });
    },
  };
}

/** The metrics of the process that starts workers. */
export function primaryMetrics(serving: () => number) {
  const registry = new Registry();
  new Gauge({
    name: 'stampede_workers',
    help: 'Worker processes that serve',
    registers: [registry],
    collect() {
      this.set(serving());
    },
  });
  const exits = new Counter({
    name: 'stampede_worker_exits_total',
    help: 'Worker processes that ended and were replaced',
    registers: [registry],
  });
  return { registry, exits };
}
