import type { TimeSource } from '../kernel/clock.ts';
import { mapConcurrent } from '../kernel/map-concurrent.ts';
import { Unavailable } from '../kernel/refusal.ts';
import type { WithTimeout } from '../kernel/steps-timeout.ts';

const PAGE = 512;
/** Each resumed thing waits for other contexts or for the provider most of its time. */
const CONCURRENCY = 64;

/** Loads what is due, the longest overdue first, as functions that resume one thing each and return whether that changed anything. */
export type LoadDue = (nowMs: number, limit: number) => Promise<readonly (() => Promise<boolean>)[]>;

export interface ResumeDueDeps {
  readonly now: TimeSource;
  /** For each thing, so that one that hangs does not block the others. */
  readonly withTimeout: WithTimeout;
}

/**
 * Resumes all that is due, such as orders whose process died: things that store their next step and when it is tried again. Returns how
 * many changed.
 * @throws the first unexpected error, after all that was due was resumed
 */
export async function resumeDue(
  loads: readonly LoadDue[],
  { now, withTimeout }: ResumeDueDeps,
  signal: AbortSignal,
): Promise<number> {
  const bugs: unknown[] = [];
  /** One failure does not stop the others: an unavailable step was scheduled again, and an unexpected error is thrown at the end. */
  const isDone = (work: Promise<boolean>): Promise<boolean> =>
    work.catch((error: unknown) => {
      if (!(error instanceof Unavailable) && bugs.length === 0) bugs.push(error);
      return false;
    });
  let total = 0;
  for (let isMore = true; isMore && !signal.aborted; ) {
    const nowMs = await now();
    const pages = [];
    for (const load of loads) pages.push(await load(nowMs, PAGE));
    let done = 0;
    for (const page of pages) {
      const resumed = await mapConcurrent(page, CONCURRENCY, (resume) => isDone(withTimeout(resume())));
      done += resumed.filter(Boolean).length;
    }
    total += done;
    // A page without any progress would be read again and again.
    isMore = done > 0;
  }
  for (const bug of bugs) throw bug;
  return total;
}
