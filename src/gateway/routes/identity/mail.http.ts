import type { IdentityService } from '../../../contexts/identity/api.ts';
import type { RevokedSessions } from '../../auth/revoked-sessions.ts';
import { accountOfEmail } from '../../limits/limited-account.ts';
import type { MailLimits } from '../../limits/mail-limits.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import {
  MAIL_REQUESTED_EXAMPLE,
  MailBody,
  MailRequestedView,
  ResetBody,
  TOKEN_EXAMPLE,
  TokenBody,
} from './mail.schemas.ts';

const SAME_FOR_ALL =
  'The response is the same for every address, after the same time. 3 mails an hour to an address from one client address, and 10 from all.';

export const mailRoutes = ({
  identity,
  mailLimits,
  revoked,
}: {
  readonly identity: IdentityService;
  readonly mailLimits: MailLimits;
  readonly revoked: RevokedSessions;
}): readonly Route[] => [
  route({
    id: 'verifyEmail',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/verify-email'],
    summary: 'Verify an e-mail address',
    description:
      'With the token of the link in the mail of a sign-up; the user can log in then, or, after a second sign-up with the address, choose a password by the newest mail. A link is valid once, for 24 hours, until a newer one is sent.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 204,
    bodyExample: { token: TOKEN_EXAMPLE },
    refusals: ['LINK_INVALID', 'MAIL_NOT_CONFIGURED'],
    idempotent: true,
    ownCredential: true,
    body: TokenBody,
    async handle({ call, body: { token } }): Promise<void> {
      call.valueFrom(await identity.verifyEmail({ token, commandKey: call.takeCommandKey() }));
    },
  }),
  route({
    id: 'requestEmailVerification',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/verify-email/request'],
    summary: 'Request another mail that verifies an e-mail address',
    description: `Sent when the address has an account that is not verified. ${SAME_FOR_ALL}`,
    access: 'ANYBODY',
    scope: 'admin',
    status: 202,
    response: { schema: MailRequestedView, example: MAIL_REQUESTED_EXAMPLE },
    bodyExample: { email: 'ada@example.com' },
    refusals: ['MAIL_NOT_CONFIGURED'],
    idempotent: true,
    ownCredential: true,
    body: MailBody,
    async handle({ call, body: { email }, request }) {
      await mailLimits.request(accountOfEmail(email), request);
      const language = languageOf(request.headers['accept-language']);
      const message = { email, language, commandKey: call.takeCommandKey() };
      return { email: call.valueFrom(await identity.requestEmailVerification(message)).email };
    },
  }),
  route({
    id: 'requestPasswordReset',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/password-reset'],
    summary: 'Request a mail to choose a new password',
    description: `Sent when the address has an active account. ${SAME_FOR_ALL}`,
    access: 'ANYBODY',
    scope: 'admin',
    status: 202,
    response: { schema: MailRequestedView, example: MAIL_REQUESTED_EXAMPLE },
    bodyExample: { email: 'ada@example.com' },
    refusals: ['MAIL_NOT_CONFIGURED'],
    idempotent: true,
    ownCredential: true,
    body: MailBody,
    async handle({ call, body: { email }, request }) {
      await mailLimits.request(accountOfEmail(email), request);
      const language = languageOf(request.headers['accept-language']);
      const message = { email, language, commandKey: call.takeCommandKey() };
      return { email: call.valueFrom(await identity.requestPasswordReset(message)).email };
    },
  }),
  route({
    id: 'resetPassword',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/password-reset/confirm'],
    summary: 'Choose a new password',
    description:
      'With the token of the link in the mail. Every session ends, and the address counts as verified. A link is valid once, for 30 minutes, until a ' +
      'newer one is sent or the password is changed.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 204,
    bodyExample: { token: TOKEN_EXAMPLE, newPassword: 'staple of another kind' },
    refusals: ['LINK_INVALID', 'MAIL_NOT_CONFIGURED'],
    idempotent: true,
    secretFields: ['newPassword'],
    ownCredential: true,
    body: ResetBody,
    async handle({ call, body }): Promise<void> {
      const ended = call.valueFrom(await identity.resetPassword({ ...body, commandKey: call.takeCommandKey() }));
      for (const sessionId of ended.sessionIds) revoked.add(sessionId);
    },
  }),
];
