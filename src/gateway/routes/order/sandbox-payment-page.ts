import { createHash } from 'node:crypto';
import type { Language } from '../../server/language.ts';

/** The data of the payment page. */
export interface PaymentPageModel {
  readonly orderId: bigint;
  readonly amount: bigint;
  readonly status: 'PENDING' | 'APPROVED' | 'DECLINED';
  /** Whether the shop has received the report. */
  readonly isReported: boolean;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; color: #1c1c1e; }
h1 { font-size: 1.25rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
button { display: block; width: 100%; margin: .5rem 0; padding: .6rem; font: inherit; cursor: pointer; }
p { color: #545456; }
`;

/** Allows only the page's own style, and a form that posts to the same origin. */
export const PAGE_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

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
export function paymentPage({ orderId, amount, status, isReported }: PaymentPageModel, language: Language): string {
  const words = WORDS[language];
  const buttons = CHOICES.map(
    (choice) => `<button name="outcome" value="${choice}">${escaped(words[choice])}</button>`,
  );
  const body =
    status === 'PENDING'
      ? `<form method="post">${buttons.join('\n')}</form>\n<p>${escaped(words.note)}</p>`
      : `<p>${escaped(words[status])} ${escaped(isReported ? words.reported : words.unreported)}</p>`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(words.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(words.title)}</h1>
<dl>
<dt>${escaped(words.order)}</dt><dd>${escaped(String(orderId))}</dd>
<dt>${escaped(words.amount)}</dt><dd>${escaped(amount.toLocaleString(language))}</dd>
</dl>
${body}
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
