import { expect, it } from 'vitest';
import type { LifecycleCommand } from '../../domain/lifecycle/lifecycle-command.ts';
import type { LifecycleOutcome } from '../../domain/lifecycle/lifecycle-decision.ts';
import { processDue } from './process-due.ts';

const PAGE = 16_384;

/** `things` commands are due; `submitBulk` completes them unless another outcome is given. */
function backlog(things: number, outcome: LifecycleOutcome['kind'] = 'done') {
  const waiting = new Set(Array.from({ length: things }, (_, id) => BigInt(id)));
  let atOnce = 0;
  let most = 0;
  return {
    waiting,
    most: () => most,
    work: {
      due: async (limit: number) => [...waiting].slice(0, limit),
      command: (couponId: bigint): LifecycleCommand => ({ kind: 'EXPIRE', couponId }),
      lifecycle: {
        async submitBulk(command: LifecycleCommand): Promise<LifecycleOutcome> {
          most = Math.max(most, ++atOnce);
          await Promise.resolve();
          atOnce -= 1;
          if (outcome === 'done' && command.kind === 'EXPIRE') waiting.delete(command.couponId);
          return { kind: outcome } as LifecycleOutcome;
        },
      },
    },
  };
}

const forever = new AbortController().signal;

it.each([0, 1, 1_024, 1_025, PAGE, PAGE + 1, 2 * PAGE])(
  'all %i due commands are processed, at most a batch at a time',
  async (things) => {
    const { work, waiting, most } = backlog(things);
    expect(await processDue(work, forever)).toBe(things);
    expect(waiting.size).toBe(0);
    expect(most()).toBeLessThanOrEqual(1_024);
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
  expect(await processDue(work, forever)).toBe(0);
  expect(waiting.size).toBe(PAGE + 5);
});
