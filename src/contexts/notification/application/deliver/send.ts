import type { Logger } from 'pino';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import { mapConcurrent } from '../../../../platform/kernel/map-concurrent.ts';
import { isRepeated, type Message } from '../../domain/delivery.ts';
import { mayLeave } from '../../domain/may-leave.ts';
import { isEnabled, recipientOf } from './plan.ts';
import type {
  Addressed,
  ClaimedMessage,
  Contacts,
  CouponCalls,
  DeliveryChannel,
  DeliveryStore,
  Ending,
  HandOver,
  Preparation,
} from './ports.ts';
import { retryAfterMs, TRIES_MAX } from './retry.ts';

/** Messages of a claim. */
const BATCH = 40;
/** Longer than the messages of a claim take: each 30 s at most, several at a time. Then another process looks at them. */
const LEASE_MS = 10 * MINUTE_MS;
/** A message that could not be prepared, because a dependency is away, waits this long. */
const UNPREPARED_MS = 10_000;

export interface SendDeps {
  readonly store: DeliveryStore;
  readonly contacts: Contacts;
  readonly coupon: CouponCalls;
  readonly channel: DeliveryChannel;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEnding: (channel: string, message: Message, ending: Ending) => void;
}

/**
 * Hands over the messages that are due on a channel. Whether a message may leave is decided anew, in bulk. That it leaves is committed before, and what became
 * of it right after, each on its own: a process that dies takes at most the messages that it was just handing over with it.
 * Returns how many messages it took.
 */
export const sendDue = (deps: SendDeps) => {
  const { store, channel, clock, log } = deps;

  async function end(message: Message, ending: Ending): Promise<void> {
    deps.onEnding(channel.name, message, ending);
    await store.end(message.deliveries, ending, new Date(clock()));
  }

  async function send(message: ClaimedMessage, prepared: Preparation): Promise<void> {
    if (prepared.kind === 'DROP') return await end(message, { state: 'DROPPED', reason: prepared.reason });
    if (prepared.kind === 'POSTPONE') {
      const { reason, untilMs } = prepared;
      return await end(message, { state: 'PENDING', reason, dueAt: new Date(untilMs) });
    }
    const messageId = message.deliveries[0].id;
    if (!(await store.begin(message, messageId, new Date(clock() + LEASE_MS)))) return;

    const result = await prepared.hand(messageId).catch((error: unknown): HandOver => {
      const facts = { err: error, kind: message.deliveries[0].kind, deliveryId: String(messageId) };
      log.error(facts, `a message cannot be written; mend its template, then set its deliveries to PENDING`);
      return { kind: 'REJECTED', reason: 'UNWRITABLE' };
    });
    await end(message, endingOf(channel.name, message, result, clock()));
  }

  /** Drops reminders of coupons that were used meanwhile: the event that drops their notices may still be on its way. */
  async function withoutUsed(messages: readonly ClaimedMessage[]): Promise<readonly ClaimedMessage[]> {
    const reminders = messages.flatMap(({ deliveries }) => deliveries.filter(({ kind }) => kind === 'COUPON_EXPIRING'));
    if (reminders.length === 0) return messages;
    const { couponIds } = await deps.coupon.listUnusedCoupons({
      couponIds: reminders.map(({ subject }) => BigInt(subject)),
    });
    const unused = new Set(couponIds.map(String));
    const used = reminders.filter(({ subject }) => !unused.has(subject));
    if (used.length === 0) return messages;
    await store.end(used, { state: 'DROPPED', reason: 'COUPON_USED' }, new Date(clock()));
    const dropped = new Set(used);
    return messages.flatMap((message) => {
      const [first, ...others] = message.deliveries.filter((delivery) => !dropped.has(delivery));
      return first === undefined ? [] : [{ ...message, deliveries: [first, ...others] as const }];
    });
  }

  return async (signal: AbortSignal): Promise<number> => {
    const nowMs = clock();
    const taken = await store.claim(channel.name, new Date(nowMs), new Date(nowMs + LEASE_MS), BATCH);
    if (taken.length === 0) return 0;
    const claimed = await withoutUsed(taken);
    const prepared = await prepare(deps, claimed, nowMs).catch((err: unknown) => {
      log.warn({ err, channel: channel.name }, 'messages wait, because what they depend on is not available');
      return claimed.map(
        (): Preparation => ({ kind: 'POSTPONE', reason: 'UNPREPARED', untilMs: nowMs + UNPREPARED_MS }),
      );
    });
    const pairs = claimed.map((message, index) => ({ message, preparation: prepared[index] }));
    await mapConcurrent(pairs, channel.concurrency, async ({ message, preparation }) => {
      // What a stop leaves is due again when the lease ends.
      if (preparation !== undefined && !signal.aborted) await send(message, preparation);
    });
    return taken.length;
  };
};

/** Decides for each message whether it leaves now. */
async function prepare(
  { store, contacts, channel }: SendDeps,
  claimed: readonly ClaimedMessage[],
  nowMs: number,
): Promise<readonly Preparation[]> {
  const userIds = [...new Set(claimed.map(({ userId }) => userId))];
  const [choices, found] = await Promise.all([store.choicesOf(userIds), contacts.getContacts({ userIds })]);
  const contactOf = new Map(found.contacts.map((contact) => [contact.userId, contact]));
  const decided = claimed.map((message): Preparation | Addressed => {
    const chosen = choices.get(message.userId);
    const contact = contactOf.get(message.userId);
    if (!isEnabled(chosen, message.deliveries[0].kind, channel.name)) return { kind: 'DROP', reason: 'SWITCHED_OFF' };
    const recipient = recipientOf(message.userId, chosen, contact);
    const verdict = mayLeave(channel.name, message.noticeClass, recipient, message.received, nowMs);
    if (verdict.kind === 'DROP') return verdict;
    if (verdict.kind === 'POSTPONE') return { ...verdict, reason: 'QUIET' };
    if (contact === undefined) return { kind: 'DROP', reason: 'NO_ACCOUNT' };
    const language = chosen?.language ?? (contact.language === 'ko' ? 'ko' : 'en');
    return { message, contact, language, timezone: chosen?.timezone ?? undefined };
  });
  const addressed = decided.filter((each): each is Addressed => 'contact' in each);
  const preparations = (await channel.prepare(addressed, nowMs)).values();
  return decided.map((each) =>
    'contact' in each ? (preparations.next().value ?? { kind: 'DROP', reason: 'UNPREPARED' }) : each,
  );
}

/** What a message becomes: what must not leave twice is not handed over again unless it has certainly not left. */
function endingOf(channel: SendDeps['channel']['name'], message: Message, result: HandOver, nowMs: number): Ending {
  if (result.kind === 'SENT') return { state: 'SENT' };
  if (result.kind === 'REJECTED') return { state: 'FAILED', reason: result.reason };
  const [{ kind, attempt }] = message.deliveries;
  if (result.kind === 'UNKNOWN' && !isRepeated(channel, kind)) return { state: 'UNKNOWN', reason: result.reason };
  if (attempt + 1 >= TRIES_MAX) return { state: 'FAILED', reason: result.reason };
  return { state: 'PENDING', reason: result.reason, dueAt: new Date(nowMs + retryAfterMs(attempt + 1)) };
}
