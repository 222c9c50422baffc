import type { Delivery } from '../../../platform/events/bus.ts';
import type { Idempotency, Replay } from '../../../platform/kernel/command-key.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import type { Kind } from '../domain/kinds.ts';
import type { NewNotice, Notice } from '../domain/notice.ts';
import type { NoticeFact } from '../domain/notice-fact.ts';
import type { Settings } from '../domain/settings.ts';

/** The consumer group of the events that make notices for their users, for the bus and the inbox of events. */
export const CONSUMER = 'notification.notices';

export interface IntakeStore {
  /** Stores what `factsOf` makes of those of the events that the consumer group has not handled before, in one transaction. */
  addOnce<Event extends Delivery<unknown>>(
    consumer: string,
    events: readonly Event[],
    factsOf: (fresh: readonly Event[]) => NoticeFact[],
  ): Promise<void>;
  /** Writes the notices of the oldest facts, at most some thousand, in one transaction. Sets aside those that cannot be written. */
  writeNext(): Promise<WriteResult>;
}

export interface IntakeAge {
  /** How long the oldest fact has waited, in seconds, also while a writer has it; 0 when none waits. */
  oldestSeconds(): Promise<number>;
}

export type WriteResult =
  | {
      readonly kind: 'WRITTEN';
      readonly notices: readonly { readonly kind: Kind }[];
      readonly rejected: readonly RejectedFact[];
      /** Whose inboxes may have changed. */
      readonly userIds: readonly bigint[];
      /** How long the oldest of the facts had waited. */
      readonly ageSeconds: number;
      /** How old the newest fact is that waits or was written. */
      readonly newestSeconds: number;
    }
  | { readonly kind: 'EMPTY' }
  /** Another process writes. */
  | { readonly kind: 'BUSY' };

/** A fact that was set aside, because it could not be written. */
export interface RejectedFact {
  readonly id: bigint;
  readonly reason: string;
}

/** What holds for all notices of an inbox. */
export interface InboxHead {
  readonly readUpTo: bigint;
  readonly unread: number;
  /** Null: the user has chosen none. */
  readonly language: Language | null;
  readonly timezone: string | null;
}

export interface InboxPage {
  readonly head: InboxHead;
  readonly notices: readonly Notice[];
}

export interface InboxReader {
  headOf(userId: bigint): Promise<InboxHead>;
  /** Newest first, with numbers below `before`. */
  list(
    userId: bigint,
    page: { readonly before: bigint | undefined; readonly limit: number; readonly unreadOnly: boolean },
  ): Promise<InboxPage>;
}

export type InboxChanged = { readonly unread: number } | 'not found';

/** With `idempotency` a change has one effect for its key, as everywhere. */
export interface InboxChanges {
  markRead(userId: bigint, noticeId: bigint, idempotency?: Idempotency<InboxChanged>): Promise<InboxChanged | Replay>;
  markAllRead(userId: bigint, idempotency?: Idempotency<InboxChanged>): Promise<InboxChanged | Replay>;
  delete(userId: bigint, noticeId: bigint, idempotency?: Idempotency<InboxChanged>): Promise<InboxChanged | Replay>;
}

export type SettingsReplaced = Settings | 'deleted';

export interface SettingsStore {
  /** The defaults of a user who has chosen nothing. */
  find(userId: bigint): Promise<Settings>;
  /** `deleted`: the user has deleted the account, and nothing was stored. */
  replace(
    userId: bigint,
    chosen: Settings,
    idempotency?: Idempotency<SettingsReplaced>,
  ): Promise<SettingsReplaced | Replay>;
}

export interface ReminderStore {
  /** Those of these users who do not want to be reminded so many days before. */
  withoutReminder(userIds: readonly bigint[], days: number): Promise<ReadonlySet<bigint>>;
  /**
   * Writes those that their users do not have yet, and returns them. Deletes those of them that `withoutReason` returns, in the same transaction: it is
   * called while their inboxes are locked.
   */
  write(
    wanted: readonly NewNotice[],
    withoutReason: (fresh: readonly WrittenReminder[]) => Promise<readonly WrittenReminder[]>,
  ): Promise<readonly WrittenReminder[]>;
}

export interface WrittenReminder {
  readonly userId: bigint;
  readonly kind: Kind;
  readonly subject: string;
}

export interface OldNotices {
  /** Notices from before this time, at most `limit`, in any order. */
  find(before: Date, limit: number): Promise<readonly OldNotice[]>;
  /** Deletes those that are still there, in one transaction. Returns how many. */
  delete(old: readonly OldNotice[]): Promise<number>;
  /** Forgets at most `limit` notices from before this time that their users have deleted. Returns how many. */
  forgetDeleted(before: Date, limit: number): Promise<number>;
}

export interface InboxNews extends InboxPage {
  /** 0 when the inbox is empty. */
  readonly lastNumber: bigint;
}

export interface InboxNewsReader {
  /**
   * Reads the notices after each position, in ascending order, at most `limit` of each. Returns the inboxes in the order of the positions.
   * A position without `number` has no notices.
   */
  readNews(
    positions: readonly { readonly userId: bigint; readonly number?: bigint | undefined }[],
    limit: number,
  ): Promise<InboxNews[]>;
}

/** Says which inboxes have changed, in every process of the database. */
export interface InboxSignal extends InboxFeed {
  /** Call it after the commit. Returns at once: what is called within some milliseconds is sent together. */
  notify(userIds: Iterable<bigint>): void;
}

/** Which inboxes have changed. */
export interface InboxFeed {
  /**
   * Calls `changed` with the users whose inboxes have changed, in this process or in others; with no users when any inbox may have changed, first when
   * nothing will be missed from then on. Returns how to stop.
   *
   * A change may be signalled twice, or not at all when a process was killed right after its commit: read open inboxes every now and then.
   */
  subscribe(changed: InboxListener): () => void;
}

export type InboxListener = (userIds: readonly bigint[]) => void;

export interface OldNotice {
  readonly userId: bigint;
  readonly number: bigint;
}
