import type { Clock } from '../../../../platform/kernel/clock.ts';
import { MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import { mapConcurrent } from '../../../../platform/kernel/map-concurrent.ts';
import { outageLog } from '../../../../platform/telemetry/outage-log.ts';
import { isRepeated, type Message } from '../../domain/delivery.ts';
import type { DeliveryOutcome, HandOver, Held } from './ports.ts';
import { type PrepareDeps, type Prepared, prepare, unprepared } from './prepare.ts';
import { retryAfterMs, TRIES_MAX } from './retry.ts';

/** Messages of a claim. */
const BATCH = 40;
/** Longer than the messages of a claim take: each 30 s at most, several at a time. Then another process looks at them. */
const LEASE_MS = 10 * MINUTE_MS;

export interface SendDeps extends PrepareDeps {
  readonly clock: Clock;
  readonly onOutcome: (channel: string, message: Message, outcome: DeliveryOutcome) => void;
}

/**
 * Hands over the messages that are due on a channel. Whether a message may leave is decided anew, in bulk. That it leaves is committed before, and what became
 * of it right after, each on its own: a process that dies takes at most the messages that it was just handing over with it.
 * Returns how many messages it took.
 */
export const sendDue = (deps: SendDeps) => {
  const { store, channel, clock, log } = deps;
  const outage = outageLog({
    log,
    facts: { channel: channel.name },
    message: 'messages wait, because what they depend on is not available',
    over: 'messages wait no longer for what they depend on',
  });

  async function end(message: Message, held: Held, outcome: DeliveryOutcome): Promise<void> {
    deps.onOutcome(channel.name, message, outcome);
    await store.end(held, outcome, new Date(clock()));
  }

  async function send({ message, preparationAt }: Prepared): Promise<void> {
    // The messages before it may have taken minutes.
    const nowMs = clock();
    const prepared = preparationAt(nowMs);
    if (prepared.kind === 'DROP') return await end(message, message, { state: 'DROPPED', reason: prepared.reason });
    if (prepared.kind === 'POSTPONE') {
      const { reason, untilMs } = prepared;
      return await end(message, message, { state: 'PENDING', reason, dueAt: new Date(untilMs) });
    }
    const messageId = message.deliveries[0].id;
    const held = await store.begin(message, messageId, new Date(nowMs), new Date(nowMs + LEASE_MS));
    if (held === undefined) {
      // One of its notices was deleted or dropped since the claim. The others are due again now, not when the lease ends.
      const changed: DeliveryOutcome = { state: 'PENDING', reason: 'CHANGED', dueAt: new Date(nowMs) };
      if (nowMs < message.leaseUntil.getTime()) await store.end(message, changed, new Date(nowMs));
      return;
    }

    const result = await prepared.handOver(messageId).catch((error: unknown): HandOver => {
      const facts = { err: error, kind: message.deliveries[0].kind, deliveryId: String(messageId) };
      log.error(facts, `a message cannot be written; fix its template, then set its deliveries to PENDING`);
      return { kind: 'REJECTED', reason: 'UNWRITABLE' };
    });
    await end(message, held, outcomeAfter(channel.name, message, result, clock()));
  }

  return async (signal: AbortSignal): Promise<number> => {
    const nowMs = clock();
    const claimed = await store.claim(channel.name, new Date(nowMs), new Date(nowMs + LEASE_MS), BATCH);
    if (claimed.length === 0) return 0;
    const prepared = await prepare(deps, claimed, nowMs).catch((err: unknown) => {
      outage.failed(err);
      return undefined;
    });
    if (prepared !== undefined) outage.succeeded();
    const all = prepared ?? claimed.map((message): Prepared => ({ message, preparationAt: () => unprepared(nowMs) }));
    await mapConcurrent(all, channel.concurrency, async (each) => {
      // What a stop leaves is due again when the lease ends.
      if (!signal.aborted) await send(each);
    });
    return claimed.length;
  };
};

/** What a message becomes: what must not leave twice is not handed over again unless it has certainly not left. */
function outcomeAfter(
  channel: SendDeps['channel']['name'],
  message: Message,
  result: HandOver,
  nowMs: number,
): DeliveryOutcome {
  if (result.kind === 'SENT') return { state: 'SENT' };
  if (result.kind === 'REJECTED') return { state: 'FAILED', reason: result.reason };
  const [{ kind, attempt }] = message.deliveries;
  if (result.kind === 'UNKNOWN' && !isRepeated(channel, kind)) return { state: 'UNKNOWN', reason: result.reason };
  if (attempt + 1 >= TRIES_MAX) return { state: 'FAILED', reason: result.reason };
  return { state: 'PENDING', reason: result.reason, dueAt: new Date(nowMs + retryAfterMs(attempt + 1)) };
}
