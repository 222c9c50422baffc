import { expect, test } from 'vitest';
import { normaliseImageUrl, normaliseName } from './profile.ts';

test.each([
  ['  Ada  ', 'Ada'],
  ["Robert'); DROP TABLE users;--", "Robert'); DROP TABLE users;--"],
  ['<b>Ada</b>', '<b>Ada</b>'],
  ['김'.repeat(100), '김'.repeat(100)],
  ['김'.repeat(101), undefined],
  ['   ', undefined],
  ['nul\0', undefined],
  ['half \udc00', undefined],
])('the name %j becomes %j', (text, name) => expect(normaliseName(text)).toBe(name));

test.each([
  ['https://img.example/a.png', 'https://img.example/a.png'],
  ['http://img.example/a.png', undefined],
  ['javascript:alert(1)', undefined],
  ['data:image/png;base64,AAAA', undefined],
  ['https://user:word@img.example/', undefined],
  ['//img.example/a.png', undefined],
  [`https://img.example/${'a'.repeat(2048)}`, undefined],
])('the image address %j becomes %j', (text, url) => expect(normaliseImageUrl(text)).toBe(url));
