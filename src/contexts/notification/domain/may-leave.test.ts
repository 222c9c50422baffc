import { expect, test } from 'vitest';
import { MARKETING_A_DAY, MARKETING_A_WEEK, mayLeave, type Recipient } from './may-leave.ts';

const NOON = Date.parse('2026-03-01T12:00:00+09:00');
const NIGHT = Date.parse('2026-03-01T22:00:00+09:00');
const MORNING = Date.parse('2026-03-02T08:00:00+09:00');
const contact = { emailVerified: true, isMarketingWanted: true };
const recipient: Recipient = { userId: 0n, timezone: 'Asia/Seoul', quietHours: null, contact };
const NONE = { lastDay: 0, lastWeek: 0 };
const SEND = { kind: 'SEND' };

test('marketing leaves with consent, by day', () => {
  expect(mayLeave('EMAIL', 'MARKETING', recipient, NONE, NOON)).toEqual(SEND);
  expect(mayLeave('EMAIL', 'MARKETING', recipient, NONE, NIGHT)).toEqual({
    kind: 'POSTPONE',
    reason: 'QUIET',
    untilMs: MORNING,
  });
  const without = { ...recipient, contact: { ...contact, isMarketingWanted: false } };
  expect(mayLeave('PUSH', 'MARKETING', without, NONE, NOON)).toEqual({ kind: 'DROP', reason: 'NO_CONSENT' });
});

test('what the user did or asked for needs no consent and waits for no morning', () => {
  const without = { ...recipient, contact: { ...contact, isMarketingWanted: false } };
  for (const noticeClass of ['TRANSACTIONAL', 'REMINDER'] as const) {
    expect(mayLeave('EMAIL', noticeClass, without, NONE, NIGHT)).toEqual(SEND);
  }
});

test('quiet hours that the user chose hold for reminders and marketing, not for what the user did', () => {
  const chosen = { ...recipient, quietHours: { from: '11:00', until: '14:00' } };
  const untilMs = Date.parse('2026-03-01T14:00:00+09:00');
  expect(mayLeave('PUSH', 'REMINDER', chosen, NONE, NOON)).toEqual({ kind: 'POSTPONE', reason: 'QUIET', untilMs });
  expect(mayLeave('PUSH', 'MARKETING', chosen, NONE, NOON)).toEqual({ kind: 'POSTPONE', reason: 'QUIET', untilMs });
  expect(mayLeave('PUSH', 'TRANSACTIONAL', chosen, NONE, NOON)).toEqual(SEND);
});

test('a user gets a few marketing messages a day and a week', () => {
  for (const received of [
    { lastDay: MARKETING_A_DAY, lastWeek: MARKETING_A_DAY },
    { lastDay: 0, lastWeek: MARKETING_A_WEEK },
  ]) {
    expect(mayLeave('EMAIL', 'MARKETING', recipient, received, NOON)).toMatchObject({
      kind: 'POSTPONE',
      reason: 'MARKETING_LIMIT',
    });
    expect(mayLeave('EMAIL', 'REMINDER', recipient, received, NOON)).toEqual(SEND);
  }
  expect(mayLeave('EMAIL', 'MARKETING', recipient, { lastDay: 1, lastWeek: 4 }, NOON)).toEqual(SEND);
});

test('nothing goes to a deleted or locked account, and no mail to an address that is not verified', () => {
  const gone = { ...recipient, contact: undefined };
  expect(mayLeave('EMAIL', 'TRANSACTIONAL', gone, NONE, NOON)).toEqual({ kind: 'DROP', reason: 'NO_ACCOUNT' });
  const unverified = { ...recipient, contact: { ...contact, emailVerified: false } };
  expect(mayLeave('EMAIL', 'TRANSACTIONAL', unverified, NONE, NOON)).toEqual({ kind: 'DROP', reason: 'NOT_VERIFIED' });
  expect(mayLeave('PUSH', 'TRANSACTIONAL', unverified, NONE, NOON)).toEqual(SEND);
});
