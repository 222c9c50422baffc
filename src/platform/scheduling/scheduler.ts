import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { DueTimes, ScheduledTask } from '../context.ts';
import { failureOf } from '../events/handler-failure.ts';
import type { Clock } from '../kernel/clock.ts';
import { Unavailable } from '../kernel/refusal.ts';
import { type Outage, outageLog } from '../telemetry/outage-log.ts';
import { runQueue } from './queue.ts';
import { runTask } from './run-task.ts';
import { taskMetrics } from './task-metrics.ts';

/** How often every node adds the run of the current period for every task; PostgreSQL keeps one of them. */
const TICK_MS = 15_000;
const RETRY_MS = 1_000;
/** A due time that another node changed, so that `changed` was not notified here, is found within this time. */
const LOOK_MS = 5_000;
/** How long to wait after a due time for a run that succeeds on this node. Otherwise another node runs it, or it is retried. */
const AGAIN_MS = 500;
const SPACING_MS = 50;
const RUN_ALL_MS = 120_000;

export interface SchedulerOptions {
  readonly url: string;
  readonly jobs: readonly ScheduledTask[];
  /** The clock of due times. Periods follow the database's clock. */
  readonly clock: Clock;
  /** While it returns false, this node runs no task and leaves due work to other nodes. Default: always true. */
  readonly isTimeTrusted?: () => boolean;
  readonly metrics: Registry;
  readonly log: Logger;
  /** Default 15 s. */
  readonly tickMs?: number;
}

/**
 * Runs scheduled tasks: each once in its period over all nodes, and at its due times. The first node that starts makes up for runs that
 * were missed while no node ran.
 */
export interface Scheduler {
  /** Starts in the background and retries while the database is not available. */
  start(): void;
  /**
   * Runs every task now, one after the other, each on any node. Returns how many things each processed.
   * @param only the names of the tasks to run. Absent: all
   * @throws the error of the first task that failed
   */
  runAll(only?: readonly string[]): Promise<Readonly<Record<string, number>>>;
  /** Stops runs after their current batch, within 1.5 s; another node continues them. */
  stop(): Promise<void>;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { url, jobs, clock, log, isTimeTrusted = () => true, tickMs = TICK_MS } = options;
  const metrics = taskMetrics(options.metrics, jobs);
  const stopping = new AbortController();
  const { signal } = stopping;
  /** One for each thing that may fail alone: the success of another would end it in the log. */
  const outageOf = (facts: { readonly job?: string }): Outage =>
    outageLog({ log, facts, message: 'jobs cannot be scheduled at the moment', over: 'jobs are scheduled again' });
  const queueOutage = outageLog({ log, message: 'the task queue failed' });
  const queue = runQueue({
    url,
    // Below a tick, so that every tick of some node does it.
    superviseSeconds: Math.max(1, Math.floor(tickMs / 2_000)),
    onError: (error) => {
      if (!signal.aborted) queueOutage.failed(error);
    },
  });
  const opened = Promise.withResolvers<void>();
  let running: Promise<unknown> = Promise.resolve();

  const byName = new Map(jobs.map((job) => [job.name, job]));
  const handle = (name: string) => async (taken: { touch(): Promise<boolean>; readonly signal: AbortSignal }) => {
    const job = byName.get(name);
    if (!job) throw new Error(`no job ${name}`);
    if (!isTimeTrusted()) throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'this node does not know the time');
    const done = await runTask({
      job,
      metrics,
      log,
      touch: async () => isTimeTrusted() && (await taken.touch()),
      signal: AbortSignal.any([signal, taken.signal]),
    });
    job.dueTimes?.changed.notify();
    return done;
  };

  async function run(): Promise<void> {
    const opening = outageOf({});
    while (!signal.aborted) {
      const failure = await attempt(opening, () => queue.open([...byName.keys()], handle));
      if (failure === undefined) break;
      await pause(RETRY_MS);
    }
    opened.resolve();
    await Promise.all([keepPeriods(), ...jobs.map((job) => job.dueTimes && keepDueTimes(job, job.dueTimes))]);
  }

  async function keepPeriods(): Promise<void> {
    const tasks = jobs.map((job) => ({ ...job, outage: outageOf({ job: job.name }) }));
    const supervising = outageOf({});
    const addAll = async (): Promise<void> => {
      for (const { name, everyMinutes, outage } of tasks) {
        const failure = await attempt(outage, () => queue.addForPeriod(name, everyMinutes));
        // The others would wait for the same database.
        if (failure === 'outage') return;
      }
      await attempt(supervising, () => queue.supervise());
    };
    while (!signal.aborted) {
      if (!isTimeTrusted()) {
        await pause(RETRY_MS);
        continue;
      }
      await addAll();
      // On the quarter minute: the run of a period is added when the period begins.
      await pause(tickMs - (Date.now() % tickMs));
    }
  }

  async function keepDueTimes(job: ScheduledTask, { next, changed }: DueTimes): Promise<void> {
    signal.addEventListener('abort', () => changed.notify());
    const outage = outageOf({ job: job.name });
    while (!signal.aborted) {
      let waitMs = LOOK_MS;
      await attempt(outage, async () => {
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

  /** Logs a failure, and returns its kind. */
  async function attempt(outage: Outage, work: () => Promise<void>): Promise<'outage' | 'poison' | undefined> {
    try {
      await work();
      outage.succeeded();
      return undefined;
    } catch (error) {
      if (!signal.aborted) outage.failed(error);
      return failureOf(error);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async function runNow(name: string, until: AbortSignal): Promise<number> {
    for (;;) {
      // A run that is already running began earlier, and may have missed the work that is due now.
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
    // At once: a worker that is stopped later could fetch again the run that it has just returned.
    await Promise.all([running, queue.close()]);
  }

  return {
    start() {
      running = run();
    },
    async runAll(only) {
      await opened.promise;
      const until = AbortSignal.any([signal, AbortSignal.timeout(RUN_ALL_MS)]);
      const done: Record<string, number> = {};
      for (const { name } of jobs) {
        if (only === undefined || only.includes(name)) done[name] = await runNow(name, until);
      }
      return done;
    },
    stop() {
      stopped ??= end();
      return stopped;
    },
  };
}
