import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bounded } from './upload.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An upload that sends `bytes` each second. Returns what ended it within a minute. */
async function sending(bytes: number): Promise<unknown> {
  const body = new PassThrough();
  const through = bounded(body, 10_000_000);
  let ending: unknown = 'nothing';
  through.on('error', (error) => {
    ending = error;
  });
  body.pipe(through).resume();
  for (let second = 0; second < 60; second++) {
    if (bytes > 0) body.write('x'.repeat(bytes));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  through.destroy();
  return ending;
}

describe('an upload', () => {
  it.each([0, 1, 1_000])('docs/attacks.md 71: of %i bytes a second is cut', async (bytes) => {
    expect(await sending(bytes)).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  it('of 2 kB a second goes on', async () => {
    expect(await sending(2_048)).toBe('nothing');
  });

  it('that is not read meanwhile is not cut', async () => {
    const body = new PassThrough();
    const through = bounded(body, 10_000_000);
    let ending: unknown = 'nothing';
    through.on('error', (error) => {
      ending = error;
    });
    body.pipe(through);
    body.write('x'.repeat(100_000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([body.isPaused(), ending]).toEqual([true, 'nothing']);
    through.destroy();
  });
});
