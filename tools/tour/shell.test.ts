import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { openTourShell, type TourShell } from './shell.ts';

let shell: TourShell;
const open = (...typed: string[]): void => {
  shell = openTourShell({ cwd: '/tmp', env: { PATH: process.env['PATH'] ?? '' }, typed });
};
afterEach(() => shell.close());

it('a block finds the variables and functions of earlier blocks', async () => {
  open();
  await shell.run('A=1\nf() { printf "%s" "$1"; }\n');
  expect(await shell.run('f "$A"\n')).toMatchObject({ isOk: true, output: '1' });
});

it('read gets what is typed, a line each time', async () => {
  open('secret', 'second');
  expect(await shell.run('read -r A; read -r B; printf "%s" "$A $B"\n')).toMatchObject({ output: 'secret second' });
});

it('a command that fails ends its block, also in the middle of a pipe', async () => {
  open();
  expect(await shell.run('printf before\nfalse | cat\nprintf after\n')).toMatchObject({
    isOk: false,
    output: 'before',
  });
});

it('what a block leaves in the background ends with the shell', async () => {
  open();
  const { output } = await shell.run('sleep 600 &\nprintf "%s" "$!"\n');
  // Until it executes its program, a process that was just started has the command of the shell.
  await expect.poll(() => commandOf(output)).toContain('sleep');
  await shell.close();
  await expect.poll(() => commandOf(output)).toBe('');
});

/** The command of a process; empty when it has ended, also while its exit code was not read. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
