import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { exponentialBackoff } from '../../../platform/kernel/exponential-backoff.ts';

/** From so many failures in a row on, an endpoint is only probed: one delivery at a time, each after a longer pause. */
export const PROBED_FROM = 5;
const PROBE = { firstMs: MINUTE_MS, maxMs: 30 * MINUTE_MS, factor: 2 } as const;
/** An endpoint to which no request has succeeded for so long is disabled by the next failure. */
export const FAILING_MAX_DAYS = 3;
const FAILING_MAX_MS = FAILING_MAX_DAYS * DAY_MS;
/** In that time there were so many failures: otherwise it is this system that did not send. One delivery has more of them by its pauses. */
const FAILURES_MIN = 10;
/** An endpoint for which more deliveries wait is disabled. */
export const WAITING_MAX = 100_000;
/** A pause that a receiver asks for by Retry-After is at most so long. */
const PAUSE_MAX_MS = HOUR_MS;

/** How an endpoint has responded. */
export interface Health {
  /** In a row. */
  readonly failures: number;
  /** The first of them. Null: the last request succeeded, or there was none. */
  readonly failingSince: Date | null;
  /** Nothing is sent before. */
  readonly resumeAt: Date | null;
}

export const HEALTHY: Health = { failures: 0, failingSince: null, resumeAt: null };

export const isProbed = ({ failures }: Pick<Health, 'failures'>): boolean => failures >= PROBED_FROM;

/**
 * Requests that were on their way when a pause began are not counted: they were not sent in spite of it.
 * @param pauseMs what the receiver asked for
 */
export function healthAfterFailure(health: Health, nowMs: number, pauseMs: number | undefined): Health {
  const asked = pauseMs === undefined ? [] : [Math.min(pauseMs, PAUSE_MAX_MS)];
  if (isPaused(health, nowMs)) return { ...health, resumeAt: laterOf(health.resumeAt, nowMs, asked) };
  const failures = health.failures + 1;
  const probe = isProbed({ failures }) ? [exponentialBackoff(failures - PROBED_FROM + 1, PROBE)] : [];
  const resumeAt = laterOf(health.resumeAt, nowMs, [...asked, ...probe]);
  return { failures, failingSince: health.failingSince ?? new Date(nowMs), resumeAt };
}

/** A pause goes on: the request was on its way when it began. */
export function healthAfterSuccess(health: Health, nowMs: number): Health {
  const resumeAt = isPaused(health, nowMs) ? health.resumeAt : null;
  return health.failures === 0 && health.resumeAt === resumeAt ? health : { ...HEALTHY, resumeAt };
}

const laterOf = (resumeAt: Date | null, nowMs: number, pausesMs: readonly number[]): Date | null =>
  pausesMs.length === 0 ? resumeAt : new Date(Math.max(resumeAt?.getTime() ?? 0, nowMs + Math.max(...pausesMs)));

export const isPaused = ({ resumeAt }: Health, nowMs: number): boolean =>
  resumeAt !== null && resumeAt.getTime() > nowMs;

/** Whether an endpoint that has just failed has done so for so long, and so often, that it is disabled. */
export const hasFailedTooLong = ({ failures, failingSince }: Health, nowMs: number): boolean =>
  failures >= FAILURES_MIN && failingSince !== null && nowMs - failingSince.getTime() >= FAILING_MAX_MS;
