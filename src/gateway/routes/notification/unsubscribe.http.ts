import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { NotificationService } from '../../../contexts/notification/api.ts';
import { escapeHtml } from '../../../platform/kernel/escape-html.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import { UNSUBSCRIBE_PATH } from '../../../platform/mail/unsubscribe-token.ts';
import type { Limits } from '../../limits/limits.ts';
import { htmlPage, sendAsPage } from '../../server/html-page.ts';
import { languageOf } from '../../server/language.ts';
import { type Route, route } from '../../server/route.ts';

const PAGE = { schema: z.string(), example: '<!doctype html>…', type: 'text/html' };
const TOKEN_MAX = 100;
const LinkQuery = z.strictObject({ token: z.string().max(TOKEN_MAX).default('') });
/** What mail programs send (RFC 8058), for the document. */
const OneClickBody = z.looseObject({ 'List-Unsubscribe': z.string().optional() });
/** As the pages of other links in mails. */
const INVALID_STATUS = 410;

const WORDS = {
  en: {
    title: 'Unsubscribe',
    button: 'Unsubscribe',
    free: 'It costs nothing and needs no login.',
    ask: {
      MARKETING: 'This withdraws your consent to marketing as a whole: by e-mail, and by every other way.',
      REMINDER: 'This ends mails that remind you of coupons and points. Mails about your orders go on.',
    },
    done: {
      MARKETING: 'Your consent to marketing is withdrawn as of today. You will get no more marketing messages.',
      REMINDER:
        'You will get no more mails that remind you of coupons and points. Mails about your orders go on. You can turn reminders on again in your settings.',
    },
    INVALID: 'This link is not complete. Open it again from the mail.',
  },
  ko: {
    title: '수신거부',
    button: '수신거부하기',
    free: '비용이 들지 않으며 로그인이 필요하지 않습니다.',
    ask: {
      MARKETING: '이메일을 포함한 모든 방법의 광고성 정보 수신동의를 철회합니다.',
      REMINDER: '쿠폰과 포인트를 알려 드리는 메일을 더 이상 받지 않습니다. 주문 안내 메일은 계속 발송됩니다.',
    },
    done: {
      MARKETING: '오늘부로 광고성 정보 수신동의가 철회되었습니다. 더 이상 광고성 정보를 보내지 않습니다.',
      REMINDER:
        '쿠폰과 포인트를 알려 드리는 메일을 더 이상 보내지 않습니다. 주문 안내 메일은 계속 발송됩니다. 설정에서 다시 켤 수 있습니다.',
    },
    INVALID: '링크가 올바르지 않습니다. 메일에서 다시 열어 주세요.',
  },
} as const;

/** The page of the link at the end of mails. The link is the credential; a GET changes nothing, because scanners of mail open links. */
export const unsubscribeRoutes = ({
  notification,
  limits,
}: {
  readonly notification: Pick<NotificationService, 'readUnsubscribeLink' | 'unsubscribe'>;
  readonly limits: Limits;
}): readonly Route[] => [
  route({
    id: 'showUnsubscribePage',
    tag: 'notifications',
    method: 'GET',
    paths: [UNSUBSCRIBE_PATH],
    summary: 'Show the page of an unsubscribe link',
    description: 'Changes nothing: its form does.',
    access: 'ANYBODY',
    scope: 'admin',
    status: 200,
    response: PAGE,
    refusals: ['LINK_INVALID'],
    ownCredential: true,
    query: LinkQuery,
    async handle({ query: { token }, request, reply }) {
      const language = pageLanguage(request, reply);
      const scope = scopeOf(await notification.readUnsubscribeLink({ token }));
      if (scope === undefined) return invalidPage(reply, language);
      const { title, ask, free, button } = WORDS[language];
      const text = escapeHtml(`${ask[scope]} ${free}`);
      const form = `<p>${text}</p>\n<form method="post"><button>${escapeHtml(button)}</button></form>`;
      return htmlPage(language, title, form);
    },
  }),
  route({
    id: 'confirmUnsubscription',
    tag: 'notifications',
    method: 'POST',
    paths: [UNSUBSCRIBE_PATH],
    summary: 'Unsubscribe from mails by a link',
    description:
      'Sent by the page, and by mail programs (`List-Unsubscribe-Post`, RFC 8058): marketing mail ends the consent to marketing, a reminder ends mails with reminders. A body of any ' +
      'type is taken and ignored. A repeat changes nothing. The general limit counts requests without a valid token, by address.',
    access: 'ANYBODY',
    status: 200,
    response: PAGE,
    refusals: ['LINK_INVALID'],
    plain: true,
    ignoresBody: true,
    form: true,
    body: OneClickBody,
    bodyExample: { 'List-Unsubscribe': 'One-Click' },
    query: LinkQuery,
    async handle(request, reply) {
      const language = pageLanguage(request, reply);
      const { data: { token } = { token: '' } } = LinkQuery.safeParse(request.query);
      const scope = scopeOf(await notification.unsubscribe({ token }));
      if (scope === undefined) {
        // Mail programs of many readers share an address, so what is valid is not counted.
        await limits.general(undefined, request, (name, value) => reply.header(name, value));
        return invalidPage(reply, language);
      }
      return htmlPage(language, WORDS[language].title, `<p>${escapeHtml(WORDS[language].done[scope])}</p>`);
    },
  }),
];

const scopeOf = ({ scope }: { readonly scope?: string | undefined }): 'MARKETING' | 'REMINDER' | undefined =>
  scope === 'MARKETING' || scope === 'REMINDER' ? scope : undefined;

function invalidPage(reply: FastifyReply, language: Language): string {
  reply.status(INVALID_STATUS);
  const { title, INVALID } = WORDS[language];
  return htmlPage(language, title, `<p>${escapeHtml(INVALID)}</p>`);
}

function pageLanguage(request: FastifyRequest, reply: FastifyReply): Language {
  const language = languageOf(request.headers['accept-language']);
  sendAsPage(reply, language);
  return language;
}
