import { RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from '../problems/problem.ts';
import type { Limiter } from './store-limiter.ts';

/** Throws RATE_LIMITED. */
export function refuseWhen(isOver: boolean, retryAfterSeconds: number): void {
  if (isOver) throw new ProblemError('RATE_LIMITED', { retryAfterSeconds });
}

interface Taken {
  /** In this window, with this one. */
  readonly consumed: number;
  /** Below 0: over the limit. */
  readonly left: number;
  readonly resetSeconds: number;
}

export async function take(limiter: Limiter, key: string): Promise<Taken> {
  try {
    const taken = await limiter.consume(key);
    return { consumed: taken.consumedPoints, left: taken.remainingPoints, resetSeconds: secondsUntil(taken) };
  } catch (thrown) {
    if (thrown instanceof RateLimiterRes) {
      return { consumed: thrown.consumedPoints, left: -1, resetSeconds: secondsUntil(thrown) };
    }
    throw thrown;
  }
}

/** Whole seconds to the end of a window, at least 1. */
export const secondsUntil = (end: Pick<RateLimiterRes, 'msBeforeNext'> | null): number =>
  Math.max(1, Math.ceil((end?.msBeforeNext ?? 0) / 1000));
