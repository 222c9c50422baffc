/**
 * npm run test:upgrade: builds the last release in a tree of its own, and runs processes of it together with those of this tree, as during a
 * rolling upgrade. `-- REVISION` takes another revision of this repository. In a clone without tags the release is the commit that gave
 * package.json its version.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

const [given] = process.argv.slice(2);
const revision = given ?? lastRelease();
if (revision === undefined) {
  process.stderr.write(
    'This clone has neither a tag of a release nor the commit that gave package.json its version. Fetch them, or name a revision: npm run test:upgrade -- REVISION\n',
  );
  process.exitCode = 1;
} else {
  process.stdout.write(`from ${git('log', '-1', '--format=%h %s', revision)}\n`);
  const dir = openTemporaryDir('stampede-upgrade-');
  const tree = join(dir, 'tree');
  git('worktree', 'add', '--detach', tree, revision);
  try {
    await installed(tree, revision);
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.upgrade.config.ts'];
    process.exitCode = await run(vitest, '.', { STAMPEDE_OTHER_PROGRAM: join(tree, 'bin/stampede.js') });
  } finally {
    git('worktree', 'remove', '--force', tree);
    rmSync(dir, { recursive: true });
  }
}

function lastRelease(): string | undefined {
  const [tag] = git('tag', '--list', 'v*', '--sort=-version:refname').split('\n');
  if (tag) return tag;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const [commit] = git('log', '--format=%H', '-S', `"version": "${version}"`, '--', 'package.json').split('\n');
  return commit || undefined;
}

/** With the packages of this tree where the other one names the same, else with its own. */
async function installed(tree: string, revision: string): Promise<void> {
  const lock = (revisionOf: string) => git('show', `${revisionOf}:package-lock.json`);
  if (lock(revision) === lock('HEAD')) symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: tree, stdio: 'inherit' });
  if ((await run(['tools/build.js'], tree, {})) !== 0) throw new Error(`${revision} was not built`);
}

async function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
