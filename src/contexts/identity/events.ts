import { z } from 'zod';
import { AUDIT_RECORDED, AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import { id, topic } from '../../platform/events/topic.ts';

/** Every event that this context publishes. */
export const IDENTITY_EVENTS = {
  'user.signed_up': topic({
    summary: 'A user signed up. Where mail is configured: and showed that the e-mail address is theirs',
    key: 'userId',
    data: z.object({
      userId: id('The new user'),
      email: z.string().min(1).meta({ description: 'The e-mail address as the user wrote it' }),
    }),
    example: { userId: '42', email: 'minji@example.com' },
  }),
  'user.password_changed': topic({
    summary: 'A user changed or reset the password, and all sessions ended',
    key: 'userId',
    data: z.object({ userId: id('The user') }),
    example: { userId: '42' },
  }),
  'user.deleted': topic({
    summary: 'A user deleted the account. Contexts that keep personal data of the user delete it',
    key: 'userId',
    data: z.object({ userId: id('The user. Orders and ledger keep this id, and nothing else') }),
    example: { userId: '42' },
  }),
  [AUDIT_TOPIC]: AUDIT_RECORDED,
} as const;
