import { Unavailable } from './refusal.ts';
import { withTimeout } from './timeout.ts';

/** How long a request waits for the steps that it began, such as those of an order. The steps continue after that. */
export const STEPS_TIMEOUT_MS = 5_000;

/** Waits for work; rejects with Unavailable after a timeout, while the work continues. */
export type WithTimeout = <Result>(work: Promise<Result>) => Promise<Result>;

export const stepsTimeout =
  (ms = STEPS_TIMEOUT_MS): WithTimeout =>
  (work) =>
    withTimeout(work, ms, () => new Unavailable('DEPENDENCY_UNAVAILABLE', `not done within ${ms} ms`));
