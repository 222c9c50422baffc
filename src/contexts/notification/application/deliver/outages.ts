import type { Logger } from 'pino';
import type { Outward } from '../../domain/delivery.ts';
import type { DeliveryOutcome } from './ports.ts';

/** Reasons of a message that was not handed over. */
const WAITS: ReadonlySet<string> = new Set(['RATE', 'QUIET', 'UNPREPARED', 'LATE_IN_PART']);
/** The server was there, and responded to this message: also with a refusal for now. */
const IS_RESPONSE = /^(EENVELOPE|EMESSAGE|STATUS_4)/;
/** Where some servers of a channel are away and others are not, its state changes with every message. */
const BETWEEN_MS = 60_000;

/**
 * Logs when the servers of a channel go away, and when they take messages again: not a line for each message, and at most one outage a minute.
 * Called with what became of each message.
 */
export function outageLog(channel: Outward, log: Logger, nowMs: () => number = () => performance.now()) {
  let isAway = false;
  let loggedMs = Number.NEGATIVE_INFINITY;
  return (outcome: DeliveryOutcome): void => {
    if (outcome.state === 'SENT') {
      if (isAway) log.info({ channel }, 'notices leave again');
      isAway = false;
      return;
    }
    const isFailure = outcome.state === 'PENDING' || outcome.state === 'UNKNOWN';
    if (!isFailure || WAITS.has(outcome.reason) || IS_RESPONSE.test(outcome.reason)) return;
    if (isAway || nowMs() - loggedMs < BETWEEN_MS) return;
    isAway = true;
    loggedMs = nowMs();
    log.warn({ channel, reason: outcome.reason }, 'notices do not leave; they are tried again');
  };
}
