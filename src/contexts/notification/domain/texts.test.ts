import { expect, test, vi } from 'vitest';
import { KIND_NAMES } from './kinds.ts';
import { textOf } from './texts.ts';

const DATA = {
  couponId: '100',
  policyId: '7',
  couponName: '<b>Opening</b> day',
  storeName: 'Cafe Sol',
  expiresAt: '2026-01-31T15:00:00.000Z',
  opensAt: '2026-01-31T15:00:00.000Z',
  amount: '1234567',
  points: '0',
  balance: '999',
  total: '12500',
  orderId: '9',
  productName: 'Ceramic mug',
  others: '2',
  expiresOn: '2026-02-01',
  titleKo: '안내',
  titleEn: 'News',
  bodyKo: '내용',
  bodyEn: 'A body',
};

test.each(KIND_NAMES)('%s has a text in both languages, with a path that begins at the shop', (kind) => {
  for (const language of ['ko', 'en'] as const) {
    const { title, body, path } = textOf(kind, language, DATA);
    expect([title, body].join('')).not.toMatch(/undefined|null|NaN|^\s*$/);
    expect(path).toMatch(/^\/[a-z0-9/-]*$/);
  }
});

test('a text without its data is empty in those places and never throws', () => {
  for (const kind of KIND_NAMES) expect(textOf(kind, 'en', {}).path).toMatch(/^\//);
});

test('amounts have separators, times are those of the reader, names are as they were written', () => {
  expect(textOf('POINTS_CREDITED', 'en', DATA).body).toBe('+1,234,567 points · balance 999');
  expect(textOf('ORDER_PAID', 'ko', DATA).body).toBe('Ceramic mug 외 2건 · 12,500원');
  expect(textOf('ORDER_PAID', 'en', { ...DATA, others: '0' }).body).toBe('Ceramic mug · 12,500 KRW');
  expect(textOf('ORDER_PAID', 'en', { ...DATA, others: '0', currency: 'USD' }).body).toBe('Ceramic mug · 125.00 USD');
  expect(textOf('COUPON_ISSUED', 'en', DATA).body).toBe('<b>Opening</b> day · use it until the end of 31 Jan 2026');
  expect(textOf('COUPON_ISSUED', 'en', DATA, 'Europe/London').body).toContain('before 31 Jan 2026, 15:00');
  expect(textOf('COUPON_ISSUED', 'ko', DATA).body).toContain('2026. 1. 31.까지 사용');
  expect(textOf('COUPON_ISSUED', 'ko', { ...DATA, expiresAt: '2026-01-31T03:00:00.000Z' }).body).toContain(
    '2026. 1. 31. 오후 12:00까지 사용',
  );
  expect(textOf('POLICY_OPENING', 'ko', DATA).body).toContain('2026. 2. 1. 오전 12:00');
  expect(textOf('COUPON_EXPIRING', 'ko', {}).body).not.toContain('까지');
});

test('points that the reader paid for were charged, not given', () => {
  const titles = (type: string) =>
    (['ko', 'en'] as const).map((language) => textOf('POINTS_CREDITED', language, { ...DATA, type }).title);
  expect(titles('CHARGE')).toEqual(['포인트가 충전되었습니다', 'You topped up your points']);
  expect(titles('EARN')).toEqual(['포인트가 적립되었습니다', 'You got points']);
});

test('an announcement leads to a page of the shop and nowhere else', () => {
  const pathOf = (path: string) => textOf('ANNOUNCEMENT', 'en', { ...DATA, path }).path;
  expect(
    ['/coupons/1', '//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', ''].map(pathOf),
  ).toEqual(['/coupons/1', '/', '/', '/', '/', '/']);
});

test('no format is kept for each spelling of a time zone', () => {
  const made = vi.spyOn(Intl, 'DateTimeFormat');
  const spelling = (bits: number): string =>
    [...'america/new_york'].map((char, at) => ((bits >> at) & 1 ? char.toUpperCase() : char)).join('');
  for (let bits = 0; bits < 1_000; bits++) textOf('COUPON_EXPIRING', 'en', DATA, spelling(bits));
  made.mockClear();
  textOf('COUPON_EXPIRING', 'en', DATA, spelling(0));
  expect(made).toHaveBeenCalledTimes(1);
  made.mockRestore();
});
