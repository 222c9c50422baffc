import type { WebhookEvents } from '../../webhook/api.ts';
import { noticeDay } from './notice.ts';
import type { NoticeFact } from './notice-fact.ts';

/** The notices for administrators that a webhook was disabled, one for each time: their subject is its line of the audit log. */
export const webhookDisabledFacts = (
  { webhookId, auditId, origin, reason, disabledAt }: WebhookEvents['webhook.disabled'],
  administratorIds: readonly bigint[],
): readonly NoticeFact[] =>
  administratorIds.map((userId) => ({
    what: 'NOTICE',
    userId: String(userId),
    kind: 'WEBHOOK_DISABLED',
    subject: auditId,
    day: noticeDay(Date.parse(disabledAt)),
    data: { webhookId, origin, reason, disabledAt },
  }));
