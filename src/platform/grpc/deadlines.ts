import { currentCall } from './call-context.ts';

/**
 * How long a call may take. Longer than the longest wait of a batcher, which is 2 s in the queue, 3 s of retries and 3 s until the outcome
 * of a COMMIT without a response is known: a command that was admitted is not given up by its caller before its context does.
 */
export const CALL_MS = 10_000;
/** What a service keeps of the time that it was given, so that it responds before its own caller gives up. */
export const HOP_MS = 250;

/**
 * The deadline of a call that begins now, in Unix ms. Within a request it is before that of the request. Work that continues after its
 * request has a deadline of its own, since no caller waits for it.
 * @param callMs how long it may take. Default: as long as a command of a context
 */
export function deadlineFrom(nowMs: number, callMs: number = CALL_MS): number {
  const outer = currentCall()?.deadlineMs;
  const own = nowMs + callMs;
  return outer === undefined || outer <= nowMs ? own : Math.max(nowMs + 1, Math.min(own, outer - HOP_MS));
}

/** Has the request in which it is asked so little time left that a call would be given up before it could arrive? */
export function isTimeSpent(nowMs: number): boolean {
  const outer = currentCall()?.deadlineMs;
  return outer !== undefined && outer > nowMs && outer - HOP_MS <= nowMs;
}
