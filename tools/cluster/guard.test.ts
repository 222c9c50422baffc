import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startGuard } from './guard.ts';
import { supervised } from './supervised.ts';

const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'stampede-guard-test-'));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});
function run(program: string, ...args: string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}
const SUPERVISOR = `
  const { startGuard } = await import(process.cwd() + '/tools/cluster/guard.ts');
  const guard = startGuard();
  const [watched, stubborn, forgotten, directory] = process.argv.slice(1);
  guard.watch(Number(watched), 'TERM');
  guard.watch(Number(stubborn), 'TERM');
  guard.watch(Number(forgotten), 'TERM');
  guard.forget(Number(forgotten));
  guard.removeAfter(directory);
  console.log('watching');
  setInterval(() => {}, 1_000);`;

it('the guard ends what it watches when the supervisor is killed, by force what does not end, and nothing else', async () => {
  const watched = run('sleep', '300');
  const stubborn = run('sh', '-c', "trap '' TERM; echo ready; while :; do sleep 1; done");
  const forgotten = run('sleep', '300');
  if (stubborn.stdout) await once(stubborn.stdout, 'data');
  const pids = [watched, stubborn, forgotten].map(({ pid }) => String(pid));
  const supervisor = run(process.execPath, '--input-type=module', '-e', SUPERVISOR, ...pids, directory);
  if (supervisor.stdout) await once(supervisor.stdout, 'data');
  expect([watched.exitCode, existsSync(directory)]).toEqual([null, true]);
  const ends = Promise.all([once(watched, 'exit'), once(stubborn, 'exit')]);
  supervisor.kill('SIGKILL');
  expect(await ends).toEqual([
    [null, 'SIGTERM'],
    [null, 'SIGKILL'],
  ]);
  await expect.poll(() => existsSync(directory)).toBe(false);
  expect([forgotten.exitCode, forgotten.signalCode]).toEqual([null, null]);
});

it('a process that ends is started again once it is kept, and its end is final before', async () => {
  const guard = startGuard();
  const place = mkdtempSync(join(tmpdir(), 'stampede-supervised-'));
  try {
    const logFile = join(place, 'log');
    const ends: [string, number | undefined][] = [];
    const command = { name: 'part', program: 'sh', args: ['-c', 'echo started; exit 3'], env: process.env, logFile };
    const events = {
      onLine() {},
      onEnd: (_: string, how: string, againMs: number | undefined) => void ends.push([how, againMs]),
    };
    const first = supervised(command, guard, events);
    await expect.poll(() => ends).toEqual([['exit code 3', undefined]]);
    await first.stop(1_000);
    const kept = supervised(command, guard, events);
    kept.keep();
    // A third start may follow before this looks.
    await expect
      .poll(() => ends.slice(1, 3), { timeout: 60_000 })
      .toEqual([
        ['exit code 3', 1_000],
        ['exit code 3', 2_000],
      ]);
    expect(kept.restarts()).toBeGreaterThan(0);
    await kept.stop(1_000);
    await expect.poll(() => readFileSync(logFile, 'utf8')).toMatch(/^(started\n){3,}$/);
  } finally {
    guard.dismiss();
    rmSync(place, { recursive: true, force: true });
  }
});
