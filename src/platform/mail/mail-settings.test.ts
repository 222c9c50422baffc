import { expect, test } from 'vitest';
import { parseMailAddress, parseSmtpUrl } from './mail-settings.ts';

const server = { host: 'mail.example.com', isImplicitTls: false, login: undefined };

test.each([
  ['smtp://mail.example.com', { ...server, port: 587 }],
  ['smtp://mail.example.com:25/', { ...server, port: 25 }],
  ['smtps://mail.example.com', { ...server, port: 465, isImplicitTls: true }],
  ['smtp://[::1]:2525', { ...server, host: '::1', port: 2525 }],
  ['smtp://ada:p%40ss%2F@mail.example.com', { ...server, port: 587, login: { user: 'ada', password: 'p@ss/' } }],
])('the SMTP URL %s is read', (text, expected) => expect(parseSmtpUrl(text)).toEqual(expected));

test.each([
  '',
  'mail.example.com:587',
  'smpt://mail.example.com',
  'http://mail.example.com',
  'smtp://',
  'smtp:mail.example.com',
  'smtp://mail.example.com:0',
  'smtp://mail.example.com:99999',
  'smtp://mail example.com',
  'smtp://mail.example.com/inbox',
  'smtp://mail.example.com?tls.rejectUnauthorized=false',
  'smtp://mail.example.com#x',
  'smtp://ada@mail.example.com',
  'smtp://ada:%zz@mail.example.com',
])('the SMTP URL %j is refused, with a message that does not contain it', (text) => {
  expect(() => parseSmtpUrl(text)).toThrow(/^must (be smtp:|have )/);
});

test.each([
  ['no-reply@example.com', { name: '', address: 'no-reply@example.com' }],
  ['Cafe Sol <no-reply@example.com>', { name: 'Cafe Sol', address: 'no-reply@example.com' }],
  ['"Sol, Cafe & Bar" <no-reply@example.com>', { name: 'Sol, Cafe & Bar', address: 'no-reply@example.com' }],
  ['카페 <no-reply@카페.kr>', { name: '카페', address: 'no-reply@카페.kr' }],
  ['', undefined],
  ['Cafe Sol', undefined],
  ['a@example.com, b@example.com', undefined],
  ['Cafe <a@example.com> <b@example.com>', undefined],
  ['Cafe\r\nBcc: all@example.com <a@example.com>', undefined],
  ['@example.com', undefined],
  ['a@b@example.com', undefined],
])('the sender %j is read as %j', (text, expected) => expect(parseMailAddress(text)).toEqual(expected));
