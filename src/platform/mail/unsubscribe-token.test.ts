import { expect, test } from 'vitest';
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.ts';

const [NEW, OLD] = ['the new secret of thirty-two bytes', 'the old secret of thirty-two bytes'];
const what = { userId: 7_330_011_234_567_890n, scope: 'MARKETING' } as const;

test('a token names the user and what ends, also after a rotation of the secret', () => {
  const token = unsubscribeToken(OLD, what);
  expect(token).toMatch(/^[\w-]{34}$/);
  expect(readUnsubscribeToken([NEW, OLD], token)).toEqual(what);
  expect(readUnsubscribeToken([NEW], token)).toBeUndefined();
});

test('a token in which one character differs ends nothing', () => {
  const token = unsubscribeToken(NEW, what);
  // The last character has bits that the decoder ignores, so it is left out.
  for (let at = 0; at < token.length - 1; at++) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    expect(readUnsubscribeToken([NEW], changed), String(at)).toBeUndefined();
  }
});

test('a token for one scope or user is none for another', () => {
  expect(unsubscribeToken(NEW, what)).not.toBe(unsubscribeToken(NEW, { ...what, scope: 'REMINDER' }));
  expect(unsubscribeToken(NEW, what)).not.toBe(unsubscribeToken(NEW, { ...what, userId: 1n }));
});

test.each(['', 'x', 'A'.repeat(33), 'A'.repeat(34), 'A'.repeat(35), '!'.repeat(34)])('%j is no token', (text) => {
  expect(readUnsubscribeToken([NEW], text)).toBeUndefined();
});
