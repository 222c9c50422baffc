import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { completableCommands } from './completable-commands.ts';
import { completionScript } from './completion-script.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'stampede-completion-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const commands = completableCommands(createProgram());
const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;
const sorted = (text: string): readonly string[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted();

/** What bash offers for the last of these words. */
function inBash(...words: readonly string[]): readonly string[] {
  const script = join(dir, 'stampede.bash');
  writeFileSync(script, completionScript('bash', commands));
  const ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _stampede; echo "${COMPREPLY[@]}"';
  return sorted(execFileSync('bash', ['-c', ask, 'bash', script, ...words], { encoding: 'utf8' }));
}

function inFish(line: string): readonly string[] {
  const script = join(dir, 'stampede.fish');
  writeFileSync(script, completionScript('fish', commands));
  const ask = `source ${script}; complete -C ${JSON.stringify(line)}`;
  const lines = execFileSync('fish', ['--no-config', '-c', ask], { encoding: 'utf8' }).trimEnd().split('\n');
  return lines.map((each) => each.split('\t')[0] ?? '').toSorted();
}

describe('the script for bash', () => {
  it('bash completes commands, those of a group, options and the values of an option', () => {
    expect(inBash('stampede', 'co')).toEqual(['codes', 'completion', 'coupons']);
    expect(inBash('stampede', 'codes', '')).toEqual(['--help', 'export', 'generate', 'import']);
    expect(inBash('stampede', 'codes', 'export', '--')).toEqual(['--api-key', '--help', '--policy', '--url']);
    expect(inBash('stampede', 'policies', 'list', '--status', 'E')).toEqual(['ENDED', 'EXHAUSTED']);
    expect(inBash('stampede', 'rush', '--kind', '')).toEqual(['checkout', 'coupon', 'timesale']);
    expect(inBash('stampede', 'completion', '')).toEqual(['--help', 'bash', 'fish', 'zsh']);
  });

  it('bash leaves free values, such as files, to its own completion', () => {
    expect(inBash('stampede', 'direct-issue', '--file', '')).toEqual([]);
  });
});

it.skipIf(!isThere('fish'))('fish completes commands, those of a group, options and the values of an option', () => {
  expect(inFish('stampede co')).toEqual(['codes', 'completion', 'coupons']);
  expect(inFish('stampede-server codes ')).toEqual(['export', 'generate', 'import']);
  expect(inFish('stampede rush --kind ')).toEqual(['checkout', 'coupon', 'timesale']);
  expect(inFish('stampede codes export --p')).toEqual(['--policy']);
});

it.skipIf(!isThere('zsh'))('zsh accepts its script', () => {
  const script = join(dir, '_stampede');
  writeFileSync(script, completionScript('zsh', commands));
  const load = 'autoload -Uz compinit; compinit -D; source "$1"; print ${_comps[stampede-server]}';
  expect(execFileSync('zsh', ['-f', '-c', load, 'zsh', script], { encoding: 'utf8' })).toBe('_stampede\n');
});
