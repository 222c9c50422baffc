import { expect, it } from 'vitest';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import { processDue } from './process-due.ts';

const PAGE = 16_384;

/** `things` commands are due; `submitBulk` completes them unless another outcome is given. */
function backlog(dueCount: number, outcome: LifecycleOutcome['kind'] = 'done') {
  const waiting = new Set(Array.from({ length: dueCount }, (_, id) => BigInt(id)));
  let atOnce = 0;
  let mostAtOnce = 0;
  return {
    waiting,
    mostAtOnce: () => mostAtOnce,
    work: {
      due: async (limit: number) => [...waiting].slice(0, limit),
      command: (couponId: bigint): LifecycleCommand => ({ kind: 'EXPIRE', couponId }),
      lifecycle: {
        async submitBulk(command: LifecycleCommand): Promise<LifecycleOutcome> {
          mostAtOnce = Math.max(mostAtOnce, ++atOnce);
          await Promise.resolve();
          atOnce -= 1;
          if (outcome === 'done' && command.kind === 'EXPIRE') waiting.delete(command.couponId);
          return { kind: outcome } as LifecycleOutcome;
        },
      },
    },
  };
}

const neverAborted = new AbortController().signal;

it.each([0, 1, 1_024, 1_025, PAGE, PAGE + 1, 2 * PAGE])(
  'all %i due commands are processed, at most a batch at a time',
  async (dueCount) => {
    const { work, waiting, mostAtOnce } = backlog(dueCount);
    expect(await processDue(work, neverAborted)).toBe(dueCount);
    expect(waiting.size).toBe(0);
    expect(mostAtOnce()).toBeLessThanOrEqual(1_024);
  },
);

it('processing ends after the batch in which it was aborted', async () => {
  const { work, waiting } = backlog(5_000);
  const stopping = new AbortController();
  const { submitBulk } = work.lifecycle;
  let submitted = 0;
  work.lifecycle.submitBulk = (command) => {
    if (++submitted === 2_000) stopping.abort();
    return submitBulk(command);
  };
  expect(await processDue(work, stopping.signal)).toBe(2_048);
  expect(waiting.size).toBe(5_000 - 2_048);
});

it('processing ends when a page made no progress', async () => {
  const { work, waiting } = backlog(PAGE + 5, 'ignored');
  expect(await processDue(work, neverAborted)).toBe(0);
  expect(waiting.size).toBe(PAGE + 5);
});
