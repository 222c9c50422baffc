/** Where a notice can appear. A user who turns INBOX off for a kind gets no notices of it at all. */
export const CHANNELS = ['INBOX', 'EMAIL', 'PUSH'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * TRANSACTIONAL: about what the user did. REMINDER: of what the user follows or has, until the user turns it off. MARKETING: needs the user's consent, and is not sent at night.
 */
export type NoticeClass = 'TRANSACTIONAL' | 'REMINDER' | 'MARKETING';

interface KindFacts {
  readonly noticeClass: NoticeClass;
  /** The channels of a user who has not chosen any. */
  readonly channels: readonly Channel[];
  /** Is its e-mail sent again when it is not known whether it arrived? Absent: no. */
  readonly isMailRepeated?: true;
}

const EVERYWHERE = CHANNELS;
const AT_HAND = ['INBOX', 'PUSH'] as const;

/** Every kind of notice. The texts are in texts.ts. */
export const KINDS = {
  COUPON_ISSUED: { noticeClass: 'TRANSACTIONAL', channels: AT_HAND },
  STORE_COUPON_OPENED: { noticeClass: 'MARKETING', channels: EVERYWHERE },
  POLICY_OPENING: { noticeClass: 'REMINDER', channels: EVERYWHERE },
  POLICY_OPENED: { noticeClass: 'REMINDER', channels: AT_HAND },
  COUPON_EXPIRING: { noticeClass: 'REMINDER', channels: EVERYWHERE },
  POINTS_EXPIRING: { noticeClass: 'REMINDER', channels: EVERYWHERE },
  POINTS_CREDITED: { noticeClass: 'TRANSACTIONAL', channels: AT_HAND },
  ORDER_PAID: { noticeClass: 'TRANSACTIONAL', channels: EVERYWHERE, isMailRepeated: true },
  ORDER_EXPIRED: { noticeClass: 'TRANSACTIONAL', channels: EVERYWHERE, isMailRepeated: true },
  ORDER_REFUNDED: { noticeClass: 'TRANSACTIONAL', channels: EVERYWHERE, isMailRepeated: true },
  /** For administrators. */
  WEBHOOK_DISABLED: { noticeClass: 'TRANSACTIONAL', channels: EVERYWHERE, isMailRepeated: true },
  ANNOUNCEMENT: { noticeClass: 'MARKETING', channels: EVERYWHERE },
} as const satisfies Readonly<Record<string, KindFacts>>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];
