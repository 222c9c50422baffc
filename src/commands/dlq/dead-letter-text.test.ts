import { expect, test } from 'vitest';
import type { DeadLetter } from '../../platform/events/dead-letter-store.ts';
import { deadLetterLine, deadLetterPage, oneLine, replayedText } from './dead-letter-text.ts';

const deadLetter: DeadLetter = {
  id: '900:1',
  group: 'statistics.coupons',
  topic: 'coupon.issued',
  key: '7',
  content: '{"eventId":"900:1","data":{"couponId":"7"}}',
  reason: 'Error: cannot count it',
  failedAt: new Date('2026-01-01T10:00:00Z'),
};
const ESCAPE = String.fromCharCode(27);

test('a dead letter is printed on one line, whatever its reason contains', () => {
  const line = deadLetterLine({ ...deadLetter, reason: `a\r\nb${ESCAPE}[31m${'x'.repeat(200)}` });
  expect(line).toMatch(/^2026-01-01T10:00:00.000Z {2}coupon.issued {2}statistics.coupons {2}900:1 {2}a b \[31mx+…\n$/);
});

test('as JSON a dead letter is one document with its event', () => {
  expect(JSON.parse(oneLine(deadLetter))).toMatchObject({ id: '900:1', event: { data: { couponId: '7' } } });
  expect(JSON.parse(oneLine({ ...deadLetter, content: '{not' }))).toMatchObject({ event: '{not' });
});

test('content that is no JSON is printed without terminal control sequences', () => {
  expect(deadLetterPage({ ...deadLetter, content: `${ESCAPE}]0;title` })).not.toContain(ESCAPE);
});

test('the text of a replay counts the outcomes', () => {
  expect(
    replayedText([
      { deadLetter, kind: 'handled' },
      { deadLetter, kind: 'handled' },
      { deadLetter, kind: 'failed again', reason: 'still bad' },
      { deadLetter, kind: 'marked' },
    ]),
  ).toBe(
    `2 handled.
1 marked: a server hands them over as soon as it runs. Start one: npx stampede-server serve
1 failed again:
900:1  statistics.coupons  still bad
`,
  );
  expect(replayedText([])).toBe('Nothing to replay.\n');
});
