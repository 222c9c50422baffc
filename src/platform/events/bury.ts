import type { Logger } from 'pino';
import { backoff } from './backoff.ts';
import type { BusMetrics } from './bus-metrics.ts';

export interface Burial {
  readonly group: string;
  /** Of the event, or where it stood when nobody can read its id. */
  readonly what: string;
  readonly reason: unknown;
  /** Durable when it resolves. */
  readonly keep: () => Promise<void>;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
}

/** Tries until the dead letter is kept: nothing is dropped while there is no place for it. False when the signal came first. */
export async function bury(burial: Burial, signal: AbortSignal): Promise<boolean> {
  const { group, what, reason, keep, metrics, log, retryBaseMs } = burial;
  for (let tried = 1; !signal.aborted; tried++) {
    try {
      await keep();
      metrics.deadLetters.inc({ group });
      log.error({ err: reason, group, event: what }, 'an event became a dead letter');
      return true;
    } catch (failure) {
      log.error({ err: failure, group }, 'a dead letter could not be kept');
      await backoff(retryBaseMs, tried, signal, 'outage');
    }
  }
  return false;
}
