import { expect, test } from 'vitest';
import { renderMail as render } from '../../../platform/mail/render-mail.ts';
import { type MailModel, mailDocument } from './mail-text.ts';

const renderMail = (model: MailModel) => render(mailDocument(model));

const model = {
  content: 'RESET_PASSWORD',
  language: 'en',
  shop: 'Cafe <Sol> & "Bar"',
  name: '<img src=x onerror=alert(1)>',
  url: 'https://shop.example.com/password-reset?token=a&b="c',
  consentAt: new Date('2026-01-02T00:00:00.000Z'),
} as const;

test('docs/attacks.md 54: markup in names and links is escaped in the HTML of a mail, and stays as it is in the text', () => {
  const { subject, text, html } = renderMail(model);
  expect(subject).toBe('Choose a new password for Cafe <Sol> & "Bar"');
  expect(text).toContain('Hello <img src=x onerror=alert(1)>,');
  expect(text).toContain(model.url);
  expect(html).toContain('Hello &lt;img src=x onerror=alert(1)&gt;,');
  expect(html).toContain('href="https://shop.example.com/password-reset?token=a&amp;b=&quot;c"');
  expect(html).toContain('Cafe &lt;Sol&gt; &amp; &quot;Bar&quot;');
  expect(html).not.toMatch(/<img|<Sol>/);
});

test.each(['VERIFY_EMAIL', 'CHOOSE_PASSWORD', 'RESET_PASSWORD', 'ALREADY_SIGNED_UP', 'CONSENT_NOTICE'] as const)(
  'the mail %s exists in Korean and in English, and has the same link in both forms',
  (content) => {
    const [en, ko] = (['en', 'ko'] as const).map((language) => renderMail({ ...model, content, language }));
    expect(ko?.subject).toMatch(/[가-힣]/);
    expect(ko?.html).toContain('lang="ko"');
    expect(en?.subject).not.toMatch(/[가-힣]/);
    expect(en?.html).toContain('lang="en"');
    for (const mail of [en, ko]) expect(mail?.text).toContain(model.url);
  },
);

test('a mail whose reader may be somebody else than the account has no name', () => {
  expect(renderMail({ ...model, name: undefined }).text).not.toContain('Hello');
});

test('the notice of a consent states the sender, the day of the consent, and how to keep or withdraw it', () => {
  const { text, html } = renderMail({ ...model, content: 'CONSENT_NOTICE', shop: 'Cafe $& Sol' });
  // Also in the preview that a list of mails shows.
  expect([text, html].join()).not.toMatch(/\{\w+\}/);
  expect(html.match(/Cafe \$&amp; Sol confirms/g)).toHaveLength(2);
  for (const part of ['Cafe $& Sol confirms', 'on 2026-01-02', 'keep your consent', 'withdraw it', model.url])
    expect(text).toContain(part);
});
