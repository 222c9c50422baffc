import type { Clock } from '../kernel/clock.ts';
import type { Statement } from './statement.ts';

/**
 * The time of a decision. The database's clock decides, because all nodes share it; a node's own clock may be wrong
 * by hours (docs/adr/0027-which-clock-decides.md).
 */
export interface DatabaseTime {
  /** This node's estimate of the database's clock, in ms, without a round trip. Its error is that of the last measurement. */
  readonly estimate: Clock;
  /**
   * The moment that contexts decide by when the database's clock shows `databaseMs`. The same, except in a sandbox whose time was
   * moved, and in tests that travel in time.
   */
  readonly presentAt: (databaseMs: number) => number;
  /** Gets each time that the database returned to a batch, with the estimate from before it was sent. */
  readonly observe: (databaseMs: number, sentMs: number) => void;
}

/** Sent after the locks of a batch: the wait for a lock is over when PostgreSQL reads its clock. */
export const READ_TIME: Statement = { name: 'time', text: 'select clock_timestamp() as now', values: [] };

/** From the result of `READ_TIME`: what the database's clock showed, in ms. */
export function timeIn(result: { readonly rows: readonly unknown[] } | undefined): number {
  const row = result?.rows[0] as { readonly now: Date } | undefined;
  if (row === undefined) throw new Error('PostgreSQL returned no time');
  return row.now.getTime();
}

/** A decision made on an estimate may be this far from the database's clock. */
export const ESTIMATE_ERROR_MAX_MS = 2_000;

/**
 * An SQL condition for a statement that writes what was decided on an estimate: true while the database's clock is within 2 s of
 * `parameter` (for example '$3'), whose value is `estimate()` at the time of the decision, not `presentAt()` of it.
 */
export const isOnTime = (parameter: string): string =>
  `abs(extract(epoch from clock_timestamp()) * 1000 - ${parameter}::float8) <= ${ESTIMATE_ERROR_MAX_MS}`;
