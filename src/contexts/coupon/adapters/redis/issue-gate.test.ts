import { expect, test } from 'vitest';
import type { FactAnswer, SharedFacts } from '../../../../platform/redis/facts/shared-facts.ts';
import { redisIssueGate } from './issue-gate.ts';

const FACT = { epoch: 1, sequence: 3, trustedUntilMs: 5 };
const answersTo = async (...answers: readonly FactAnswer[]) => {
  const facts: SharedFacts = {
    read: async () => ({ at: 1, fact: { ...FACT, answers } }),
    record: async () => undefined,
    forget: async () => {},
  };
  return (await redisIssueGate(facts).read(7n, [], 0))?.soldOut?.answers;
};

test('the gate reads who may go on, who is too late, and the coupon of a holder', async () => {
  expect(await answersTo(1, -1, '9223372036854775807 3')).toEqual([
    'GO_ON',
    'SOLD_OUT',
    { couponId: 9_223_372_036_854_775_807n, sequenceNo: 3 },
  ]);
});

test.each([
  '',
  'abc',
  '1.5 2.5',
  '-5 -1',
  '0 1',
  '1 0',
  '1 2 3',
  '1\n2',
  ' 1 2',
  `${'9'.repeat(26)} 1`,
  '1 99999999999',
])('a holder in Redis that this program did not write refuses nothing: %j', async (text) => {
  expect(await answersTo(text)).toEqual(['GO_ON']);
});
