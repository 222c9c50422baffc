import { execFile } from 'node:child_process';
import { getPriority, platform } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { EchoTask } from '../../../test/support/echo-thread.ts';
import { BACKGROUND_NICE, openBackgroundThread } from './background.ts';

const ECHO = new URL('../../../test/support/echo-thread.ts', import.meta.url);
const openEcho = () => openBackgroundThread<EchoTask, number>(ECHO);
/** An idle thread must not keep a process alive. */
const EXIT_MAX_MS = 30_000;

test.runIf(platform() === 'linux')('a background thread has a lower priority than the event loop', async () => {
  const before = getPriority();
  expect(await openEcho().run('priority')).toBe(Math.max(before, BACKGROUND_NICE));
  expect(getPriority()).toBe(before);
});

test('a background thread executes its tasks in order, and one that throws rejects with its error', async () => {
  const thread = openEcho();
  const settled = await Promise.allSettled(([1, 'throw', 2] as const).map((task) => thread.run(task)));
  expect(settled).toMatchObject([{ value: 1 }, { reason: { message: 'as asked' } }, { value: 2 }]);
});

test('a background thread that ends rejects its tasks as unavailable, and the next task starts another one', async () => {
  const thread = openEcho();
  const settled = await Promise.allSettled(([1, 'exit', 2] as const).map((task) => thread.run(task)));
  expect(settled).toMatchObject([
    { value: 1 },
    { reason: { code: 'DEPENDENCY_UNAVAILABLE' } },
    { reason: { code: 'DEPENDENCY_UNAVAILABLE' } },
  ]);
  expect(await thread.run(3)).toBe(3);
});

test('a process with an idle background thread exits', async () => {
  const module = JSON.stringify(new URL('./background.ts', import.meta.url));
  const program = `const { openBackgroundThread } = await import(${module});
    console.log(await openBackgroundThread(new URL(${JSON.stringify(ECHO)})).run(7));`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: EXIT_MAX_MS });
  expect(stdout.trim()).toBe('7');
});
