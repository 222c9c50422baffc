import { Unavailable } from '../../../platform/kernel/refusal.ts';

/** How long a request waits for its order to come to rest. What it waited for goes on. */
export const PATIENCE_MS = 5_000;

/** Waits for something that goes on by itself; rejects with Unavailable when that takes too long. */
export type Patience = <Result>(work: Promise<Result>) => Promise<Result>;

export const patience =
  (ms = PATIENCE_MS): Patience =>
  async (work) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Unavailable('DEPENDENCY_UNAVAILABLE', `not done within ${ms} ms`));
    }, ms);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
