import type { OutboxBatch } from '../../../../platform/events/outbox.ts';
import type { Language } from '../../../../platform/kernel/language.ts';
import type { Delivery, Message, Outward } from '../../domain/delivery.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { Received } from '../../domain/may-leave.ts';
import type { NoticeData } from '../../domain/notice.ts';
import type { QuietHours } from '../../domain/quiet-hours.ts';

/** A notice that was written and is not planned yet. */
export interface PlannedNotice {
  readonly userId: bigint;
  readonly number: bigint;
  readonly kind: Kind;
  readonly subject: string;
  readonly day: string;
  readonly data: NoticeData;
}

/** What a user has chosen. */
export interface Choices {
  readonly language: Language | null;
  readonly timezone: string | null;
  readonly quietHours: QuietHours | null;
  /** By `kind channel`: only what differs from the default. */
  readonly enabled: ReadonlyMap<string, boolean>;
}

export interface NewDelivery extends Omit<PlannedNotice, 'data'> {
  readonly channel: Outward;
  readonly digest: string;
  readonly dueAt: Date;
}

/** Deliveries that a process has taken, or is handing over, until the lease ends. */
export interface Held {
  readonly deliveries: readonly Delivery[];
  readonly state: 'PENDING' | 'SENDING';
  readonly leaseUntil: Date;
}

/** A message that this process may hand over until its lease ends. */
export interface ClaimedMessage extends Message {
  readonly state: 'PENDING';
  readonly leaseUntil: Date;
  readonly received: Received;
}

/** What became of a message that was handed over, or of one that is not. */
export type DeliveryOutcome =
  | { readonly state: 'SENT' }
  | { readonly state: 'UNKNOWN' | 'FAILED' | 'DROPPED'; readonly reason: string }
  | { readonly state: 'PENDING'; readonly reason: string; readonly dueAt: Date };

/** Builds the events of deliveries that have ended. */
export type OutcomeEvents = (
  deliveries: readonly Pick<Delivery, 'noticeId' | 'userId' | 'kind' | 'channel'>[],
  outcome: DeliveryOutcome,
) => OutboxBatch[];

/** The deliveries of one database. */
export interface DeliveryStore {
  /** The oldest batch that is not planned. Undefined: none. */
  nextBatch(): Promise<{ readonly id: bigint; readonly notices: readonly PlannedNotice[] } | undefined>;
  /** Deletes the batch and adds its deliveries, in one transaction. Does nothing when another process has planned it. */
  finishBatch(id: bigint, deliveries: readonly NewDelivery[]): Promise<void>;
  /**
   * Takes messages that are due, until `leaseUntil`; a digest with all that waits for it. Messages that no process has ended within its lease come back: as
   * they are, or as UNKNOWN when they may have left and must not leave twice.
   */
  claim(channel: Outward, at: Date, leaseUntil: Date, limit: number): Promise<readonly ClaimedMessage[]>;
  /** Commits that the message is handed over now. Returns undefined when it is not this process's any more, or its lease has ended. */
  begin(message: ClaimedMessage, messageId: bigint, at: Date, leaseUntil: Date): Promise<Held | undefined>;
  /** Commits what became of it. Does nothing when it is not this process's any more. */
  end(held: Held, outcome: DeliveryOutcome, at: Date): Promise<void>;
  choicesOf(userIds: readonly bigint[]): Promise<ReadonlyMap<bigint, Choices>>;
  /** Which of these users have a browser that takes notices. */
  withPush(userIds: readonly bigint[]): Promise<ReadonlySet<bigint>>;
  deleteFinished(before: Date, limit: number): Promise<number>;
}

/** How a user is reached. */
export interface Contact {
  readonly userId: bigint;
  readonly email: string;
  readonly name: string;
  readonly language: string;
  readonly emailVerified: boolean;
  readonly marketingConsent: { readonly at?: Date | undefined } | undefined;
}
export interface Contacts {
  getContacts(request: { readonly userIds: readonly bigint[] }): Promise<{
    readonly contacts: readonly Contact[];
    /** Ids of no user of this system. */
    readonly unknownUserIds: readonly bigint[];
  }>;
}

/** Which of these coupons can still be used. */
export interface CouponCalls {
  listUnusedCoupons(request: {
    readonly couponIds: readonly bigint[];
  }): Promise<{ readonly couponIds: readonly bigint[] }>;
}

/** A message with all that a channel needs to write it. */
export interface Addressed {
  readonly message: Message;
  readonly contact: Contact;
  readonly language: Language;
  readonly timezone: string | undefined;
  /** From then on it must not arrive any more. Absent: it never comes too late. */
  readonly lateFromMs?: number | undefined;
}

/** REJECTED: for good. NOT_SENT: it has certainly not left. UNKNOWN: it may have left. */
export type HandOver =
  | { readonly kind: 'SENT' }
  | { readonly kind: 'REJECTED' | 'UNKNOWN'; readonly reason: string }
  | { readonly kind: 'NOT_SENT'; readonly reason: string };

/** What a channel does with a message before anything is handed over. */
export type Preparation =
  | { readonly kind: 'SEND'; handOver(messageId: bigint): Promise<HandOver> }
  | { readonly kind: 'DROP'; readonly reason: string }
  | { readonly kind: 'POSTPONE'; readonly reason: string; readonly untilMs: number };

/** A way out of the system. The README says what a new one needs. */
export interface DeliveryChannel {
  readonly name: Outward;
  /** Messages that are handed over at the same time. */
  readonly concurrency: number;
  /** In the order of the messages. Rejects for none of them: a message that cannot be written throws when it is handed over. */
  prepare(messages: readonly Addressed[], nowMs: number): Promise<readonly Preparation[]>;
  close(): void;
}
