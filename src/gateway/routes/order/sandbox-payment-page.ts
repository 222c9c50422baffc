import { escapeHtml } from '../../../platform/kernel/escape-html.ts';
import type { Language } from '../../../platform/kernel/language.ts';
import { moneyText } from '../../../platform/kernel/money-text.ts';
import { htmlPage } from '../../server/html-page.ts';

/** The data of the payment page. */
export interface PaymentPageModel {
  readonly orderId: bigint;
  readonly amount: bigint;
  /** ISO 4217. Undefined: that of the shop. */
  readonly currency: string | undefined;
  readonly status: 'PENDING' | 'APPROVED' | 'DECLINED';
  /** Whether the shop has received the report. */
  readonly isReported: boolean;
}

const CHOICES = ['APPROVE', 'DECLINE', 'APPROVE_LATER', 'APPROVE_TWICE'] as const;

const WORDS = {
  en: {
    title: 'Sandbox payment',
    note: 'No money moves here. If you close this page, the provider never reports.',
    order: 'Order',
    amount: 'Amount',
    APPROVE: 'Approve',
    DECLINE: 'Decline',
    APPROVE_LATER: 'Approve, reported 30 seconds later',
    APPROVE_TWICE: 'Approve, reported twice',
    APPROVED: 'Approved.',
    DECLINED: 'Declined.',
    reported: 'The shop knows.',
    unreported: 'The shop will get the report.',
  },
  ko: {
    title: '샌드박스 결제',
    note: '실제로 결제되지 않습니다. 이 페이지를 닫으면 결제사는 응답하지 않습니다.',
    order: '주문',
    amount: '금액',
    APPROVE: '승인',
    DECLINE: '거절',
    APPROVE_LATER: '승인하고 30초 뒤에 알림',
    APPROVE_TWICE: '승인하고 두 번 알림',
    APPROVED: '승인되었습니다.',
    DECLINED: '거절되었습니다.',
    reported: '상점에 알렸습니다.',
    unreported: '상점에 알릴 예정입니다.',
  },
} as const;

/** Returns the HTML. The form has no action: it is posted to the page's own URL. */
export function paymentPage(
  { orderId, amount, currency, status, isReported }: PaymentPageModel,
  shopCurrency: string,
  language: Language,
): string {
  const words = WORDS[language];
  const buttons = CHOICES.map(
    (choice) => `<button name="outcome" value="${choice}">${escapeHtml(words[choice])}</button>`,
  );
  const body =
    status === 'PENDING'
      ? `<form method="post">${buttons.join('\n')}</form>\n<p>${escapeHtml(words.note)}</p>`
      : `<p>${escapeHtml(words[status])} ${escapeHtml(isReported ? words.reported : words.unreported)}</p>`;
  const facts = `<dl>
<dt>${escapeHtml(words.order)}</dt><dd>${escapeHtml(String(orderId))}</dd>
<dt>${escapeHtml(words.amount)}</dt><dd>${escapeHtml(moneyText(amount, currency ?? shopCurrency, language))}</dd>
</dl>`;
  return htmlPage(language, words.title, `${facts}\n${body}`);
}
