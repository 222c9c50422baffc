import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LINK_BASE, mailSettings, testMailpit } from '../../../../test/support/mail.ts';
import { smtpTransport } from '../../../platform/mail/smtp-transport.ts';
import { readUnsubscribeToken } from '../../../platform/mail/unsubscribe-token.ts';
import { addressDigest, postgresMailStore } from '../adapters/postgres/mail-store.ts';
import { mailChannel } from '../application/deliver/mail/mail-channel.ts';
import type { DeliveryChannel } from '../application/deliver/ports.ts';
import { MARKETING_A_DAY } from '../domain/may-leave.ts';
import type { NewNotice } from '../domain/notice.ts';
import { AFTER_DIGEST_MS, contactOf, deliveryFixture, noticeOf } from './delivery-fixture.ts';

const SECRET = 'a secret for links of thirty-two bytes';
const DAY_MS = 86_400_000;
const ANNOUNCEMENT = {
  ...{ titleKo: '매장 이전', bodyKo: '새 자리에서 엽니다.', titleEn: 'We have moved', bodyEn: 'To a new place.' },
  path: '/news/1',
};
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const mailpit = await testMailpit();
describe.skipIf(mailpit === undefined)('mails of notices', () => {
  let on: Awaited<ReturnType<typeof deliveryFixture>>;
  let channel: DeliveryChannel;
  let user = 0;
  const settings = {
    ...mailSettings(mailpit?.smtpPort),
    linkSecrets: [SECRET],
    dkim: {
      domain: 'shop.example.com',
      selector: 'stampede',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
  const channelOf = (changes: Partial<typeof settings> = {}): DeliveryChannel => {
    const used = { ...settings, ...changes };
    const store = postgresMailStore(on.database.pool);
    return mailChannel({
      store,
      transport: smtpTransport(used),
      settings: used,
      digestOf: addressDigest,
      clock: on.clock,
    });
  };
  beforeAll(async () => {
    on = await deliveryFixture();
    channel = channelOf();
  });
  afterAll(async () => {
    channel.close();
    await on.close();
    await mailpit?.kill();
  });
  beforeEach(async () => {
    await on.clear();
    user++;
  });
  const sent = async (of = user) => {
    if (mailpit === undefined) throw new Error('no mailpit');
    return await mailpit.mailsTo(`user${of}@example.com`);
  };
  async function mailOf(...notices: readonly NewNotice[]) {
    await on.write(...notices);
    await on.plan();
    on.advance(AFTER_DIGEST_MS);
    await on.send(channel);
    const [mail] = await sent();
    if (mail === undefined) throw new Error('no mail');
    return mail;
  }
  const header = (mail: Awaited<ReturnType<typeof mailOf>>, name: string) => mail.headers[name]?.[0];

  test('the mail of an order says what happened and has no link that ends it', async () => {
    const mail = await mailOf(noticeOf(user, 'ORDER_PAID', '77'));
    expect(mail.subject).toBe('[Cafe "Sol"] 주문이 결제되었습니다');
    expect(mail.text).toContain('12,000원');
    expect(mail.text).toContain(`${LINK_BASE}/orders/77`);
    expect(header(mail, 'List-Unsubscribe')).toBeUndefined();
    expect(header(mail, 'Message-Id')).toMatch(/^<notice-\d+@shop\.example\.com>$/);
    expect(header(mail, 'Feedback-Id')).toBe('ORDER_PAID:TRANSACTIONAL:notification:stampede');
  });

  test('the mail about a disabled webhook says that its reader is an administrator', async () => {
    const mail = await mailOf(noticeOf(user, 'WEBHOOK_DISABLED', '8', { origin: 'https://a.example', reason: 'GONE' }));
    expect(mail.subject).toBe('[Cafe "Sol"] 웹훅이 비활성화되었습니다');
    expect(mail.text).toContain('https://a.example · 수신 서버가 410으로 응답했습니다');
    expect(mail.text).toContain('관리자에게 발송된');
    expect(header(mail, 'List-Unsubscribe')).toBeUndefined();
  });

  test('marketing is marked, states its sender, and ends by one click without a login', async () => {
    const mail = await mailOf(noticeOf(user, 'STORE_COUPON_OPENED', '5'));
    expect(mail.subject).toBe('(광고) [Cafe "Sol"] 카페 솔에 새 쿠폰이 있습니다');
    expect(mail.text).toContain('Sol Inc. · 1 Sejong-daero, Seoul · 02-123-4567');
    expect(mail.text).toContain('2025-05-05에 Cafe "Sol" 광고성 정보 수신에 동의');
    expect(mail.text).toMatch(/무료로 거부하실 수 있습니다 \(Unsubscribe free of charge\)/);
    expect(header(mail, 'Precedence')).toBe('bulk');
    expect(header(mail, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
    const url = new URL(header(mail, 'List-Unsubscribe')?.slice(1, -1) ?? '');
    expect(url.href).toMatch(/^https:\/\/shop\.example\.com\/unsubscribe\?token=/);
    expect(readUnsubscribeToken([SECRET], url.searchParams.get('token') ?? '')).toEqual({
      userId: BigInt(user),
      scope: 'MARKETING',
    });
    expect(url.href).not.toContain('example.com%40');
    expect(mail.html).toContain(`href="${url.href}"`);
  });

  test('a reader of English gets English, and the mark that the law asks for', async () => {
    on.contacts.set(BigInt(user), contactOf(BigInt(user), { language: 'en' }));
    const mail = await mailOf(noticeOf(user, 'STORE_COUPON_OPENED', '5'));
    expect(mail.subject).toBe('(광고) [Cafe "Sol"] A new coupon at 카페 솔');
    expect(header(mail, 'Content-Language')).toBe('en');
  });

  test('the signature covers the headers of one-click unsubscription', async () => {
    const mail = await mailOf(noticeOf(user, 'STORE_COUPON_OPENED', '5'));
    const signature = header(mail, 'Dkim-Signature') ?? '';
    expect(signature).toMatch(/d=shop\.example\.com;/);
    const signed = (/[; ]h=([^;]+)/.exec(signature.replaceAll(/\s+/g, ' '))?.[1] ?? '')
      .replaceAll(' ', '')
      .toLowerCase()
      .split(':');
    for (const name of ['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post', 'feedback-id']) {
      expect(signed).toContain(name);
    }
  });

  test('reminders of coupons of a day are one mail, with an item for each', async () => {
    const coupons = Array.from({ length: 25 }, (_, index) => noticeOf(user, 'COUPON_EXPIRING', String(1_000 + index)));
    await on.write(...coupons.slice(0, 3));
    await on.plan();
    await on.send(channel);
    expect(await sent()).toEqual([]);
    on.advance(60_000);
    const mail = await mailOf(...coupons.slice(3));
    expect(await sent()).toHaveLength(1);
    expect(mail.subject).toBe('[Cafe "Sol"] 곧 만료되는 쿠폰이 25장 있습니다');
    expect(mail.text).toContain('쿠폰 1000');
    expect(mail.text).toContain('그 외 5건이 더 있습니다.');
    expect(new Set(await on.states())).toEqual(new Set(['SENT']));
    expect(mail.text).toContain('알림 메일 그만 받기');
  });

  test('several marketing notices of a user are one mail', async () => {
    const mail = await mailOf(
      noticeOf(user, 'STORE_COUPON_OPENED', '1'),
      noticeOf(user, 'STORE_COUPON_OPENED', '2'),
      noticeOf(user, 'ANNOUNCEMENT', '3', ANNOUNCEMENT),
    );
    expect(mail.subject).toBe('(광고) [Cafe "Sol"] 새 소식 3건');
    expect(mail.text).toContain('매장 이전');
    expect(mail.text).toContain('새 자리에서 엽니다.');
    expect(mail.text).toContain(`${LINK_BASE}/news/1`);
    expect(await sent()).toHaveLength(1);
  });

  test('the heading of several says that they are coupons when all are', async () => {
    const coupons = await mailOf(
      noticeOf(user, 'STORE_COUPON_OPENED', '1'),
      noticeOf(user, 'STORE_COUPON_OPENED', '2'),
    );
    expect(coupons.subject).toBe('(광고) [Cafe "Sol"] 새 쿠폰 소식 2건');
    user++;
    on.contacts.set(BigInt(user), contactOf(BigInt(user), { language: 'en' }));
    const news = await mailOf(
      noticeOf(user, 'ANNOUNCEMENT', '3', ANNOUNCEMENT),
      noticeOf(user, 'ANNOUNCEMENT', '4', ANNOUNCEMENT),
    );
    expect(news.subject).toBe('(광고) [Cafe "Sol"] 2 pieces of news for you');
  });

  test('marketing of the evening leaves the next morning, and only a few a day', async () => {
    on.advance(10 * 3_600_000);
    await on.write(noticeOf(user, 'STORE_COUPON_OPENED', 'night'));
    await on.plan();
    on.advance(AFTER_DIGEST_MS);
    await on.send(channel);
    expect(await sent()).toEqual([]);
    on.advance(10 * 3_600_000);
    await on.send(channel);
    expect(await sent()).toHaveLength(1);
    for (let index = 1; index <= MARKETING_A_DAY; index++) {
      await on.write(noticeOf(user, 'STORE_COUPON_OPENED', `more ${index}`));
      await on.plan();
      on.advance(AFTER_DIGEST_MS);
      await on.send(channel);
    }
    expect(await sent()).toHaveLength(MARKETING_A_DAY);
    on.advance(DAY_MS);
    await on.send(channel);
    expect(await sent()).toHaveLength(MARKETING_A_DAY + 1);
  });

  test('marketing without a sender, or without consent, is no mail', async () => {
    on.contacts.set(2n, contactOf(2n, { marketingConsent: undefined }));
    await on.write(noticeOf(user, 'STORE_COUPON_OPENED', 'a'), noticeOf(2, 'STORE_COUPON_OPENED', 'b'));
    await on.plan();
    on.advance(AFTER_DIGEST_MS);
    const anonymous = channelOf({ sender: undefined as never });
    await on.send(anonymous);
    anonymous.close();
    expect(await on.states()).toEqual(['DROPPED NO_SENDER']);
  });

  test('docs/attacks.md 54: markup and line breaks in names are text in the mail, and add no header', async () => {
    const couponName = '<script>alert(1)</script>\r\nBcc: all@example.com';
    const mail = await mailOf(noticeOf(user, 'STORE_COUPON_OPENED', 'x', { couponName, storeName: `${couponName}"` }));
    expect(mail.html).not.toContain('<script>');
    expect(mail.html).toContain('&lt;script&gt;');
    expect(header(mail, 'Bcc')).toBeUndefined();
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(await sent()).toHaveLength(1);
  });
});
