import { Unavailable } from '../../../../platform/kernel/refusal.ts';
import { withTimeout } from '../../../../platform/kernel/timeout.ts';

/** How long a request waits until its order is at rest. The steps of the order continue after that. */
export const ORDER_TIMEOUT_MS = 5_000;

/** Waits for work; rejects with Unavailable after a timeout, while the work continues. */
export type WithTimeout = <Result>(work: Promise<Result>) => Promise<Result>;

export const orderTimeout =
  (ms = ORDER_TIMEOUT_MS): WithTimeout =>
  (work) =>
    withTimeout(work, ms, () => new Unavailable('DEPENDENCY_UNAVAILABLE', `not done within ${ms} ms`));
