import type { Clock } from './clock.ts';

/** Milliseconds that never go back, since any beginning, such as performance.now(). Times of two processes cannot be compared. */
export type Monotonic = () => number;

/** A moment by two clocks, because neither serves for both purposes. */
export interface Moment {
  /**
   * By the estimate of the database's clock. For windows that were stored, such as the end of a policy. Not for ages: the estimate steps
   * when it is corrected.
   */
  readonly atMs: number;
  /** By the monotonic clock of this process. For ages, such as that of a cached fact. */
  readonly steadyMs: number;
}

/** Returns a function that takes the present moment. */
export const momentSource =
  (clock: Clock, monotonic: Monotonic): (() => Moment) =>
  () => ({ atMs: clock(), steadyMs: monotonic() });
