import { z } from 'zod';
import { KIND_NAMES, type Notice } from '../../../contexts/notification/api.ts';
import { IdText, InstantText, PageFields, requiredInstant } from '../../server/schemas.ts';

export const NoticesQuery = z.strictObject({
  unread: z.literal('true').optional().meta({ description: 'Only notices that were not read' }),
  ...PageFields,
});

export const NoticeView = z.strictObject({
  notificationId: IdText,
  kind: z.enum(KIND_NAMES),
  title: z.string().meta({ description: 'Plain text. Names in it are as users wrote them' }),
  body: z.string(),
  path: z.string().meta({ description: 'Where there is more to see' }),
  data: z.record(z.string(), z.string()).meta({ description: 'What the texts are made of' }),
  read: z.boolean(),
  createdAt: InstantText,
});

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
  body: 'Opening day · use it before 1 Feb 2026, 00:00',
  path: '/coupons/7330011234567890',
  data: {
    couponId: '7330011234567890',
    policyId: '7330011234560000',
    couponName: 'Opening day',
    expiresAt: '2026-01-31T15:00:00.000Z',
  },
  read: false,
  createdAt: '2026-01-01T01:00:01.000Z',
} as const;
