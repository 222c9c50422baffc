import type { Language } from '../../../../../platform/kernel/language.ts';
import type { MailSender } from '../../../../../platform/mail/mail-settings.ts';
import type { MailDocument, MailNote } from '../../../../../platform/mail/render-mail.ts';
import { AD_MARK, textOf } from '../../../domain/texts.ts';
import type { Addressed } from '../ports.ts';

/** Of a digest: more would be cut by mail programs. */
const ITEMS_MAX = 20;

interface Words {
  readonly open: string;
  readonly expiring: (count: number) => string;
  readonly coupons: (count: number) => string;
  readonly news: (count: number) => string;
  readonly more: (count: number) => string;
  readonly transactional: (brand: string) => string;
  readonly administrator: (brand: string) => string;
  readonly reminder: string;
  readonly stopReminders: string;
  readonly consented: (brand: string, day: string) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    open: 'See details',
    expiring: (count) => `${count} coupons expire soon`,
    coupons: (count) => `${count} new coupons for you`,
    news: (count) => `${count} pieces of news for you`,
    more: (count) => `And ${count} more.`,
    transactional: (brand) => `You get this mail because of what you did at ${brand}.`,
    administrator: (brand) => `You get this mail because you are an administrator of ${brand}.`,
    reminder: 'You get this mail because reminders of coupons and points by e-mail are on in your settings.',
    stopReminders: 'Stop reminders of coupons and points by e-mail',
    consented: (brand, day) => `You get this mail because you consented to marketing of ${brand} on ${day}.`,
  },
  ko: {
    open: '자세히 보기',
    expiring: (count) => `곧 만료되는 쿠폰이 ${count}장 있습니다`,
    coupons: (count) => `새 쿠폰 소식 ${count}건`,
    news: (count) => `새 소식 ${count}건`,
    more: (count) => `그 외 ${count}건이 더 있습니다.`,
    transactional: (brand) => `${brand} 이용에 따라 발송된 안내 메일입니다.`,
    administrator: (brand) => `${brand} 관리자에게 발송된 안내 메일입니다.`,
    reminder: '설정에서 쿠폰·포인트 알림 메일이 켜져 있어 보내 드리는 메일입니다.',
    stopReminders: '쿠폰·포인트 알림 메일 그만 받기',
    consented: (brand, day) => `${day}에 ${brand} 광고성 정보 수신에 동의하셔서 보내 드리는 메일입니다.`,
  },
};
/** Annex 6: in Korean and English, and free. */
const REFUSE = '수신을 원하지 않으시면 여기에서 무료로 거부하실 수 있습니다 (Unsubscribe free of charge)';

export interface MailFrame {
  /** The name of the shop. */
  readonly brand: string;
  /** The base of links, without a slash at the end. */
  readonly linkBase: string;
  /** Ends what the mail is an example of. Absent: nothing does. */
  readonly unsubscribeUrl: string | undefined;
  /** Of marketing. */
  readonly sender: MailSender | undefined;
}

/** Writes the mail of a message: one notice, or a list of several. */
export function mailDocument({ message, contact, language, timezone }: Addressed, frame: MailFrame): MailDocument {
  const { brand, linkBase, unsubscribeUrl, sender } = frame;
  const words = WORDS[language];
  const texts = message.deliveries.map(({ kind, data }) => textOf(kind, language, data, timezone));
  const [first] = texts;
  if (first === undefined) throw new Error('a mail has no notice');
  const isMarketing = message.noticeClass === 'MARKETING';
  const isForAdministrator = message.deliveries[0]?.kind === 'WEBHOOK_DISABLED';
  const isDigest = texts.length > 1;
  const heading = isDigest ? digestHeading(words, message)(texts.length) : first.title;
  const item = ({ title, body, path }: typeof first) => {
    // What expires, and when: that it expires is the heading.
    const [what = '', when = ''] = isMarketing ? [title, body] : body.split(/ · (?=[^·]*$)/);
    return { kind: 'ITEM', title: what, text: when, url: linkBase + path } as const;
  };
  const more = texts.length - ITEMS_MAX;
  const notes: readonly MailNote[] = isMarketing
    ? [
        { text: words.consented(brand, dayOf(contact.marketingConsent?.at)) },
        ...(sender === undefined ? [] : [{ text: `${sender.name} · ${sender.address} · ${sender.phone}` }]),
        ...(unsubscribeUrl === undefined ? [] : [{ text: REFUSE, url: unsubscribeUrl }]),
      ]
    : unsubscribeUrl === undefined
      ? [{ text: isForAdministrator ? words.administrator(brand) : words.transactional(brand) }]
      : [{ text: words.reminder }, { text: words.stopReminders, url: unsubscribeUrl }];
  return {
    language,
    subject: `${isMarketing ? `${AD_MARK} ` : ''}[${brand}] ${heading}`,
    preview: isDigest
      ? texts
          .map(({ body }) => body)
          .join(' · ')
          .slice(0, 150)
      : first.body,
    brand,
    heading,
    blocks: isDigest
      ? [
          ...texts.slice(0, ITEMS_MAX).map(item),
          ...(more > 0 ? [{ kind: 'TEXT', text: words.more(more) } as const] : []),
        ]
      : [
          { kind: 'TEXT', text: first.body },
          { kind: 'BUTTON', text: words.open, url: linkBase + first.path },
        ],
    notes,
  };
}

function digestHeading(words: Words, { noticeClass, deliveries }: Addressed['message']): (count: number) => string {
  if (noticeClass !== 'MARKETING') return words.expiring;
  return deliveries.every(({ kind }) => kind === 'STORE_COUPON_OPENED') ? words.coupons : words.news;
}

const dayOf = (at: Date | undefined): string => at?.toISOString().slice(0, 10) ?? '';
