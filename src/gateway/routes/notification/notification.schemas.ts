import { z } from 'zod';
import {
  CHANNELS,
  EXPIRY_DAYS,
  KIND_NAMES,
  type Notice,
  QUIET_TIME,
  type Settings,
} from '../../../contexts/notification/api.ts';
import { LANGUAGES } from '../../../platform/kernel/language.ts';
import { IdText, InstantText, PageFields, PathId, requiredInstant } from '../../server/schemas.ts';

export const NoticesQuery = z.strictObject({
  unread: z.literal('true').optional().meta({ description: 'Only notices that were not read' }),
  ...PageFields,
});

export const NoticeKind = z.enum(KIND_NAMES).meta({ id: 'NotificationKind' });

export const NoticeView = z
  .strictObject({
    notificationId: IdText,
    kind: NoticeKind,
    title: z.string().meta({ description: 'Plain text. Names in it are as users wrote them' }),
    body: z.string(),
    path: z.string().meta({ description: 'Where there is more to see' }),
    data: z.record(z.string(), z.string()).meta({ description: 'What the texts are made of' }),
    read: z.boolean(),
    createdAt: InstantText,
  })
  .meta({ id: 'Notification' });

export const noticeJson = ({ id, kind, title, body, path, data, isRead, createdAt }: Notice) => ({
  notificationId: String(id),
  kind,
  title,
  body,
  path,
  data,
  read: isRead,
  createdAt: requiredInstant(createdAt),
});

export const NOTICE_EXAMPLE = {
  notificationId: '7330011234567899',
  kind: 'COUPON_ISSUED',
  title: 'You got a coupon',
  body: 'Opening day · use it before 1 Feb 2035, 00:00',
  path: '/coupons/7330011234567890',
  data: {
    couponId: '7330011234567890',
    policyId: '7330011234560000',
    couponName: 'Opening day',
    expiresAt: '2035-01-31T15:00:00.000Z',
  },
  read: false,
  createdAt: '2035-01-01T01:00:01.000Z',
} as const;

export const OneNotice = z.strictObject({ id: PathId });

export const UnreadView = z.strictObject({ unreadCount: z.int().min(0) }).meta({ id: 'UnreadCount' });

const TIMEZONE_MAX = 100;
const QuietTime = z
  .string()
  .regex(QUIET_TIME, 'must be a time such as 21:00')
  .meta({ examples: ['21:00'] });
const QuietHours = z.strictObject({ from: QuietTime, until: QuietTime }).meta({ id: 'QuietHours' });
const PreferenceView = z
  .strictObject({
    kind: NoticeKind,
    channel: z.enum(CHANNELS).meta({ id: 'NotificationChannel' }),
    enabled: z.boolean(),
  })
  .meta({ id: 'NotificationPreference' });
const PREFERENCES_MAX = KIND_NAMES.length * CHANNELS.length;
const ExpiryDay = z.literal(EXPIRY_DAYS);

export const SettingsBody = z.strictObject({
  preferences: z.array(PreferenceView).max(PREFERENCES_MAX).default([]).meta({
    description: 'Those that are left out have their default. INBOX off: no notices of the kind at all',
  }),
  language: z.enum(LANGUAGES).nullish().meta({ description: 'null: that of each request' }),
  timezone: z
    .string()
    .min(1)
    .max(TIMEZONE_MAX)
    .nullish()
    .meta({
      description: 'An IANA time zone; null: that of the shop',
      examples: ['Asia/Seoul'],
    }),
  expiryDays: z
    .array(ExpiryDay)
    .max(EXPIRY_DAYS.length)
    .default([...EXPIRY_DAYS])
    .meta({ description: 'How many days before a coupon expires; empty: not at all' }),
  quietHours: QuietHours.nullish().meta({
    description:
      'In the time zone. null: from 21:00 to 08:00 for advertising alone, which the law requires in any case',
  }),
});

export const SettingsView = z
  .strictObject({
    preferences: z.array(PreferenceView).meta({ description: 'Each kind with each channel' }),
    language: z.enum(LANGUAGES).nullable(),
    timezone: z.string().nullable(),
    expiryDays: z.array(ExpiryDay),
    quietHours: QuietHours.nullable(),
  })
  .meta({ id: 'NotificationPreferences' });

export const settingsJson = ({ preferences, language, timezone, expiryDays, quietHours }: Settings) => ({
  preferences,
  language: language ?? null,
  timezone: timezone ?? null,
  expiryDays,
  quietHours: quietHours ?? null,
});

export const SETTINGS_EXAMPLE = {
  preferences: [{ kind: 'STORE_COUPON_OPENED', channel: 'EMAIL', enabled: false }],
  language: 'ko',
  timezone: 'Asia/Seoul',
  expiryDays: [3, 1],
  quietHours: { from: '22:00', until: '07:00' },
} as const;
