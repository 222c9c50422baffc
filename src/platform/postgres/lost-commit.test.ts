import { expect, it } from 'vitest';
import { OutcomeUnknown, RolledBack } from './failures.ts';
import { settleLostCommit } from './lost-commit.ts';

/** Time advances only during waits, and by 10 ms with each look-up. */
function asking(answers: (boolean | Error)[]) {
  const limits: number[] = [];
  let nowMs = 0;
  const timer = {
    now: () => nowMs,
    pause: async (ms: number) => {
      nowMs += ms;
    },
  };
  async function lookUp(forMs: number): Promise<boolean> {
    limits.push(forMs);
    nowMs += 10;
    const answer = answers.shift() ?? new Error('no answer');
    if (answer instanceof Error) throw answer;
    return answer;
  }
  return { limits, settle: () => settleLostCommit('the result', new Error('the connection broke'), lookUp, timer) };
}

it('the look-up of a lost COMMIT returns the result when the transaction was committed, also after a look-up that failed', async () => {
  const { settle, limits } = asking([new Error('no answer'), true]);
  await expect(settle()).resolves.toBe('the result');
  expect(limits).toEqual([3_000, 2_890]);
});

it('the look-up of a lost COMMIT throws RolledBack when the transaction does not exist', async () => {
  await expect(asking([false]).settle()).rejects.toBeInstanceOf(RolledBack);
});

it('the look-up of a lost COMMIT throws OutcomeUnknown when none succeeded within 3 s', async () => {
  const { settle, limits } = asking([]);
  await expect(settle()).rejects.toBeInstanceOf(OutcomeUnknown);
  expect(limits).toHaveLength(29);
  expect(Math.min(...limits)).toBe(100);
});
