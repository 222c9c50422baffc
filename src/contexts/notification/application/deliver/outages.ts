import type { Logger } from 'pino';
import { outageLog } from '../../../../platform/telemetry/outage-log.ts';
import type { Outward } from '../../domain/delivery.ts';
import type { DeliveryOutcome } from './ports.ts';

/** Reasons of a message that was not handed over. */
const WAITS: ReadonlySet<string> = new Set(['RATE', 'QUIET', 'UNPREPARED', 'LATE_IN_PART']);
/** The server was there, and responded to this message: also with a refusal for now. */
const IS_RESPONSE = /^(EENVELOPE|EMESSAGE|STATUS_4)/;

/**
 * Logs when the servers of a channel go away, and when they take messages again: not a line for each message. Called with what became of each message.
 */
export function channelOutageLog(
  channel: Outward,
  log: Logger,
  nowMs = () => performance.now(),
): (outcome: DeliveryOutcome) => void {
  const outage = outageLog({
    log,
    facts: { channel },
    message: 'notices do not leave; they are tried again',
    over: 'notices leave again',
    nowMs,
  });
  return (outcome) => {
    if (outcome.state === 'SENT') return outage.succeeded();
    const isFailure = outcome.state === 'PENDING' || outcome.state === 'UNKNOWN';
    if (isFailure && !WAITS.has(outcome.reason) && !IS_RESPONSE.test(outcome.reason)) outage.failed(outcome.reason);
  };
}
