import type { Logger } from 'pino';
import { outageLog } from '../telemetry/outage-log.ts';
import { backoff } from './backoff.ts';
import type { BusMetrics } from './bus-metrics.ts';

export interface StoreDeadLetterOptions {
  readonly group: string;
  /** The event's id, or the position of the message when its id cannot be read. */
  readonly what: string;
  readonly reason: unknown;
  /** Durable when it resolves. */
  readonly keep: () => Promise<void>;
  readonly metrics: BusMetrics;
  readonly log: Logger;
  readonly retryBaseMs: number;
}

/** Retries until the dead letter is stored, so that no event is dropped. Returns false when the signal was aborted first. */
export async function storeDeadLetter(options: StoreDeadLetterOptions, signal: AbortSignal): Promise<boolean> {
  const { group, what, reason, keep, metrics, log, retryBaseMs } = options;
  const outage = outageLog({ log, level: 'error', facts: { group }, message: 'a dead letter could not be stored' });
  for (let tried = 1; !signal.aborted; tried++) {
    try {
      await keep();
      metrics.deadLetters.inc({ group });
      log.error({ err: reason, group, event: what }, 'an event became a dead letter');
      return true;
    } catch (failure) {
      outage.failed(failure);
      await backoff(retryBaseMs, tried, signal, 'outage');
    }
  }
  return false;
}
