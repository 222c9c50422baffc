import { Unavailable } from '../../../platform/kernel/refusal.ts';
import { withTimeout } from '../../../platform/kernel/timeout.ts';

/** How long a request waits for its order to come to rest. The work on the order goes on after that. */
export const ORDER_TIMEOUT_MS = 5_000;

/** Waits for work that goes on by itself; rejects with Unavailable when it takes too long. */
export type WithTimeout = <Result>(work: Promise<Result>) => Promise<Result>;

export const orderTimeout =
  (ms = ORDER_TIMEOUT_MS): WithTimeout =>
  (work) =>
    withTimeout(work, ms, () => new Unavailable('DEPENDENCY_UNAVAILABLE', `not done within ${ms} ms`));
