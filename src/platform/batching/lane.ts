import { Unavailable } from '../kernel/refusal.ts';
import { entryQueue } from './entry-queue.ts';
import { type Failure, type LaneObserver, silentObserver } from './lane-observer.ts';

export const GROUP_MAX = 256;
export const QUEUE_MAX = 200_000;
export const QUEUE_AGE_MAX_MS = 2_000;
/** A group that PostgreSQL could not take is tried again for this long before its callers are told to ask again. */
export const GIVE_UP_AFTER_MS = 3_000;
/** While PostgreSQL takes no group, a command that waited this long in the queue is rejected without an attempt (ADR 24). */
export const STUCK_WAIT_MAX_MS = 5_000;
const RETRY_FIRST_MS = 10;
const RETRY_MAX_MS = 500;

/** Which queue a command waits in: what ends something (confirm, release, cancel) goes before what begins something. */
export type Priority = 'urgent' | 'normal';

export interface LaneOptions<Command, Result> {
  readonly name: string;
  /** Carries out a group whole or not at all and answers one result a command, in their order. */
  readonly execute: (group: readonly Command[]) => Promise<readonly Result[]>;
  readonly classify: (error: unknown) => Failure;
  readonly groupMax?: number;
  readonly queueMax?: number;
  readonly queueAgeMaxMs?: number;
  readonly giveUpAfterMs?: number;
  readonly stuckWaitMaxMs?: number;
  /** Groups under way at once. More than 1 only helps when groups touch different rows. */
  readonly flightsMax?: number | (() => number);
  readonly observer?: LaneObserver;
}

export interface Lane<Command, Result> {
  /**
   * Admits a command. Settles exactly once: with its result, with the error of a poisonous command, or with `Unavailable`
   * (OVERLOADED before admission; DEPENDENCY_UNAVAILABLE when PostgreSQL stayed away or the outcome is unknown).
   */
  submit(command: Command, priority?: Priority): Promise<Result>;
  /** Resolves when nothing is queued or under way. */
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
 * Collects what arrives while the previous group commits. No timer: an idle lane goes at the end of the current turn of the
 * event loop, a busy one grows its groups by itself, up to `groupMax`.
 */
export function createLane<Command, Result>(options: LaneOptions<Command, Result>): Lane<Command, Result> {
  const { name, execute, classify, groupMax = GROUP_MAX, queueMax = QUEUE_MAX, flightsMax = 1 } = options;
  const { queueAgeMaxMs = QUEUE_AGE_MAX_MS, giveUpAfterMs = GIVE_UP_AFTER_MS, observer = silentObserver } = options;
  const { stuckWaitMaxMs = STUCK_WAIT_MAX_MS } = options;
  type Group = readonly Entry<Command, Result>[];
  const urgent = entryQueue<Entry<Command, Result>>();
  const normal = entryQueue<Entry<Command, Result>>();
  const idleListeners: (() => void)[] = [];
  let flights = 0;
  let scheduled = false;
  /** Since when nothing has got through. */
  let stuckSince: number | undefined;

  const room = () => (typeof flightsMax === 'function' ? flightsMax() : flightsMax);
  const queued = () => urgent.size() + normal.size();

  function submit(command: Command, priority: Priority = 'normal'): Promise<Result> {
    const now = performance.now();
    const queue = priority === 'urgent' ? urgent : normal;
    const oldest = queue.peek();
    if (queue.size() >= queueMax || (oldest !== undefined && now - oldest.admittedAt > queueAgeMaxMs)) {
      observer.refused();
      return Promise.reject(new Unavailable('OVERLOADED', `lane ${name}: ${queued()} commands are waiting`));
    }
    return new Promise((resolve, reject) => {
      queue.push({ command, admittedAt: now, resolve, reject });
      if (!scheduled && flights < room()) {
        scheduled = true;
        setImmediate(depart);
      }
    });
  }

  function depart(): void {
    scheduled = false;
    if (stuckSince !== undefined) rejectOverdue(performance.now() - stuckWaitMaxMs);
    while (flights < room() && queued() > 0) {
      const group: Entry<Command, Result>[] = [];
      urgent.take(groupMax, group);
      normal.take(groupMax - group.length, group);
      flights += 1;
      void fly(group);
    }
  }

  function rejectOverdue(admittedBefore: number): void {
    const overdue: Entry<Command, Result>[] = [];
    for (const queue of [urgent, normal]) {
      while ((queue.peek()?.admittedAt ?? admittedBefore) < admittedBefore) queue.take(1, overdue);
    }
    const answer = new Unavailable('DEPENDENCY_UNAVAILABLE', `lane ${name}: no group got through`, 1);
    for (const entry of overdue) entry.reject(answer);
  }

  async function fly(group: Group): Promise<void> {
    const departedAt = performance.now();
    const settle = await attempt(group, departedAt);
    flights -= 1;
    // The next group is on its way before this one's callers are answered: PostgreSQL works while we write responses.
    depart();
    settle();
    observer.group(group.length, departedAt - (group[0]?.admittedAt ?? departedAt), performance.now() - departedAt);
    if (flights > 0 || queued() > 0) return;
    stuckSince = undefined;
    for (const wake of idleListeners.splice(0)) wake();
  }

  /** Carries the group out, again and split where needed. Never throws: answers how to settle its callers. */
  async function attempt(group: Group, since: number): Promise<() => void> {
    for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
      try {
        const results = await execute(group.map((entry) => entry.command));
        stuckSince = undefined;
        if (results.length !== group.length) {
          throw new Error(`lane ${name}: ${results.length} results for ${group.length} commands`);
        }
        return () => {
          group.forEach((entry, index) => {
            entry.resolve(results[index] as Result);
          });
        };
      } catch (error) {
        const failure = classify(error);
        observer.failed(failure);
        if (failure === 'poison') {
          stuckSince = undefined;
          return isolate(group, error, since);
        }
        // Counted from where the trouble began: groups that queued up behind this one get one attempt each, not 3 s each.
        stuckSince = Math.min(stuckSince ?? since, since);
        if (failure !== 'transient' || performance.now() - stuckSince > giveUpAfterMs) {
          const answer = new Unavailable('DEPENDENCY_UNAVAILABLE', `lane ${name}: ${failure}`, 1, { cause: error });
          return () => {
            for (const entry of group) entry.reject(answer);
          };
        }
        await new Promise((resume) => setTimeout(resume, pauseMs));
      }
    }
  }

  /** Halves the group until the bad command is alone; the halves go one after the other, so that order holds. */
  async function isolate(group: Group, error: unknown, since: number): Promise<() => void> {
    if (group.length === 1) return () => group[0]?.reject(error);
    const middle = group.length >> 1;
    const settleFirst = await attempt(group.slice(0, middle), since);
    const settleSecond = await attempt(group.slice(middle), since);
    return () => {
      settleFirst();
      settleSecond();
    };
  }

  return {
    submit,
    drain: () =>
      flights === 0 && queued() === 0 ? Promise.resolve() : new Promise((resolve) => idleListeners.push(resolve)),
    queued,
  };
}
