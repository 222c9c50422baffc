/** Milliseconds since the Unix epoch. Passed in everywhere, so that tests and the sandbox move time. */
export type Clock = () => number;

/** The time of a store that all nodes share, in ms. Code that ends something uses it, and not this node's clock. */
export type TimeSource = () => number | Promise<number>;

export const systemClock: Clock = Date.now;

/** The time by which processes know each other's calls. */
export interface CallClock {
  /** A call is signed by it. */
  readonly now: Clock;
  /** What it is now, and all that another process may take for it. */
  times(): readonly number[];
}
