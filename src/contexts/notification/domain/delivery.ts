import { KINDS, type Kind, type NoticeClass } from './kinds.ts';
import type { NoticeData } from './notice.ts';
import { classOf } from './notice-class.ts';

/** The channels by which notices leave the system. */
export const OUTWARD = ['EMAIL', 'PUSH'] as const;
export type Outward = (typeof OUTWARD)[number];

/**
 * PENDING: waits for its due time. SENDING: committed before it is handed over, so that a process that dies in between does not make it go out twice.
 * UNKNOWN: handed over, and no response. FAILED: refused for good, or tried in vain. DROPPED: not wanted any more.
 */
export const DELIVERY_STATES = ['PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'FAILED', 'DROPPED'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Reasons to wait that change when a delivery should leave. Any other one makes it late. */
export const PLANNED_WAITS = ['QUIET', 'MARKETING_LIMIT', 'RATE'] as const;

/** A notice on its way by one channel. */
export interface Delivery {
  readonly id: bigint;
  readonly userId: bigint;
  readonly channel: Outward;
  /** The notice that it brings. */
  readonly noticeId: bigint;
  readonly kind: Kind;
  readonly subject: string;
  readonly day: string;
  readonly data: NoticeData;
  /** How often it was handed over before. */
  readonly attempt: number;
  /** Why it waited. */
  readonly reason: string | null;
}

/** What goes to a user as one message: one notice, or several in a digest. */
export interface Message {
  readonly userId: bigint;
  readonly noticeClass: NoticeClass;
  readonly deliveries: readonly [Delivery, ...Delivery[]];
}

/** The mail of a digest leaves this long after its first notice, so that those of one day are together in it. */
export const DIGEST_WAIT_MS = 10 * 60_000;

/** The digest that a notice is part of. Empty: it is a message of its own. */
export function digestOf(channel: Outward, kind: Kind, noticeClass: NoticeClass): string {
  if (channel === 'PUSH') return '';
  if (noticeClass === 'MARKETING') return 'MARKETING';
  return kind === 'COUPON_EXPIRING' ? kind : '';
}

/** Where the data of a kind has the instant that it tells of beforehand. */
const TOLD_BEFORE: { readonly [K in Kind]?: string } = { POLICY_OPENING: 'opensAt', COUPON_EXPIRING: 'expiresAt' };

/** When what a notice says will happen has happened, so that it must have left before. Undefined: it never comes too late. */
export function lateFromMs({ kind, data }: Pick<Delivery, 'kind' | 'data'>): number | undefined {
  const instant = data[TOLD_BEFORE[kind] ?? ''];
  return instant === undefined ? undefined : Date.parse(instant);
}

/** Is it handed over again when the outcome is not known? */
export const isRepeated = (channel: Outward, kind: Kind): boolean =>
  channel === 'EMAIL' && 'isMailRepeated' in KINDS[kind];

/** Puts deliveries of one user and channel together: those of one digest are one message. */
export function messagesOf(channel: Outward, userId: bigint, deliveries: readonly Delivery[]): readonly Message[] {
  const groups = Map.groupBy(deliveries, ({ id, kind, data }) => digestOf(channel, kind, classOf(kind, data)) || id);
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return first === undefined
      ? []
      : [{ userId, noticeClass: classOf(first.kind, first.data), deliveries: [first, ...others] as const }];
  });
}
