import type { Logger } from 'pino';
import { MINUTE_MS } from '../kernel/durations.ts';

/** Work that is repeated in the background reports each failure and each success here. */
export interface Outage {
  /** `more` are fields of this line beside the error. */
  failed(error: unknown, more?: object): void;
  /** Cheap, so that it can be called after every success. */
  succeeded(): void;
}

/** Of these many subjects each has a line a minute of its own. */
const SUBJECTS_MAX = 20;

export interface OutageLogOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Fields of every line. */
  readonly facts?: object;
  /** The message of a failure. */
  readonly message: string;
  /** The message of the end. Absent: the work has no success to report, or another line says so. */
  readonly over?: string;
  /** The field of `more` that names what failed, such as an order: one that fails again and again does not hide the first failure of another. */
  readonly subject?: string;
  /** Of a failure. Default: warn. */
  readonly level?: 'warn' | 'error';
  /** A monotonic clock in ms. Default: performance.now. */
  readonly nowMs?: () => number;
}

/**
 * Logs an outage once when it begins, at most once a minute (for each of 20 subjects, if they are named) while it lasts, and once when it ends. A line has the number of `failures` since the line before,
 * unless it is one. Work that fails and succeeds in turn writes as few lines, so the beginning of an outage within a minute after the last line is logged late.
 * What is left out is logged at the level debug.
 */
export function outageLog(options: OutageLogOptions): Outage {
  const { log, facts = {}, message, over, subject, level = 'warn', nowMs = () => performance.now() } = options;
  let loggedMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  /** Those with a line since `loggedMs`. */
  const subjects = new Set<unknown>();
  /** When the outage began, if a line says so. */
  let loggedSinceMs: number | undefined;
  let sinceMs: number | undefined;
  return {
    failed(error, more) {
      const now = nowMs();
      sinceMs ??= now;
      failures += 1;
      const line = { err: error, ...facts, ...more };
      const isDue = now - loggedMs >= MINUTE_MS;
      const named = subject && (more as Readonly<Record<string, unknown>> | undefined)?.[subject];
      const isNew = named !== undefined && subjects.size < SUBJECTS_MAX && !subjects.has(named);
      if (!isDue && !isNew) {
        log.debug(line, message);
        return;
      }
      log[level](failures === 1 ? line : { ...line, failures }, message);
      if (isDue) {
        loggedMs = now;
        subjects.clear();
      }
      subjects.add(named);
      failures = 0;
      loggedSinceMs = sinceMs;
    },
    succeeded() {
      sinceMs = undefined;
      if (loggedSinceMs === undefined) return;
      const lastedSeconds = Math.round((nowMs() - loggedSinceMs) / 1_000);
      if (over !== undefined) log.info({ ...facts, lastedSeconds, ...(failures > 0 && { failures }) }, over);
      loggedSinceMs = undefined;
      failures = 0;
    },
  };
}
