import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../batching/batcher-observer.ts';
import type { Clock } from '../kernel/clock.ts';
import { createNotifier } from '../kernel/notifier.ts';
import type { JobLog } from './job-log.ts';
import { JobLeaseLost, type JobLeases, type JobSteps, type RunnableJob } from './leases.ts';

/** The longest delay before a job from another node starts; and of a job whose runner died, after its lease. */
const POLL_MS = 2_000;
/** More than one, so that a list of a million does not delay a short one. */
export const JOB_CONCURRENCY = 2;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

export interface RunnerDeps<Job extends RunnableJob> {
  readonly leases: JobLeases<Job>;
  readonly kinds: readonly JobSteps<Job>[];
  readonly clock: Clock;
  readonly classify: (error: unknown) => Failure;
  readonly log: JobLog;
}

export interface JobRunner {
  start(): void;
  /** To be called after a job was queued. */
  wake(): void;
  /** Stops between two steps. Another node can acquire the rest immediately. */
  stop(): Promise<void>;
}

/** Runs jobs, JOB_CONCURRENCY at a time. Each has one runner across all nodes. */
export function jobRunner<Job extends RunnableJob>({
  leases,
  kinds,
  clock,
  classify,
  log,
}: RunnerDeps<Job>): JobRunner {
  const notifier = createNotifier();
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const kindNames = kinds.map(({ kind }) => kind);
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const job = inFlight.size < JOB_CONCURRENCY ? await acquire() : undefined;
      if (job) startJob(job);
      else await notifier.wait(POLL_MS);
    }
    await Promise.all(inFlight);
  }

  async function acquire(): Promise<Job | undefined> {
    try {
      const job = await leases.acquire(kindNames, new Date(clock()));
      log.polls.succeeded();
      return job;
    } catch (error) {
      log.polls.failed(error);
      return undefined;
    }
  }

  function startJob(job: Job): void {
    const task = runJob(job)
      .catch((error: unknown) => log.retried(error, job.id))
      .finally(() => {
        inFlight.delete(task);
        notifier.notify();
      });
    inFlight.add(task);
  }

  /**
   * Runs a job until its end, or until another runner has it. After an error, another runner acquires the job when its
   * lease expires.
   */
  async function runJob(acquired: Job): Promise<void> {
    const kind = kinds.find((each) => each.kind === acquired.kind);
    if (!kind) throw new Error(`acquired a job of unknown kind ${acquired.kind}`);
    let job: Job | undefined = acquired;
    while (job && job.done < job.total) {
      if (stopping.signal.aborted) return await leases.release(job);
      job = await runStep(kind, job);
    }
    if (job) await leases.finish(job, new Date(clock()));
  }

  /** Runs one step, and retries while PostgreSQL is unavailable. Returns undefined when another runner has the job. */
  async function runStep(kind: JobSteps<Job>, job: Job): Promise<Job | undefined> {
    try {
      return { ...job, ...(await kind.step(job)) };
    } catch (error) {
      if (error instanceof JobLeaseLost) return undefined;
      if (classify(error) !== 'poison') {
        log.retried(error, job.id);
        return await recover(job);
      }
      log.failed(error, job.id);
      await leases.fail(job, 'It failed with an error that cannot be retried; see the log.', new Date(clock()));
      return undefined;
    }
  }

  /** The stored progress says whether the step was committed. */
  async function recover(job: Job): Promise<Job | undefined> {
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      try {
        return await leases.renew(job);
      } catch (error) {
        if (stopping.signal.aborted) throw error;
        log.retried(error, job.id);
      }
    }
  }

  return {
    start() {
      running = run();
    },
    wake: () => notifier.notify(),
    async stop() {
      stopping.abort();
      notifier.notify();
      await running;
    },
  };
}
