import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LAYOUT_SOURCE } from './layout.ts';
import { type MailDocument, renderMail } from './render-mail.ts';

const NAME = `<img src=x onerror=alert(1)> [[brand]] "Sol" & 'Bar'\r\nBcc: all@example.com`;
const document: MailDocument = {
  language: 'ko',
  subject: NAME,
  preview: NAME,
  brand: NAME,
  heading: NAME,
  blocks: [
    { kind: 'TEXT', text: NAME },
    { kind: 'ITEM', title: NAME, text: NAME, url: 'https://shop.example.com/"><script>' },
    { kind: 'BUTTON', text: NAME, url: 'https://shop.example.com/?a=1&b=2' },
  ],
  notes: [{ text: NAME }, { text: NAME, url: 'https://shop.example.com/' }],
};

test('docs/attacks.md 54: markup in any text of a mail is text in its HTML', () => {
  const { html } = renderMail(document);
  expect(html).not.toMatch(/<img|<script|onerror=alert\(1\)>/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(html).toContain('[[brand]]');
  expect(html).toContain('href="https://shop.example.com/?a=1&amp;b=2"');
});

test('a line break in a name adds no header, because the subject is one line', () => {
  expect(renderMail(document).subject).not.toMatch(/[\r\n]/);
});

test('a mail has a language, a preview, and colours for dark mode', () => {
  const { html } = renderMail(document);
  expect(html).toContain('lang="ko"');
  expect(html).toContain('prefers-color-scheme: dark');
  expect(html).toContain('<meta name="color-scheme" content="light dark">');
  expect(html).toContain('max-width:600px');
});

test('the text of a mail has every link', () => {
  const { text } = renderMail(document);
  expect(text).toContain('https://shop.example.com/?a=1&b=2');
  expect(text).toContain('https://shop.example.com/"><script>');
});

test('the layout was made of its source as it is', async () => {
  const source = await readFile('tools/mails/layout.mjml');
  expect(createHash('sha256').update(source).digest('hex')).toBe(LAYOUT_SOURCE);
});
