import type { Logger } from 'pino';
import { type Delivery, lateFromMs } from '../../domain/delivery.ts';
import { mayLeave } from '../../domain/may-leave.ts';
import { contactsById } from './contacts.ts';
import { isEnabled, recipientOf } from './plan.ts';
import type {
  Addressed,
  Choices,
  ClaimedMessage,
  Contacts,
  CouponCalls,
  DeliveryChannel,
  DeliveryStore,
  Preparation,
} from './ports.ts';
import { unusedCoupons } from './unused-coupons.ts';

/** A message that could not be prepared, because a dependency is away, waits this long. */
const UNPREPARED_MS = 10_000;

export interface PrepareDeps {
  readonly store: DeliveryStore;
  readonly contacts: Contacts;
  readonly coupon: CouponCalls;
  readonly channel: DeliveryChannel;
  readonly log: Logger;
}

/** A message, or the part of a digest that is wanted or is not, and what happens to it. */
export interface Prepared {
  readonly message: ClaimedMessage;
  /** Called right before it leaves: it may have become night, or what it announces may have happened. */
  readonly preparationAt: (nowMs: number) => Preparation;
}

export const unprepared = (nowMs: number): Preparation => ({
  kind: 'POSTPONE',
  reason: 'UNPREPARED',
  untilMs: nowMs + UNPREPARED_MS,
});

/** Decides for each message whether it leaves now, and which of its notices. Rejects when users and their choices cannot be read. */
export async function prepare(
  { store, contacts, coupon, channel, log }: PrepareDeps,
  claimed: readonly ClaimedMessage[],
  nowMs: number,
): Promise<readonly Prepared[]> {
  const userIds = [...new Set(claimed.map(({ userId }) => userId))];
  const [choices, contactOf, unused] = await Promise.all([
    store.choicesOf(userIds),
    contactsById(contacts, userIds),
    unusedCoupons(coupon, couponsOf(claimed)).catch((err: unknown) => {
      log.warn(
        { err, channel: channel.name },
        'reminders wait, because it is not known whether their coupons are used',
      );
      return undefined;
    }),
  ]);
  /** Marketing messages of this claim by user: they count like those that the user got. */
  const leaving = new Map<bigint, number>();

  function whyDropped(delivery: Delivery, chosen: Choices | undefined): string | undefined {
    if (!isEnabled(chosen, delivery.kind, channel.name)) return 'SWITCHED_OFF';
    if (nowMs >= (lateFromMs(delivery) ?? Number.POSITIVE_INFINITY)) return 'LATE';
    // The event that drops the notice of a used coupon may still be on its way.
    return isOfCoupon(delivery) && unused?.has(BigInt(delivery.subject)) === false ? 'COUPON_USED' : undefined;
  }

  function decide(message: ClaimedMessage): Prepared | (Addressed & Prepared) {
    if (unused === undefined && message.deliveries.some(isOfCoupon))
      return { message, preparationAt: () => unprepared(nowMs) };
    const chosen = choices.get(message.userId);
    const contact = contactOf.get(message.userId);
    const recipient = recipientOf(message.userId, chosen, contact);
    const more = leaving.get(message.userId) ?? 0;
    const received = { lastDay: message.received.lastDay + more, lastWeek: message.received.lastWeek + more };
    const verdictAt = (atMs: number) => mayLeave(channel.name, message.noticeClass, recipient, received, atMs);
    const verdict = verdictAt(nowMs);
    if (verdict.kind !== 'SEND') return { message, preparationAt: () => verdict };
    if (contact === undefined) return { message, preparationAt: () => ({ kind: 'DROP', reason: 'NO_ACCOUNT' }) };
    if (message.noticeClass === 'MARKETING') leaving.set(message.userId, more + 1);
    const language = chosen?.language ?? (contact.language === 'ko' ? 'ko' : 'en');
    const timezone = chosen?.timezone ?? undefined;
    const lateMs = message.deliveries.map((delivery) => lateFromMs(delivery) ?? Number.POSITIVE_INFINITY);
    const preparationAt = (atMs: number): Preparation => {
      if (atMs >= Math.max(...lateMs)) return { kind: 'DROP', reason: 'LATE' };
      // The next claim leaves out what has happened, and sends the others.
      if (atMs >= Math.min(...lateMs)) return { kind: 'POSTPONE', reason: 'LATE_IN_PART', untilMs: atMs };
      const again = verdictAt(atMs);
      return again.kind === 'SEND' ? (preparations.get(message) ?? { kind: 'DROP', reason: 'UNPREPARED' }) : again;
    };
    return { message, contact, language, timezone, lateFromMs: lateFromMs(message.deliveries[0]), preparationAt };
  }

  const decided = claimed.flatMap((message) => {
    const parts = Map.groupBy(message.deliveries, (each) => whyDropped(each, choices.get(message.userId)));
    return [...parts].map(([reason, deliveries]) => {
      // No group is empty.
      const part = { ...message, deliveries: deliveries as unknown as ClaimedMessage['deliveries'] };
      return reason === undefined
        ? decide(part)
        : { message: part, preparationAt: (): Preparation => ({ kind: 'DROP', reason }) };
    });
  });
  const addressed = decided.filter((each): each is Addressed & Prepared => 'contact' in each);
  const answers = await channel.prepare(addressed, nowMs);
  const preparations = new Map(addressed.map(({ message }, index) => [message, answers[index]]));
  return decided;
}

const isOfCoupon = ({ kind }: Delivery): boolean => kind === 'COUPON_EXPIRING';

/** The coupons whose reminders these messages are. */
const couponsOf = (claimed: readonly ClaimedMessage[]): readonly bigint[] =>
  claimed.flatMap(({ deliveries }) => deliveries.filter(isOfCoupon)).map(({ subject }) => BigInt(subject));
