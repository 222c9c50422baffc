/** Milliseconds since the Unix epoch. Passed in everywhere, so that tests and the sandbox move time. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;
