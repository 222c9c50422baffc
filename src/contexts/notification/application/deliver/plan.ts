import type { Clock } from '../../../../platform/kernel/clock.ts';
import { shopTimeZone } from '../../../../platform/kernel/shop.ts';
import { DIGEST_WAIT_MS, digestOf, type Outward } from '../../domain/delivery.ts';
import { KINDS } from '../../domain/kinds.ts';
import { mayLeave } from '../../domain/may-leave.ts';
import { classOf } from '../../domain/notice-class.ts';
import { contactsById } from './contacts.ts';
import type { Choices, Contact, Contacts, DeliveryStore, NewDelivery, PlannedNotice } from './ports.ts';

const NONE_RECEIVED = { lastDay: 0, lastWeek: 0 };

export interface PlanDeps {
  readonly store: DeliveryStore;
  readonly contacts: Contacts;
  /** Those that are configured. */
  readonly channels: readonly Outward[];
  readonly clock: Clock;
}

/**
 * Makes deliveries of a batch of notices: for the channels that each user wants, at the time that is right there. Contacts are asked for between two
 * transactions; when another process has planned the batch meanwhile, nothing is added. Returns false when there was no batch.
 */
export const planNextBatch =
  ({ store, contacts, channels, clock }: PlanDeps) =>
  async (): Promise<boolean> => {
    const batch = await store.nextBatch();
    if (batch === undefined) return false;
    if (channels.length === 0) {
      await store.finishBatch(batch.id, []);
      return true;
    }
    const userIds = [...new Set(batch.notices.map(({ userId }) => userId))];
    const [choices, contactOf, withPush] = await Promise.all([
      store.choicesOf(userIds),
      contactsById(contacts, userIds),
      channels.includes('PUSH') ? store.withPush(userIds) : new Set<bigint>(),
    ]);
    const nowMs = clock();
    const deliveries = batch.notices.flatMap((notice) =>
      channels
        .filter((channel) => channel !== 'PUSH' || withPush.has(notice.userId))
        .flatMap((channel) => plan(notice, channel, choices.get(notice.userId), contactOf.get(notice.userId), nowMs)),
    );
    await store.finishBatch(batch.id, deliveries);
    return true;
  };

function plan(
  { data, ...notice }: PlannedNotice,
  channel: Outward,
  choices: Choices | undefined,
  contact: Contact | undefined,
  nowMs: number,
): readonly NewDelivery[] {
  if (!isEnabled(choices, notice.kind, channel)) return [];
  const noticeClass = classOf(notice.kind, data);
  const digest = digestOf(channel, notice.kind, noticeClass);
  const dueMs = nowMs + (digest === '' ? 0 : DIGEST_WAIT_MS);
  const verdict = mayLeave(channel, noticeClass, recipientOf(notice.userId, choices, contact), NONE_RECEIVED, dueMs);
  if (verdict.kind === 'DROP') return [];
  const dueAt = new Date(verdict.kind === 'POSTPONE' ? verdict.untilMs : dueMs);
  return [{ ...notice, channel, digest, dueAt }];
}

/** Does the user want notices of this kind by this channel? */
export const isEnabled = (choices: Choices | undefined, kind: PlannedNotice['kind'], channel: Outward): boolean =>
  choices?.enabled.get(`${kind} ${channel}`) ?? KINDS[kind].channels.some((each) => each === channel);

export const recipientOf = (userId: bigint, choices: Choices | undefined, contact: Contact | undefined) => ({
  userId,
  timezone: choices?.timezone ?? shopTimeZone(),
  quietHours: choices?.quietHours ?? null,
  contact: contact && {
    emailVerified: contact.emailVerified,
    isMarketingWanted: contact.marketingConsent !== undefined,
  },
});
