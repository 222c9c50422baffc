import type { CallClock } from '../kernel/clock.ts';

/** How long a token is valid, on either side of its time: clocks of services may differ by as much. */
const LIFE_MS = 30_000;
/** A token is used again for this long: a signature costs about as much as the rest of a small call's metadata, and one of a user takes 44 us. */
export const REUSE_MS = 5_000;

/** Is a token of this time, in Unix ms, valid now? */
export const isTimely = (clock: CallClock, at: string | undefined): boolean =>
  clock.times().some((nowMs) => Math.abs(nowMs - Number(at)) < LIFE_MS);
