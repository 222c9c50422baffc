import Denque from 'denque';
import { Unavailable } from '../kernel/refusal.ts';
import { type BatcherObserver, type Failure, silentObserver } from './batcher-observer.ts';

export const BATCH_MAX = 256;
export const QUEUE_MAX = 200_000;
export const QUEUE_AGE_MAX_MS = 2_000;
/** A batch that failed for a transient reason is retried for this long. Then its callers get DEPENDENCY_UNAVAILABLE and may retry. */
export const GIVE_UP_AFTER_MS = 3_000;
/** While every batch fails, a command that has waited this long in the queue is rejected without an attempt (ADR 24). */
export const STUCK_WAIT_MAX_MS = 5_000;
/**
 * Callers of a batch that continue in one turn of the event loop. What a request does after its batch takes some 50 us, with the request that takes its
 * place: all 256 at once kept other requests, and the batch of a confirmation, from the loop for 10 ms and more.
 */
export const SETTLED_A_TURN = 32;
/** So many commands do not wait until the first 256 callers of the last batch have continued. */
const WORTHWHILE = BATCH_MAX / 2;
const RETRY_FIRST_MS = 10;
const RETRY_MAX_MS = 500;

/** The queue of a command. Commands that end something (confirm, release, cancel) run before commands that begin something. */
export type Priority = 'urgent' | 'normal';

/** What all batchers of a context have in common. */
export interface BatcherDeps {
  readonly classify: (error: unknown) => Failure;
  /** Receives the figures of a batcher, by its name. Default: they are dropped. */
  readonly observer?: (batcher: string) => BatcherObserver;
}

export interface BatcherOptions<Command, Result> extends BatcherDeps {
  readonly name: string;
  /** Executes a batch atomically. Returns one result for each command, in the order of the commands. */
  readonly execute: (batch: readonly Command[]) => Promise<readonly Result[]>;
  readonly batchMax?: number;
  readonly queueMax?: number;
  readonly queueAgeMaxMs?: number;
  readonly giveUpAfterMs?: number;
  readonly stuckWaitMaxMs?: number;
  /** Batches that run at the same time. More than 1 only helps when batches touch different rows. */
  readonly concurrency?: number | (() => number);
  /**
   * How many milliseconds a batch collects commands after another one has ended, whose size and duration are given. A full batch does
   * not wait. Default: 0.
   */
  readonly collectMs?: (size: number, tookMs: number) => number;
}

export interface Batcher<Command, Result> {
  /**
   * Queues a command. The promise settles exactly once: with the command's result, with the error of a command that PostgreSQL
   * refused, or with `Unavailable`: OVERLOADED when the queue is full, DEPENDENCY_UNAVAILABLE when PostgreSQL was not available
   * or the outcome is unknown.
   */
  submit(command: Command, priority?: Priority): Promise<Result>;
  /** Resolves when no command is queued and no batch is running. */
  drain(): Promise<void>;
  queued(): number;
}

interface Entry<Command, Result> {
  readonly command: Command;
  readonly admittedAt: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the commands that arrive while the previous batch commits, and executes them as the next batch. There is no timer, unless
 * `collectMs` is given: an idle batcher dispatches at the end of the current turn of the event loop. Under load its batches grow, up to `batchMax`.
 */
export function createBatcher<Command, Result>(options: BatcherOptions<Command, Result>): Batcher<Command, Result> {
  const { name, execute, classify, batchMax = BATCH_MAX, queueMax = QUEUE_MAX, concurrency = 1 } = options;
  const { queueAgeMaxMs = QUEUE_AGE_MAX_MS, giveUpAfterMs = GIVE_UP_AFTER_MS } = options;
  const { stuckWaitMaxMs = STUCK_WAIT_MAX_MS } = options;
  const observer = options.observer?.(name) ?? silentObserver;
  type Batch = readonly Entry<Command, Result>[];
  const urgent = new Denque<Entry<Command, Result>>();
  const normal = new Denque<Entry<Command, Result>>();
  const idleListeners: (() => void)[] = [];
  let underWay = 0;
  /** Batches whose callers have not all continued. */
  let unsettled = 0;
  let scheduled = false;
  /** Of the batch that collects commands; undefined: the next batch does not wait. */
  let collecting: NodeJS.Timeout | undefined;
  /** When the oldest batch of an ongoing outage was dispatched; undefined when the last batch reached PostgreSQL. */
  let stuckSince: number | undefined;

  const concurrencyLimit = () => (typeof concurrency === 'function' ? concurrency() : concurrency);
  const queued = () => urgent.length + normal.length;

  function submit(command: Command, priority: Priority = 'normal'): Promise<Result> {
    const now = performance.now();
    const queue = priority === 'urgent' ? urgent : normal;
    const oldest = queue.peekFront();
    if (queue.length >= queueMax || (oldest !== undefined && now - oldest.admittedAt > queueAgeMaxMs)) {
      observer.refused();
      return Promise.reject(new Unavailable('OVERLOADED', `batcher ${name}: ${queued()} commands are waiting`));
    }
    return new Promise((resolve, reject) => {
      queue.push({ command, admittedAt: now, resolve, reject });
      const mayRun = collecting === undefined || queued() >= batchMax;
      if (!scheduled && mayRun && underWay < concurrencyLimit()) {
        scheduled = true;
        setImmediate(dispatch);
      }
    });
  }

  function dispatch(): void {
    scheduled = false;
    clearTimeout(collecting);
    collecting = undefined;
    if (stuckSince !== undefined) rejectOverdue(performance.now() - stuckWaitMaxMs);
    while (underWay < concurrencyLimit() && queued() > 0) {
      const batch: Entry<Command, Result>[] = [];
      moveTo(batch, urgent);
      moveTo(batch, normal);
      underWay += 1;
      void runBatch(batch);
    }
  }

  function moveTo(batch: Entry<Command, Result>[], queue: Denque<Entry<Command, Result>>): void {
    while (batch.length < batchMax) {
      const entry = queue.shift();
      if (entry === undefined) return;
      batch.push(entry);
    }
  }

  function rejectOverdue(admittedBefore: number): void {
    const error = new Unavailable('DEPENDENCY_UNAVAILABLE', `batcher ${name}: no batch succeeds`, 1);
    for (const queue of [urgent, normal]) {
      while ((queue.peekFront()?.admittedAt ?? admittedBefore) < admittedBefore) queue.shift()?.reject(error);
    }
  }

  async function runBatch(batch: Batch): Promise<void> {
    const dispatchedAt = performance.now();
    unsettled += 1;
    const settle = await attempt(batch, dispatchedAt);
    const collectMs = options.collectMs?.(batch.length, performance.now() - dispatchedAt) ?? 0;
    let isUnderWay = true;
    const end = (): void => {
      isUnderWay = false;
      underWay -= 1;
      if (collectMs > 0 && queued() < batchMax) collecting ??= setTimeout(dispatch, collectMs);
      else dispatch();
    };
    // The next batch begins before the callers of this one continue, so that PostgreSQL works while this process writes responses. Only a few commands
    // wait for the callers' next requests, because a batch of them costs about as much as one that has those, too (ADR 114).
    const isNextWorthwhile = (continued: number): boolean =>
      continued >= BATCH_MAX || urgent.length > 0 || queued() >= Math.min(batchMax, WORTHWHILE);
    for (let place = 0; place < batch.length; place++) {
      if (place > 0 && place % SETTLED_A_TURN === 0) await new Promise((resume) => setImmediate(resume));
      if (isUnderWay && place % SETTLED_A_TURN === 0 && isNextWorthwhile(place)) end();
      settle(place);
    }
    if (isUnderWay) end();
    unsettled -= 1;
    observer.batch(
      batch.length,
      dispatchedAt - (batch[0]?.admittedAt ?? dispatchedAt),
      performance.now() - dispatchedAt,
    );
    if (unsettled > 0 || queued() > 0) return;
    stuckSince = undefined;
    for (const wake of idleListeners.splice(0)) wake();
  }

  /** Executes the batch; retries it and splits it where needed. Never throws: returns a function that settles the caller at a place. */
  async function attempt(batch: Batch, since: number): Promise<(place: number) => void> {
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      try {
        const results = await execute(batch.map((entry) => entry.command));
        stuckSince = undefined;
        if (results.length !== batch.length) {
          throw new Error(`batcher ${name}: ${results.length} results for ${batch.length} commands`);
        }
        return (place) => batch[place]?.resolve(results[place] as Result);
      } catch (error) {
        const failure = classify(error);
        observer.failed(failure);
        if (failure === 'poison') {
          stuckSince = undefined;
          return isolate(batch, error, since);
        }
        // Measured from the start of the outage: batches that queued behind this one get one attempt each, not 3 s each.
        stuckSince = Math.min(stuckSince ?? since, since);
        if (failure !== 'transient' || performance.now() - stuckSince > giveUpAfterMs) {
          const unavailable = new Unavailable('DEPENDENCY_UNAVAILABLE', `batcher ${name}: ${failure}`, 1, {
            cause: error,
          });
          return (place) => batch[place]?.reject(unavailable);
        }
        await new Promise((resume) => setTimeout(resume, pauseMs));
      }
    }
  }

  /** Halves the batch until the bad command is alone. The halves run one after the other, so that the order of commands is kept. */
  async function isolate(batch: Batch, error: unknown, since: number): Promise<(place: number) => void> {
    if (batch.length === 1) return () => batch[0]?.reject(error);
    const middle = batch.length >> 1;
    const settleFirst = await attempt(batch.slice(0, middle), since);
    const settleSecond = await attempt(batch.slice(middle), since);
    return (place) => (place < middle ? settleFirst(place) : settleSecond(place - middle));
  }

  return {
    submit,
    drain: () =>
      unsettled === 0 && queued() === 0 ? Promise.resolve() : new Promise((resolve) => idleListeners.push(resolve)),
    queued,
  };
}
