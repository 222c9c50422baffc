import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { Unavailable } from '../kernel/refusal.ts';
import { openHosts } from '../postgres/hosts.ts';
import { closeIdle, endPool, sessionPool } from '../postgres/session-pool.ts';
import { HEARTBEAT_SECONDS } from './heartbeat.ts';
import { QUEUE_SCHEMA } from './queue-tables.ts';

/** How often a worker polls by itself. That may be rare: adding a run wakes the worker of this node, and each tick wakes all of them. */
const POLL_SECONDS = 60;
/** The longest duration of a run before it counts as stuck. */
const RUN_MAX_SECONDS = 4 * 3_600;
/** A run that failed, or whose node died, is retried at the next tick, this often; then the run of the next period follows. */
const RETRIES = 3;
/** Longer than the longest period: the row of a period's run prevents a second run in that period. */
const KEEP_SECONDS = 2 * 86_400;
const FORGET_EVERY_SECONDS = 3_600;
const STOP_MS = 1_500;
const POLL_MS = 20;
const STATEMENT_MS = 9_000;

export interface QueueOptions {
  readonly url: string;
  /** How often the queue looks for runs of dead nodes. */
  readonly superviseSeconds: number;
  readonly onError: (error: unknown) => void;
}

/** Executes a run. Returns how many things it processed; a rejection makes the queue retry the run. */
type Handler = (run: { touch(): Promise<boolean>; readonly signal: AbortSignal }) => Promise<number>;

/**
 * The runs of scheduled tasks, stored in PostgreSQL by pg-boss. Each task has a queue with at most one run that is waiting, running or
 * to be retried: a unique index of pg-boss keeps runs from overlapping.
 */
export interface RunQueue {
  /** Throws while PostgreSQL is not available; call it again then. */
  open(names: readonly string[], handle: (name: string) => Handler): Promise<void>;
  /** Adds the run of the current period, unless the period has had one, or one is waiting or running. */
  addForPeriod(name: string, everyMinutes: number): Promise<void>;
  /** Adds a run, unless one is waiting or running. Returns its id, or null. */
  add(name: string, retries?: number): Promise<string | null>;
  /** Waits for the end of a run and returns what it processed. Throws when it failed, or when `signal` is aborted. */
  outcome(name: string, id: string, signal: AbortSignal): Promise<number>;
  /** Makes this node look for a run that is waiting or to be retried. */
  wake(name: string): void;
  /** Reassigns runs of dead nodes, deletes old runs, and makes this node's workers look for runs. */
  supervise(): Promise<void>;
  /** Running handlers get 1.5 s to end. Then their runs count as failed and are retried. */
  close(): Promise<void>;
}

export function runQueue({ url, superviseSeconds, onError }: QueueOptions): RunQueue {
  // A pool of its own: heartbeats must not wait behind requests, and pg-boss needs the driver's own types.
  const session = { name: 'stampede-jobs', statementMs: STATEMENT_MS, onLost: () => closeIdle(pool) };
  const pool: pg.Pool = sessionPool(openHosts(url), session, { max: 2 }, onError);
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: QUEUE_SCHEMA,
    schedule: false,
    supervise: false,
    monitorIntervalSeconds: superviseSeconds,
    maintenanceIntervalSeconds: FORGET_EVERY_SECONDS,
  });
  boss.on('error', onError);
  const workers = new Map<string, string>();
  const wake = (name: string): void => boss.notifyWorker(workers.get(name) ?? '');

  async function add(
    name: string,
    options: { singletonSeconds?: number; retryLimit?: number },
  ): Promise<string | null> {
    const id = await boss.send(name, null, options);
    if (id !== null) wake(name);
    return id;
  }

  return {
    async open(names, handle) {
      await boss.start();
      const options = {
        heartbeatSeconds: HEARTBEAT_SECONDS,
        expireInSeconds: RUN_MAX_SECONDS,
        retryLimit: RETRIES,
        retryDelay: 0,
        deleteAfterSeconds: KEEP_SECONDS,
      };
      for (const name of names) await boss.createQueue(name, { policy: 'exclusive', ...options });
      for (const name of names) {
        const run = handle(name);
        const polling = { pollingIntervalSeconds: POLL_SECONDS };
        const worker = await boss.work(name, polling, ([job]) => {
          if (job === undefined) return Promise.resolve(0);
          // `affected` is missing in the type.
          const touch = async () => ((await boss.touch(name, job.id)) as { affected?: number }).affected === 1;
          return run({ touch, signal: job.signal });
        });
        workers.set(name, worker);
      }
    },
    async addForPeriod(name, everyMinutes) {
      await add(name, { singletonSeconds: everyMinutes * 60 });
    },
    wake,
    add: (name, retries = RETRIES) => add(name, { retryLimit: retries }),
    async outcome(name, id, signal) {
      for (;;) {
        const [job] = await boss.findJobs(name, { id });
        if (job?.state === 'completed') return (job.output as { readonly value: number }).value;
        if (job === undefined || job.state === 'failed' || job.state === 'cancelled') {
          throw new Error(`the run of ${name} failed`);
        }
        if (signal.aborted) throw new Unavailable('DEPENDENCY_UNAVAILABLE', `${name} is still running`);
        await sleep(POLL_MS);
      }
    },
    async supervise() {
      await boss.supervise();
      for (const name of workers.keys()) wake(name);
    },
    async close() {
      const ended = Promise.all([...workers.keys()].map((name) => boss.offWork(name)));
      await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
      await boss.stop({ graceful: false, close: false }).catch(onError);
      await endPool(pool);
    },
  };
}
