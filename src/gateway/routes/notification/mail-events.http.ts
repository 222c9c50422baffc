import { createHash } from 'node:crypto';
import { z } from 'zod';
import { normaliseEmail } from '../../../contexts/identity/api.ts';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { SIGNED_WEBHOOK, signedBody, type WebhookChecks } from '../../auth/signed-webhook.ts';
import { valueFrom } from '../../problems/problem.ts';
import { parseJson } from '../../server/json-body.ts';
import { parsed } from '../../server/parsed.ts';
import { type Route, route } from '../../server/route.ts';

const EVENTS_MAX = 1_000;
const MailEvent = z
  .object({
    kind: z.string().meta({ examples: ['HARD_BOUNCE', 'COMPLAINT', 'SOFT_BOUNCE', 'DELIVERED'] }),
    email: z.string(),
    messageId: z.string().nullish(),
  })
  .meta({ id: 'MailEvent' });
const MailEventsBody = z.object({ events: z.array(MailEvent).max(EVENTS_MAX) });
/** What is read: one event that needs nothing may look as it likes, and does not keep the others of its batch away. */
const ReceivedBody = z.object({ events: z.array(z.unknown()).max(EVENTS_MAX) });
const EndingEvent = z.object({ kind: z.string(), email: z.string() });
const MailEventsView = z
  .strictObject({
    taken: z.int().meta({ description: 'How many of the events ended mail to an address. The others need nothing.' }),
  })
  .meta({ id: 'MailEventsReceipt' });
const ENDING: ReadonlySet<unknown> = new Set(['HARD_BOUNCE', 'COMPLAINT']);

export interface MailEventsDeps extends Omit<WebhookChecks, 'keys'> {
  readonly notification: Pick<NotificationService, 'reportMailEvent'>;
  /** Any of them may have signed. */
  readonly mailWebhookKeys: readonly Buffer[];
}

/** What a mail provider, or an adapter for one, reports of mails. The only credential is the signature. */
export const mailEventsRoutes = (deps: MailEventsDeps): readonly Route[] => [
  route({
    id: 'reportMailEvents',
    tag: 'notifications',
    method: 'POST',
    paths: ['/api/v1/notifications/mail-events'],
    summary: 'Receive bounces and complaints from a mail provider',
    description:
      'Signed as a Standard Webhook with a secret of `MAIL_WEBHOOK_SECRET`, as the one of payment providers. `HARD_BOUNCE`: the mailbox does not exist. `COMPLAINT`: the reader reported ' +
      'the mail as spam. Both end mail to the address; a complaint also ends the consent to marketing. Other kinds are taken and change nothing. The same body with the same `webhook-id` has one effect in 24 hours.',
    ...SIGNED_WEBHOOK,
    status: 200,
    bodyExample: {
      events: [{ kind: 'HARD_BOUNCE', email: 'ada@example.com', messageId: 'notice-42@shop.example.com' }],
    },
    response: { schema: MailEventsView, example: { taken: 1 } },
    body: MailEventsBody,
    async handle(request, reply) {
      const bytes = await signedBody({ ...deps, keys: deps.mailWebhookKeys }, request, reply);
      const { events } = parsed(ReceivedBody, parseJson(bytes));
      const requestHash = createHash('sha256').update(`${request.headers['webhook-id']}\n`).update(bytes).digest();
      let taken = 0;
      for (const [index, event] of events.entries()) {
        if (!isEnding(event)) continue;
        const { kind, email: given } = parsed(EndingEvent, event);
        const email = normaliseEmail(given);
        if (email === undefined) continue;
        // A repeat, by the provider or by whoever has recorded it, must not end what was allowed again since.
        const commandKey = { scope: SCOPE, key: `${requestHash.toString('base64url')} ${index}`, requestHash };
        valueFrom((await deps.notification.reportMailEvent({ kind, email, commandKey })).outcome);
        taken++;
      }
      return { taken };
    },
  }),
];

/** Of the keys of reports. */
const SCOPE = 'mail-events';

const isEnding = (event: unknown): boolean => ENDING.has((Object(event) as { readonly kind?: unknown }).kind);
