// node tools/mails/run.ts DIRECTORY: draws every mail in both languages, in light and dark mode, wide and narrow, and a sheet of each group.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { mailDocument as accountDocument } from '../../src/contexts/identity/domain/mail-text.ts';
import { mailDocument } from '../../src/contexts/notification/application/deliver/mail/mail-document.ts';
import type { Delivery } from '../../src/contexts/notification/domain/delivery.ts';
import { KIND_NAMES, KINDS, type Kind } from '../../src/contexts/notification/domain/kinds.ts';
import { type MailDocument, renderMail } from '../../src/platform/mail/render-mail.ts';

const LANGUAGES = ['ko', 'en'] as const;
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [720, 390] as const;
const BRAND = '카페 Sol & Friends';
const LINK_BASE = 'https://shop.example.com';
const URL_OF_LINK = `${LINK_BASE}/unsubscribe?token=${'A'.repeat(34)}`;
const ACCOUNT_MAILS = [
  'VERIFY_EMAIL',
  'RESET_PASSWORD',
  'CHOOSE_PASSWORD',
  'ALREADY_SIGNED_UP',
  'CONSENT_NOTICE',
] as const;
const DATA = {
  couponId: '7330011234567890',
  couponName: '아메리카노 20% 할인 — 4월 한정, 전 매장 사용 가능 (Americano -20 %)',
  storeName: '카페 솔 성수점',
  policyId: '7330011234567891',
  orderId: '7330011234567892',
  total: '26500',
  amount: '26500',
  points: '1200',
  balance: '31200',
  opensAt: '2026-04-01T10:00:00+09:00',
  expiresAt: '2026-04-05T00:00:00+09:00',
  expiresOn: '2026-04-04',
  titleKo: '매장 이전 안내',
  bodyKo: '4월 5일부터 성수점이 새 자리에서 문을 엽니다. 오픈 첫 주에는 모든 음료를 1,000원 할인합니다.',
  titleEn: 'Our cafe has moved',
  bodyEn: 'From 5 April you find us in a new place. All drinks are 1,000 KRW off in the first week.',
  path: '/news/1',
};

function mails(language: (typeof LANGUAGES)[number]): readonly (readonly [string, MailDocument])[] {
  const frame = {
    brand: BRAND,
    linkBase: LINK_BASE,
    sender: { name: '(주)솔컴퍼니', address: '서울특별시 성동구 왕십리로 1', phone: '02-123-4567' },
  };
  const contact = {
    ...{ userId: 1n, email: 'ada@example.com', name: '김하늘', language, emailVerified: true },
    marketingConsent: { at: new Date('2025-05-05') },
  };
  const delivery = (kind: Kind, id: number): Delivery => ({
    ...{
      id: BigInt(id),
      userId: 1n,
      channel: 'EMAIL',
      noticeId: BigInt(id),
      kind,
      subject: String(id),
      day: '2026-04-01',
      data: DATA,
      attempt: 0,
      reason: null,
    },
  });
  const notice = (kind: Kind, count: number): MailDocument => {
    const { noticeClass } = KINDS[kind];
    const [first, ...others] = Array.from({ length: count }, (_, index) => delivery(kind, index));
    if (first === undefined) throw new Error('a mail has a notice');
    const message = { userId: 1n, noticeClass, deliveries: [first, ...others] as const };
    const unsubscribeUrl = noticeClass === 'TRANSACTIONAL' ? undefined : URL_OF_LINK;
    return mailDocument({ message, contact, language, timezone: undefined }, { ...frame, unsubscribeUrl });
  };
  const account = (content: (typeof ACCOUNT_MAILS)[number]): MailDocument =>
    accountDocument({
      content,
      language,
      shop: BRAND,
      name: '김하늘',
      url: URL_OF_LINK,
      consentAt: new Date('2024-05-05'),
    });
  return [
    ...ACCOUNT_MAILS.map((content) => [content, account(content)] as const),
    ...KIND_NAMES.map((kind) => [kind, notice(kind, 1)] as const),
    ['COUPONS_EXPIRING', notice('COUPON_EXPIRING', 4)],
    ['STORE_COUPONS_OPENED', notice('STORE_COUPON_OPENED', 23)],
    ['ANNOUNCEMENTS', notice('ANNOUNCEMENT', 2)],
  ];
}

const [directory] = process.argv.slice(2);
if (directory === undefined)
  throw new Error('name a directory outside the repository: node tools/mails/run.ts /tmp/mails');
await mkdir(directory, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const language of LANGUAGES) {
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 400 } });
        const pictures: string[] = [];
        for (const [name, document] of mails(language)) {
          await page.setContent(renderMail(document).html);
          const picture = await page.screenshot({
            fullPage: true,
            path: join(directory, `${name}-${language}-${colorScheme}-${width}.png`),
          });
          pictures.push(`<img width="${width / 2}" src="data:image/png;base64,${picture.toString('base64')}">`);
        }
        await page.setViewportSize({ width: 1_500, height: 400 });
        await page.setContent(
          `<body style="margin:0;background:#888;display:flex;flex-wrap:wrap;align-items:flex-start;gap:4px">${pictures.join('')}`,
        );
        await page.screenshot({
          fullPage: true,
          path: join(directory, `sheet-${language}-${colorScheme}-${width}.png`),
        });
        await page.close();
      }
    }
  }
  await writeFile(
    join(directory, 'subjects.txt'),
    LANGUAGES.flatMap((language) => mails(language).map(([name, { subject }]) => `${name} ${subject}`)).join('\n'),
  );
} finally {
  await browser.close();
}
