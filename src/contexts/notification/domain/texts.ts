import type { Language } from '../../../platform/kernel/language.ts';
import { moneyText } from '../../../platform/kernel/money-text.ts';
import { DEFAULT_SHOP, shopTimeZone } from '../../../platform/kernel/shop.ts';
import { timeText } from '../../../platform/kernel/time-text.ts';
import { FAILING_MAX_DAYS, WAITING_MAX } from '../../webhook/api.ts';
import type { Kind } from './kinds.ts';
import type { NoticeData } from './notice.ts';

/** Korea, Network Act, article 50 (4), and its decree, annex 6: how marketing begins outside the inbox, in whatever language it is. */
export const AD_MARK = '(광고)';

/** What a reader sees: plain text, which may contain markup that users wrote into names. Escape it where it becomes HTML. */
export interface NoticeText {
  readonly title: string;
  readonly body: string;
  /** Where there is more to see, for example /coupons/42. */
  readonly path: string;
}

/** How values are written for one reader. A value that is missing is empty. */
interface Values {
  readonly text: (name: string) => string;
  /** A number with separators. */
  readonly amount: (name: string) => string;
  /** An amount of money with its currency. */
  readonly money: (name: string) => string;
  /** A day and time of the reader's time zone. */
  readonly time: (name: string) => string;
  /** From now to the moment at which something has ended, as readers understand it: what ends at midnight can be used on the day before. */
  readonly until: (name: string) => string;
}
type Template = (values: Values) => readonly [title: string, body: string];

/** The goods of an order: the first product, and how many others. */
const goodsKo = ({ text }: Values): string =>
  isAlone(text('others')) ? text('productName') : `${text('productName')} 외 ${text('others')}건`;
const goodsEn = ({ text }: Values): string =>
  isAlone(text('others')) ? text('productName') : `${text('productName')} and ${text('others')} more`;
/** The user paid for them. */
const isCharge = (text: Values['text']): boolean => text('type') === 'CHARGE';
const isAlone = (others: string): boolean => others === '' || others === '0';

const WAITING = WAITING_MAX.toLocaleString('en');
/** Why a webhook was disabled. A reason of a later version has no text here. */
const DISABLED: Readonly<Record<string, { readonly [L in Language]: string }>> = {
  GONE: { ko: '수신 서버가 410으로 응답했습니다', en: 'its receiver responded with 410' },
  FAILING: {
    ko: `${FAILING_MAX_DAYS}일 동안 전송에 성공하지 못했습니다`,
    en: `no request has succeeded for ${FAILING_MAX_DAYS} days`,
  },
  BACKLOG: { ko: `대기 중인 전송이 ${WAITING}건을 넘었습니다`, en: `more than ${WAITING} deliveries waited` },
};
const disabledText = (text: Values['text'], language: Language): string =>
  DISABLED[text('reason')]?.[language] ?? text('reason');

const signed = (text: Values['text'], title: string): string =>
  text('storeName') === '' ? text(title) : `[${text('storeName')}] ${text(title)}`;

/** The texts of each kind, and where they lead to. */
const TEXTS: Readonly<Record<Kind, { readonly [L in Language]: Template } & { readonly path: (v: Values) => string }>> =
  {
    COUPON_ISSUED: {
      ko: ({ text, until }) => ['쿠폰이 발급되었습니다', `${text('couponName')} · ${until('expiresAt')} 사용`],
      en: ({ text, until }) => ['You got a coupon', `${text('couponName')} · use it ${until('expiresAt')}`],
      path: ({ text }) => `/coupons/${text('couponId')}`,
    },
    STORE_COUPON_OPENED: {
      ko: ({ text }) => [`${text('storeName')}에 새 쿠폰이 있습니다`, text('couponName')],
      en: ({ text }) => [`A new coupon at ${text('storeName')}`, text('couponName')],
      path: ({ text }) => `/coupon-policies/${text('policyId')}`,
    },
    POLICY_OPENING: {
      ko: ({ text, time }) => ['곧 쿠폰이 열립니다', `${text('couponName')} · ${time('opensAt')}`],
      en: ({ text, time }) => ['A coupon opens soon', `${text('couponName')} · ${time('opensAt')}`],
      path: ({ text }) => `/coupon-policies/${text('policyId')}`,
    },
    POLICY_OPENED: {
      ko: ({ text }) => ['쿠폰이 열렸습니다', text('couponName')],
      en: ({ text }) => ['A coupon is open now', text('couponName')],
      path: ({ text }) => `/coupon-policies/${text('policyId')}`,
    },
    COUPON_EXPIRING: {
      ko: ({ text, until }) => ['쿠폰이 곧 만료됩니다', `${text('couponName')} · ${until('expiresAt')} 사용`],
      en: ({ text, until }) => ['A coupon expires soon', `${text('couponName')} · use it ${until('expiresAt')}`],
      path: ({ text }) => `/coupons/${text('couponId')}`,
    },
    POINTS_EXPIRING: {
      ko: ({ text, amount }) => ['포인트가 곧 소멸됩니다', `${amount('amount')}P · ${text('expiresOn')} 소멸`],
      en: ({ text, amount }) => ['Points expire soon', `${amount('amount')} points on ${text('expiresOn')}`],
      path: () => '/points',
    },
    POINTS_CREDITED: {
      ko: ({ text, amount }) => [
        isCharge(text) ? '포인트가 충전되었습니다' : '포인트가 적립되었습니다',
        `+${amount('amount')}P · 잔액 ${amount('balance')}P`,
      ],
      en: ({ text, amount }) => [
        isCharge(text) ? 'You topped up your points' : 'You got points',
        `+${amount('amount')} points · balance ${amount('balance')}`,
      ],
      path: () => '/points',
    },
    ORDER_PAID: {
      ko: (values) => ['주문이 결제되었습니다', `${goodsKo(values)} · ${values.money('total')}`],
      en: (values) => ['Your order is paid', `${goodsEn(values)} · ${values.money('total')}`],
      path: ({ text }) => `/orders/${text('orderId')}`,
    },
    ORDER_EXPIRED: {
      ko: (values) => ['주문이 만료되었습니다', `${goodsKo(values)} · 결제 시간이 지났습니다`],
      en: (values) => ['Your order has expired', `${goodsEn(values)} · not paid in time`],
      path: ({ text }) => `/orders/${text('orderId')}`,
    },
    ORDER_REFUNDED: {
      ko: (values) => [
        '주문이 환불되었습니다',
        `${goodsKo(values)} · ${values.money('amount')}, ${values.amount('points')}P`,
      ],
      en: (values) => [
        'Your order was refunded',
        `${goodsEn(values)} · ${values.money('amount')}, ${values.amount('points')} points`,
      ],
      path: ({ text }) => `/orders/${text('orderId')}`,
    },
    WEBHOOK_DISABLED: {
      ko: ({ text, time }) => [
        '웹훅이 비활성화되었습니다',
        `${text('origin')} · ${disabledText(text, 'ko')} · ${time('disabledAt')}`,
      ],
      en: ({ text, time }) => [
        'A webhook was disabled',
        `${text('origin')} · ${disabledText(text, 'en')} · ${time('disabledAt')}`,
      ],
      path: ({ text }) => `/webhooks/${text('webhookId')}`,
    },
    // Written by an administrator, or by the owner of a store, who speaks in its name only.
    ANNOUNCEMENT: {
      ko: ({ text }) => [signed(text, 'titleKo'), text('bodyKo')],
      en: ({ text }) => [signed(text, 'titleEn'), text('bodyEn')],
      // Within the shop: neither another host nor a scheme.
      path: ({ text }) => (/^\/(?![/\\])/.test(text('path')) ? text('path') : '/'),
    },
  };

/** Renders a notice for its reader. `timezone`: an IANA name; that of the shop by default. */
export function textOf(kind: Kind, language: Language, data: NoticeData, timezone = shopTimeZone()): NoticeText {
  const text = (name: string): string => data[name] ?? '';
  const values: Values = {
    text,
    amount: (name) => text(name).replace(/\B(?=(\d{3})+$)/g, ','),
    // Notices that earlier versions wrote have no currency: those versions had one.
    money: (name) =>
      /^\d+$/.test(text(name))
        ? moneyText(BigInt(text(name)), text('currency') || DEFAULT_SHOP.currency, language)
        : '',
    time: (name) => instantText(language, timezone, text(name)),
    until: (name) => untilText(language, timezone, text(name)),
  };
  const { path, [language]: template } = TEXTS[kind];
  const [title, body] = template(values);
  return { title, body, path: path(values) };
}

function instantText(language: Language, timeZone: string, instant: string): string {
  const at = new Date(instant);
  return Number.isNaN(at.getTime()) ? '' : timeText(language === 'ko' ? 'ko-KR' : 'en-GB', timeZone, at);
}

/** How a time at midnight ends, and what of a text is its time of day. */
const MIDNIGHT: Readonly<Record<Language, { readonly end: string; readonly timeOfDay: RegExp }>> = {
  ko: { end: '오전 12:00', timeOfDay: / (?:오전|오후) \d+:\d+$/ },
  en: { end: ', 00:00', timeOfDay: /, \d+:\d+$/ },
};

function untilText(language: Language, timezone: string, instant: string): string {
  const text = instantText(language, timezone, instant);
  if (text === '') return '';
  const { end, timeOfDay } = MIDNIGHT[language];
  if (!text.endsWith(end)) return language === 'ko' ? `${text}까지` : `before ${text}`;
  const lastMinute = new Date(Date.parse(instant) - 60_000).toISOString();
  const day = instantText(language, timezone, lastMinute).replace(timeOfDay, '');
  return language === 'ko' ? `${day}까지` : `until the end of ${day}`;
}
