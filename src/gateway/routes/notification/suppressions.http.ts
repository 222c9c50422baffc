import { z } from 'zod';
import { EMAIL_MAX, normaliseEmail } from '../../../contexts/identity/api.ts';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { type Route, route } from '../../server/route.ts';
import { InstantText, PageFields, pageJson, pageOf, pageView, requiredInstant } from '../../server/schemas.ts';

const SuppressionView = z
  .strictObject({
    addressHash: z.string().meta({ description: 'SHA-256 of the address in lower case, base64url' }),
    reason: z.enum(['HARD_BOUNCE', 'COMPLAINT']),
    createdAt: InstantText,
  })
  .meta({ id: 'Suppression' });
const EXAMPLE = {
  addressHash: 'Y6cJlk1nlGqPnIQ8Ll6k7yTjQfXrj1QjqXkKxw0k2sE',
  reason: 'HARD_BOUNCE',
  createdAt: '2035-01-01T10:00:00.000Z',
} as const;

/** Addresses that get no mail. */
export const suppressionsRoutes = ({
  notification,
}: {
  readonly notification: Pick<NotificationService, 'listSuppressions' | 'liftSuppression'>;
}): readonly Route[] => [
  route({
    id: 'listSuppressions',
    tag: 'notifications',
    method: 'GET',
    paths: ['/api/v1/notifications/suppressions'],
    summary: 'List suppressed mail addresses, newest first',
    description: 'After a hard bounce or a complaint. Addresses are known by their hash only.',
    access: ['ADMIN'],
    scope: 'admin',
    status: 200,
    response: {
      schema: pageView('suppressions', SuppressionView).meta({ id: 'SuppressionList' }),
      example: { suppressions: [EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: z.strictObject(PageFields),
    async handle({ query }) {
      const { suppressions, nextCursor } = await notification.listSuppressions({ page: pageOf(query) });
      return {
        suppressions: suppressions.map(({ digest, reason, createdAt }) => ({
          addressHash: digest,
          reason,
          createdAt: requiredInstant(createdAt),
        })),
        ...pageJson(nextCursor),
      };
    },
  }),
  route({
    id: 'liftSuppression',
    tag: 'notifications',
    method: 'POST',
    paths: ['/api/v1/notifications/suppressions/lift'],
    summary: 'Remove the suppression of a mail address',
    description: 'The consent to marketing stays withdrawn: only the user gives it.',
    access: ['ADMIN'],
    scope: 'admin',
    status: 204,
    idempotent: true,
    bodyExample: { email: 'ada@example.com' },
    refusals: ['SUPPRESSION_NOT_FOUND'],
    body: z.strictObject({
      email: z
        .string()
        .max(EMAIL_MAX)
        .refine((text) => normaliseEmail(text) !== undefined, 'must be an e-mail address'),
    }),
    async handle({ call, body }): Promise<void> {
      const email = normaliseEmail(body.email) ?? '';
      call.valueFrom(await notification.liftSuppression({ email, commandKey: call.takeCommandKey() }));
    },
  }),
];
