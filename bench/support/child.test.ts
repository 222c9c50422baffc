import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

/** A bench whose one child ignores its input, as the baselines do, and runs until it is stopped. */
const BENCH = `
  import { startChild, stopChildren, urlLine } from ${JSON.stringify(join(import.meta.dirname, 'child.ts'))};
  const program = 'console.log(JSON.stringify({ url: "http://127.0.0.1" })); setInterval(() => {}, 1_000)';
  const child = await startChild([process.execPath, '-e', program], {}, urlLine);
  console.log(child.pid);
`;
const ENDS = {
  'a measurement throws': 'throw new Error("a measurement failed")',
  'it gets a signal that it does not handle': 'process.kill(process.pid, "SIGTERM")',
  'it is killed': 'process.kill(process.pid, "SIGKILL")',
  'it ends while the child runs': 'process.exit()',
  'it has stopped its children': 'await stopChildren()',
};

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(Object.entries(ENDS))('a child of a bench ends, and the bench, when %s', async (_, end) => {
  const bench = spawn(process.execPath, ['--input-type=module', '-e', `${BENCH}\n${end}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(bench, 'exit');
  const [line] = await once(createInterface(bench.stdout), 'line');
  const pid = Number(line);
  expect(pid).toBeGreaterThan(0);
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, 'SIGKILL');
  });
  await ended;
  await expect.poll(() => runs(pid), { timeout: 60_000 }).toBe(false);
});
