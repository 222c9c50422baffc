/** A job that one runner has leased. It runs while `done` is below `total`. */
export interface RunnableJob {
  readonly id: bigint;
  readonly kind: string;
  readonly total: number;
  readonly done: number;
}

/** How the jobs of a kind advance. */
export interface JobSteps<Job> {
  readonly kind: string;
  /**
   * Does a bounded part of what follows `job.done`, and advances the job in the transaction of its effect: when a runner dies, a step is done
   * completely or not at all. A step whose repetition changes nothing may advance it afterwards. Returns what changed. Throws JobLeaseLost.
   */
  step(job: Job): Promise<Partial<Job>>;
}

/** Another runner has the job, or it ended: the step is rolled back. */
export class JobLeaseLost extends Error {
  override readonly name = 'JobLeaseLost';
}

/** The leases of jobs. They use the store's clock, which all nodes share. */
export interface JobLeases<Job> {
  /** Leases the oldest available job of these kinds, if any, and sets it to RUNNING. */
  acquire(kinds: readonly string[], now: Date): Promise<Job | undefined>;
  /** Renews the lease and returns the stored job; undefined when another runner has it. */
  renew(job: Job): Promise<Job | undefined>;
  /** Ends the lease, so that another runner can acquire the job immediately. */
  release(job: Job): Promise<void>;
  /** Sets the job to DONE and deletes its input. */
  finish(job: Job, now: Date): Promise<void>;
  fail(job: Job, error: string, now: Date): Promise<void>;
}
