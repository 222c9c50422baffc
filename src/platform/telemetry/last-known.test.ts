import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lastKnown } from './last-known.ts';
import { observeReadiness } from './readiness-metrics.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fails the test when the page takes longer than the limit. */
async function within250<Value>(page: Promise<Value>): Promise<Value> {
  await vi.advanceTimersByTimeAsync(250);
  return await Promise.race([page, Promise.resolve().then(() => Promise.reject(new Error('the page waits')))]);
}

describe('a value of a page of metrics', () => {
  it('a value that is read late is left out at first, and is shown by the pages after it', async () => {
    const reads: PromiseWithResolvers<number>[] = [];
    const value = lastKnown(() => {
      const read = Promise.withResolvers<number>();
      reads.push(read);
      return read.promise;
    });
    expect(await within250(value())).toBeUndefined();
    expect(await within250(value())).toBeUndefined();
    expect(reads).toHaveLength(1);
    reads[0]?.resolve(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(await within250(value())).toBe(1);
    expect(reads).toHaveLength(2);
    reads[1]?.reject(new Error('away'));
    await vi.advanceTimersByTimeAsync(0);
    expect(await within250(value())).toBeUndefined();
  });

  it('a dependency that does not respond delays a page by 250 ms at most, and is shown as down by the next one', async () => {
    const registry = new Registry();
    let isFrozen = false;
    observeReadiness(registry, {
      isDraining: () => false,
      readinessChecks: { postgres: () => (isFrozen ? new Promise(() => {}) : Promise.resolve()) },
      informationalChecks: {},
    });
    const page = async () => {
      const text = registry.metrics();
      await vi.advanceTimersByTimeAsync(0);
      return (await within250(text)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    };
    expect(await page()).toEqual(['stampede_ready 1', 'stampede_dependency_up{dependency="postgres"} 1']);
    isFrozen = true;
    expect(await page()).toEqual(['stampede_ready 1', 'stampede_dependency_up{dependency="postgres"} 1']);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await page()).toEqual(['stampede_ready 0', 'stampede_dependency_up{dependency="postgres"} 0']);
  });

  it('the state of dependencies that have never responded in time is left out, and is not 0', async () => {
    const registry = new Registry();
    observeReadiness(registry, {
      isDraining: () => false,
      readinessChecks: { postgres: () => new Promise(() => {}) },
      informationalChecks: {},
    });
    const text = registry.metrics();
    await vi.advanceTimersByTimeAsync(0);
    expect(await within250(text)).not.toMatch(/^stampede/m);
  });
});
