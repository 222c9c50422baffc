import { expect, test } from 'vitest';
import { normaliseTopics, readUrl, topicsProblem } from './endpoint.ts';

const KNOWN = new Set(['order.paid', 'coupon.issued']);
const rules = {
  isExempt: (host: string) => host === 'orders.internal',
  mayName: (host: string) => host !== '127.0.0.1',
};

test('topics are known ones, sorted and without repeats, or all', () => {
  expect(normaliseTopics(['order.paid', 'coupon.issued', 'order.paid'], KNOWN)).toEqual([
    'coupon.issued',
    'order.paid',
  ]);
  expect(normaliseTopics(['order.paid', '*'], KNOWN)).toEqual(['*']);
  expect([[], ['order.lost'], ['*', 'order.lost']].map((topics) => normaliseTopics(topics, KNOWN))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('an unknown topic is named with the nearest one', () => {
  expect(topicsProblem(['*', 'order.payed'], KNOWN)).toMatch(/; order\.payed is none, the nearest one is order\.paid$/);
  expect(topicsProblem([], KNOWN)).toMatch(/or \*$/);
});

test.each([
  'http://shop.example.com/',
  'ftp://orders.internal/',
  'https://ada:secret@shop.example.com/',
  'https://shop.example.com/#part',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  `https://shop.example.com/${'a'.repeat(2_048)}`,
  'shop',
])('docs/attacks.md 51: %s is no address of a webhook', (url) => expect(readUrl(url, rules)).toHaveProperty('problem'));

test.each([
  ['https://shop.example.com', 'https://shop.example.com/'],
  ['HTTPS://Shop.Example.com/a?b=c', 'https://shop.example.com/a?b=c'],
  ['http://orders.internal:8080/a', 'http://orders.internal:8080/a'],
])('%s is an address of a webhook', (text, url) => expect(readUrl(text, rules)).toEqual({ url }));
