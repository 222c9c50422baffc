import { expect, test } from 'vitest';
import type { Letter } from '../../platform/events/letters.ts';
import { letterLine, letterPage, oneLine, replayedText } from './letter-text.ts';

const letter: Letter = {
  id: '900:1',
  group: 'statistics.coupons',
  topic: 'coupon.issued',
  key: '7',
  content: '{"eventId":"900:1","data":{"couponId":"7"}}',
  reason: 'Error: cannot count it',
  failedAt: new Date('2026-01-01T10:00:00Z'),
};
const ESCAPE = String.fromCharCode(27);

test('a letter is one line, whatever its reason says', () => {
  const line = letterLine({ ...letter, reason: `a\r\nb${ESCAPE}[31m${'x'.repeat(200)}` });
  expect(line).toMatch(/^2026-01-01T10:00:00.000Z {2}coupon.issued {2}statistics.coupons {2}900:1 {2}a b \[31mx+…\n$/);
});

test('for programs a letter is one JSON document with the event in it', () => {
  expect(JSON.parse(oneLine(letter))).toMatchObject({ id: '900:1', event: { data: { couponId: '7' } } });
  expect(JSON.parse(oneLine({ ...letter, content: '{not' }))).toMatchObject({ event: '{not' });
});

test('what is no JSON is shown without what a terminal would obey', () => {
  expect(letterPage({ ...letter, content: `${ESCAPE}]0;title` })).not.toContain(ESCAPE);
});

test('a replay tells what became of each', () => {
  expect(
    replayedText([
      { letter, kind: 'handled' },
      { letter, kind: 'handled' },
      { letter, kind: 'failed again', reason: 'still bad' },
      { letter, kind: 'marked' },
    ]),
  ).toBe(
    `2 handled.
1 marked: a server hands them over as soon as it runs. Start one: npm start
1 failed again:
900:1  statistics.coupons  still bad
`,
  );
  expect(replayedText([])).toBe('Nothing to replay.\n');
});
