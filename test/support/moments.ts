import type { Moment } from '../../src/platform/kernel/moment.ts';

/** A moment at which both clocks show the same. */
export const at = (ms: number): Moment => ({ atMs: ms, steadyMs: ms });
