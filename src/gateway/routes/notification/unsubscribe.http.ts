import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { escapeHtml } from '../../../platform/kernel/escape-html.ts';
import { UNSUBSCRIBE_PATH } from '../../../platform/mail/unsubscribe-token.ts';
import { htmlPage, sendAsPage } from '../../server/html-page.ts';
import { type Language, languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';

const PAGE = { schema: z.string(), example: '<!doctype html>…', type: 'text/html' };
const TOKEN_MAX = 100;
const LinkQuery = z.strictObject({ token: z.string().max(TOKEN_MAX).default('') });
/** What mail programs send (RFC 8058), and nothing from the page's form. */
const OneClickBody = z.looseObject({ 'List-Unsubscribe': z.literal('One-Click').optional() });

const WORDS = {
  en: {
    title: 'Unsubscribe',
    ask: 'You will get no more mail of this kind. It costs nothing and needs no login.',
    button: 'Unsubscribe',
    MARKETING: 'Your consent to marketing is withdrawn as of today. You will get no more marketing messages.',
    REMINDER: 'You will get no more mails with reminders. You can turn them on again in your settings.',
    INVALID: 'This link is not complete. Open it again from the mail.',
  },
  ko: {
    title: '수신거부',
    ask: '이런 메일을 더 이상 받지 않습니다. 비용이 들지 않으며 로그인이 필요하지 않습니다.',
    button: '수신거부하기',
    MARKETING: '오늘부로 광고성 정보 수신동의가 철회되었습니다. 더 이상 광고성 정보를 보내지 않습니다.',
    REMINDER: '알림 메일을 더 이상 보내지 않습니다. 설정에서 다시 켤 수 있습니다.',
    INVALID: '링크가 올바르지 않습니다. 메일에서 다시 열어 주세요.',
  },
} as const;

/** The page of the link at the end of mails. The link is the credential; a GET changes nothing, because scanners of mail open links. */
export const unsubscribeRoutes = ({
  notification,
}: {
  readonly notification: Pick<NotificationService, 'unsubscribe'>;
}): readonly Route[] => [
  route({
    id: 'Unsubscribe_show',
    tag: 'notifications',
    method: 'GET',
    paths: [UNSUBSCRIBE_PATH],
    summary: 'Show the page of a link that ends mails',
    description: 'Changes nothing: its form does.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 200,
    response: PAGE,
    ownCredential: true,
    query: LinkQuery,
    handle: (input) => {
      const { title, ask, button } = WORDS[pageLanguage(input)];
      const form = `<p>${escapeHtml(ask)}</p>\n<form method="post"><button>${escapeHtml(button)}</button></form>`;
      return htmlPage(pageLanguage(input), title, form);
    },
  }),
  route({
    id: 'Unsubscribe_unsubscribe',
    tag: 'notifications',
    method: 'POST',
    paths: [UNSUBSCRIBE_PATH],
    summary: 'End mails by the link of one',
    description:
      'Sent by the page, and by mail programs (`List-Unsubscribe-Post`, RFC 8058): marketing mail ends the consent to marketing, a reminder ends mails with reminders. A repeat ' +
      'changes nothing.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 200,
    response: PAGE,
    form: true,
    bodyExample: { 'List-Unsubscribe': 'One-Click' },
    ownCredential: true,
    query: LinkQuery,
    body: OneClickBody,
    async handle(input) {
      const language = pageLanguage(input);
      const { scope } = await notification.unsubscribe({ token: input.query.token });
      const words = WORDS[language];
      const text = scope === 'MARKETING' || scope === 'REMINDER' ? words[scope] : words.INVALID;
      if (text === words.INVALID) input.reply.status(410);
      return htmlPage(language, words.title, `<p>${escapeHtml(text)}</p>`);
    },
  }),
];

function pageLanguage({
  request,
  reply,
}: {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}): Language {
  const language = languageOf(request.headers['accept-language']);
  sendAsPage(reply, language);
  return language;
}
