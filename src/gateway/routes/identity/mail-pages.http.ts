import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type IdentityRefusalCode,
  type IdentityService,
  LINK_PATHS,
  type ResetPasswordResponse,
  type VerifyEmailResponse,
} from '../../../contexts/identity/api.ts';
import { refusalIn } from '../../../platform/kernel/refusal.ts';
import type { RevokedSessions } from '../../auth/revoked-sessions.ts';
import { ProblemError, valueFrom } from '../../problems/problem.ts';
import { sendAsPage } from '../../server/html-page.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';
import { LinkQuery, ResetFormBody, TOKEN_EXAMPLE, TokenBody } from './mail.schemas.ts';
import { type MailPageState, mailPage } from './mail-page.ts';

const PAGE = { schema: z.string(), example: '<!doctype html>…', type: 'text/html' };
const STATUSES: Readonly<Record<MailPageState, number>> = {
  FORM: 200,
  DONE: 200,
  LINK_INVALID: 410,
  PASSWORD_REFUSED: 400,
};

/** The pages to which the links in mails lead, for shops that have none of their own there. The link is the credential. */
export const mailPagesRoutes = ({
  identity,
  revoked,
}: {
  readonly identity: IdentityService;
  readonly revoked: RevokedSessions;
}): readonly Route[] => {
  function page(
    purpose: keyof typeof LINK_PATHS,
    state: MailPageState,
    token: string,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): string {
    const language = languageOf(request.headers['accept-language']);
    sendAsPage(reply, language);
    reply.status(STATUSES[state]);
    return mailPage(purpose, state, token, language);
  }

  return [
    route({
      id: 'showEmailVerificationPage',
      tag: 'identity',
      method: 'GET',
      paths: [LINK_PATHS.VERIFY_EMAIL],
      summary: 'Show the page of a link that verifies an e-mail address',
      description: 'Changes nothing: its form does.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      response: PAGE,
      ownCredential: true,
      query: LinkQuery,
      handle: (input) => page('VERIFY_EMAIL', 'FORM', input.query.token, input),
    }),
    route({
      id: 'submitEmailVerificationPage',
      tag: 'identity',
      method: 'POST',
      paths: [LINK_PATHS.VERIFY_EMAIL],
      summary: 'Verify an e-mail address on the page of its link',
      description: 'The page sends this as a form. Programs use `POST /api/v1/auth/verify-email`.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      response: PAGE,
      form: true,
      bodyExample: { token: TOKEN_EXAMPLE },
      refusals: ['LINK_INVALID', 'MAIL_NOT_CONFIGURED'],
      ownCredential: true,
      body: TokenBody,
      async handle({ body: { token }, ...sent }) {
        const response = await identity.verifyEmail({ token });
        return page('VERIFY_EMAIL', stateOf(response), token, sent);
      },
    }),
    route({
      id: 'showPasswordResetPage',
      tag: 'identity',
      method: 'GET',
      paths: [LINK_PATHS.RESET_PASSWORD],
      summary: 'Show the page of a link to choose a new password',
      description: 'Changes nothing: its form does.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      response: PAGE,
      ownCredential: true,
      query: LinkQuery,
      handle: (input) => page('RESET_PASSWORD', 'FORM', input.query.token, input),
    }),
    route({
      id: 'submitPasswordResetPage',
      tag: 'identity',
      method: 'POST',
      paths: [LINK_PATHS.RESET_PASSWORD],
      summary: 'Choose a new password on the page of its link',
      description: 'The page sends this as a form. Programs use `POST /api/v1/auth/password-reset/confirm`.',
      access: 'ANYBODY',
      scope: 'admin',
      status: 200,
      response: PAGE,
      form: true,
      bodyExample: { token: TOKEN_EXAMPLE, newPassword: 'staple of another kind' },
      refusals: ['LINK_INVALID', 'MAIL_NOT_CONFIGURED'],
      ownCredential: true,
      body: ResetFormBody,
      async handle({ body: { token, newPassword }, ...sent }) {
        const response = await identity.resetPassword({ token, newPassword });
        const state = stateOf(response);
        if (state === 'DONE') for (const sessionId of valueFrom(response.outcome).sessionIds) revoked.add(sessionId);
        return page('RESET_PASSWORD', state, token, sent);
      },
    }),
  ];
};

/** What the page shows of a response. Thrown: the refusals that no person can do anything about. */
function stateOf(response: VerifyEmailResponse | ResetPasswordResponse): MailPageState {
  const refusal = refusalIn<IdentityRefusalCode | 'VALIDATION_FAILED'>(response);
  if (refusal === undefined) return 'DONE';
  if (refusal.code === 'LINK_INVALID') return 'LINK_INVALID';
  if (refusal.code === 'VALIDATION_FAILED') return 'PASSWORD_REFUSED';
  throw new ProblemError(refusal);
}
