import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Instants, Job } from '../context.ts';
import type { Clock } from '../kernel/clock.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { jobMetrics } from './job-metrics.ts';
import { runQueue } from './queue.ts';
import { runJob } from './run-job.ts';

/** Every node offers every job's run of the present period so often; PostgreSQL keeps one of them. */
const TICK_MS = 15_000;
const RETRY_MS = 1_000;
/** What `changed` does not tell of, because it happened on another node, is found within it. */
const LOOK_MS = 5_000;
/** After an instant: a run that succeeds here ends the wait. Else another node runs, or the run is to come again. */
const AGAIN_MS = 500;
const SPACING_MS = 50;
const RUN_ALL_MS = 120_000;

export interface SchedulerOptions {
  readonly url: string;
  readonly jobs: readonly Job[];
  /** The clock of instants. Periods are of the database's clock. */
  readonly clock: Clock;
  /** While it returns false this node runs nothing, and leaves what is due to others. Default: always true. */
  readonly isTimeTrusted?: () => boolean;
  readonly metrics: Registry;
  readonly log: Logger;
  /** Default 15 s. */
  readonly tickMs?: number;
}

/**
 * Starts jobs: each once in its period over all nodes, and at its instants. What was missed while no node ran is made up
 * for by the first to start.
 */
export interface Scheduler {
  /** Starts in the background; it keeps trying while the database is away. */
  start(): void;
  /**
   * Runs every job now, one after the other, wherever a node takes it. Answers how much each did.
   * @throws what went wrong with the first that failed
   */
  runAll(): Promise<Readonly<Record<string, number>>>;
  /** Runs end after the batch they are at, within 1.5 s, and come again on another node. */
  stop(): Promise<void>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { url, jobs, clock, log, isTimeTrusted = () => true, tickMs = TICK_MS } = options;
  const metrics = jobMetrics(options.metrics);
  const stopping = new AbortController();
  const { signal } = stopping;
  const queue = runQueue({
    url,
    // Below a tick, so that every tick of some node does it.
    superviseSeconds: Math.max(1, Math.floor(tickMs / 2_000)),
    onError: (error) => {
      if (!signal.aborted) log.warn({ err: error }, 'the queue of jobs has trouble');
    },
  });
  const opened = Promise.withResolvers<void>();
  let running: Promise<unknown> = Promise.resolve();

  const byName = new Map(jobs.map((job) => [job.name, job]));
  const handle = (name: string) => async (taken: { touch(): Promise<boolean>; readonly signal: AbortSignal }) => {
    const job = byName.get(name);
    if (!job) throw new Error(`no job ${name}`);
    if (!isTimeTrusted()) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'this node does not know the time');
    const done = await runJob({
      job,
      metrics,
      log,
      touch: async () => isTimeTrusted() && (await taken.touch()),
      signal: AbortSignal.any([signal, taken.signal]),
    });
    job.instants?.changed.ring();
    return done;
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const isOpen = await attempt(() => queue.open([...byName.keys()], handle));
      if (isOpen) break;
      await pause(RETRY_MS);
    }
    opened.resolve();
    await Promise.all([keepPeriods(), ...jobs.map((job) => job.instants && keepInstants(job, job.instants))]);
  }

  async function keepPeriods(): Promise<void> {
    while (!signal.aborted) {
      if (!isTimeTrusted()) {
        await pause(RETRY_MS);
        continue;
      }
      await attempt(async () => {
        for (const { name, everyMinutes } of jobs) await queue.addForPeriod(name, everyMinutes);
        await queue.supervise();
      });
      // On the full quarter minute: a period's run is added when the period begins.
      await pause(tickMs - (Date.now() % tickMs));
    }
  }

  async function keepInstants(job: Job, { next, changed }: Instants): Promise<void> {
    signal.addEventListener('abort', () => changed.ring());
    while (!signal.aborted) {
      let waitMs = LOOK_MS;
      await attempt(async () => {
        const leftMs = ((await next()) ?? Infinity) - clock();
        if (leftMs > 0 || !isTimeTrusted()) {
          waitMs = leftMs > 0 ? Math.min(leftMs, LOOK_MS) : RETRY_MS;
          return;
        }
        waitMs = AGAIN_MS;
        await queue.add(job.name);
      });
      await changed.wait(waitMs);
      if (waitMs === AGAIN_MS) await pause(SPACING_MS);
    }
  }

  /** False: it failed, which is logged. */
  async function attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'jobs cannot be scheduled at the moment');
      return false;
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async function runNow(name: string, until: AbortSignal): Promise<number> {
    for (;;) {
      // A run that works already began before now: it may have missed what this one is for.
      const id = await queue.add(name, 0);
      if (id !== null) return queue.outcome(name, id, until);
      until.throwIfAborted();
      queue.wake(name);
      await pause(SPACING_MS);
    }
  }

  let stopped: Promise<void> | undefined;
  async function end(): Promise<void> {
    stopping.abort();
    // At once: a worker that were told later might take the run again that it has just put back.
    await Promise.all([running, queue.close()]);
  }

  return {
    start() {
      running = run();
    },
    async runAll() {
      await opened.promise;
      const until = AbortSignal.any([signal, AbortSignal.timeout(RUN_ALL_MS)]);
      const done: Record<string, number> = {};
      for (const { name } of jobs) done[name] = await runNow(name, until);
      return done;
    },
    stop() {
      stopped ??= end();
      return stopped;
    },
  };
}
