import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDir } from '../support/serve.ts';

// What the README promises, from a clean clone of what is committed. Nothing here runs the tests again.
const README_SETUP = 'npm ci && npm start';
const README_RUSH = '| `npm run rush -- --users 20000 --coupons 500` |';
const INSTALL_MS = 5 * 60_000;
const RUSH = ['run', 'rush', '--', '--users', '2000', '--coupons', '200', '--connections', '64', '--json'];

const dir = temporaryDir();
const clone = join(dir.path, 'stampede');
// As in the terminal of a user who has just cloned: nothing of this run's npm, its node_modules or its settings.
const env = {
  HOME: process.env['HOME'],
  PATH: process.env['PATH']
    ?.split(':')
    .filter((entry) => !entry.includes('node_modules'))
    .join(':'),
  PORT: '0',
};

beforeAll(() => {
  execFileSync('git', ['clone', '--quiet', process.cwd(), clone], { env, stdio: 'pipe' });
  execFileSync('npm', ['ci', '--prefer-offline'], { cwd: clone, env, stdio: 'pipe' });
}, INSTALL_MS);
afterAll(() => dir.remove());

it('the commands of this test are those of the README', () => {
  const readme = readFileSync(join(clone, 'README.md'), 'utf8');
  expect(readme.split('```')[1]?.trim()).toBe(README_SETUP);
  expect(readme).toContain(README_RUSH);
});

it(
  'npm start serves, npm run rush issues exactly the available coupons, and Ctrl-C stops everything',
  async () => {
    // A process group of its own, so that Ctrl-C can be what it is in a terminal: SIGINT to all of the group.
    const start = spawn('npm', ['start'], { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(start, 'exit');
    let output = '';
    for (const stream of [start.stdout, start.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const pidFile = join(clone, '.stampede/run.json');
    try {
      while (!output.includes('Next: npx stampede-server rush') && start.exitCode === null) await sleep(50);
      expect(output).toContain('Stampede is ready');
      const { url } = JSON.parse(readFileSync(pidFile, 'utf8')) as { url: string };
      expect((await fetch(`${url}/api/docs`)).status).toBe(200);

      const report = JSON.parse(
        execFileSync('npm', ['--silent', ...RUSH], { cwd: clone, env, encoding: 'utf8' }),
      ) as object;
      expect(report).toMatchObject({ exact: true, users: 2000, coupons: 200 });
      // Also within the limits of callers, which are on by default.
      for (const kind of ['checkout', 'timesale']) {
        const args = ['--silent', 'run', 'rush', '--', '--kind', kind, '--users', '400', '--json'];
        const found = JSON.parse(execFileSync('npm', args, { cwd: clone, env, encoding: 'utf8' })) as object;
        expect([kind, found]).toEqual([kind, expect.objectContaining({ exact: true })]);
      }
    } finally {
      if (start.pid !== undefined) process.kill(-start.pid, 'SIGINT');
      await exited;
    }
    expect(existsSync(pidFile)).toBe(false);
    expect(existsSync(join(clone, '.stampede/postgres/postmaster.pid'))).toBe(false);
  },
  INSTALL_MS,
);
