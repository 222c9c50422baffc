import { z } from 'zod';
import { topic } from '../events/topic.ts';

const text = (max: number, description: string) => z.string().min(1).max(max).meta({ description });

/** Every context publishes it, in the transaction of the change; identity declares and stores it. */
export const AUDIT_TOPIC = 'audit.recorded';

/** Times are those of the envelope. */
export const AUDIT_RECORDED = topic({
  summary: 'An ADMIN, an OWNER or a machine changed something',
  key: 'actor',
  data: z.object({
    auditId: z
      .string()
      .regex(/^\d{1,19}$/)
      .meta({ description: 'The line of the audit log' }),
    actor: text(30, 'user:<id>, key:<id> of an API key, or service:<id> of a machine with a token'),
    role: z.enum(['OWNER', 'ADMIN', 'SERVICE']).meta({ description: 'The role in which it was done' }),
    operation: text(100, 'The operation by its name in the OpenAPI document'),
    requestId: text(200, 'The x-request-id of the request'),
    subject: z
      .string()
      .max(200)
      .nullable()
      .meta({ description: 'The id of what was changed or created, or of the user whom it concerns; null: not known' }),
    fields: z.array(z.string().max(100)).meta({
      description: 'The fields of the request without their values; further ids of its path: `userId:42`',
    }),
  }),
  example: {
    auditId: '7330011234567899',
    actor: 'user:42',
    role: 'ADMIN',
    operation: 'updateUser',
    requestId: '0c7e6d2e-9a52-4c0f-8a39-5d4b8f6b7e11',
    subject: '7330011234567890',
    fields: ['status'],
  },
});
