// The package as npm installs it into an empty directory, on Node 20 and Node 24. No install script runs: npm 12 and pnpm leave them out.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDir } from '../support/serve.ts';

/** The page of the API is 2.8 MB of it, as text and packed. */
const PACKED_BYTES_MAX = 5_000_000;
const dir = temporaryDir();
const run = promisify(execFile);
/** Nothing of this run's npm, its node_modules or its settings. */
const machinePath = (process.env['PATH'] ?? '')
  .split(':')
  .filter((entry) => !entry.includes('node_modules'))
  .join(':');
const envOf = (path: string) => ({ HOME: process.env['HOME'], PATH: path, PORT: '0', npm_config_loglevel: 'error' });
const versionOn = (path: string) =>
  execFileSync('node', ['--version'], { env: { PATH: path }, encoding: 'utf8' }).trim();

/** The Node of the machine, and the one that runs the tests. */
const NODES = new Map(
  [machinePath, `${dirname(process.execPath)}:${machinePath}`].map((path) => [versionOn(path), path]),
);
let tarball: string;

beforeAll(async () => {
  const env = envOf(`${dirname(process.execPath)}:${machinePath}`);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', dir.path], { env });
  tarball = join(dir.path, readdirSync(dir.path).find((name) => name.endsWith('.tgz')) ?? '');
});
afterAll(() => dir.remove());

it('the package is small, and has neither sources nor source maps', () => {
  expect(statSync(tarball).size).toBeLessThan(PACKED_BYTES_MAX);
  const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' });
  expect(files.match(/^.*\.(ts|map)$/gm)?.filter((file) => !file.startsWith('package/docs/')) ?? []).toEqual([]);
  expect(files).toContain('package/dist/migrations/coupon/meta/_journal.json\n');
});

it.runIf(process.env['CI'] === 'true')('the package is tested on two versions of Node', () => {
  expect(NODES.size).toBe(2);
});

describe.each([...NODES])('on Node %s', (version, path) => {
  const home = join(dir.path, version);
  const env = envOf(path);
  const npx = async (...args: readonly string[]): Promise<string> =>
    (await run('npx', ['--offline', 'stampede-server', ...args], { cwd: home, env })).stdout;

  beforeAll(async () => {
    mkdirSync(home);
    await run('npm', ['install', '--ignore-scripts', '--prefer-offline', tarball], { cwd: home, env });
  });

  it('npx stampede-server serves, issues exactly in a rush, is audited, and stops with Ctrl-C, and every command that it prints is there', async () => {
    // A process group of its own, so that Ctrl-C can be what it is in a terminal: SIGINT to all of the group.
    const serve = spawn('npx', ['--offline', 'stampede-server', 'serve'], {
      cwd: home,
      env,
      detached: true,
      stdio: 'pipe',
    });
    const exited = once(serve, 'exit');
    let output = '';
    for (const stream of [serve.stdout, serve.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    try {
      while (!output.includes('Ctrl-C stops.') && serve.exitCode === null) await sleep(50);
      const next = /Next: npx stampede-server (.+), in a second terminal/.exec(output)?.[1] ?? output;
      const rush = await npx(...next.split(' '), '--users', '500', '--coupons', '50', '--connections', '32');
      expect(rush).toContain('Exact.');
      const seeded = await npx('seed');
      const [, audit = seeded] = /npx stampede-server (audit)/.exec(seeded) ?? [];
      expect(await npx(audit)).toMatch(/All \d+ invariants hold/);
    } finally {
      if (serve.pid !== undefined) process.kill(-serve.pid, 'SIGINT');
      await exited;
    }
    expect(output).not.toMatch(/^ +at /m);
  });

  it('the installed program names no script of a clone', () => {
    const dist = join(home, 'node_modules/stampede-server/dist');
    const hints = readdirSync(dist)
      .filter((file) => file.endsWith('.js'))
      .flatMap((file) => readFileSync(join(dist, file), 'utf8').match(/npm (run|start|ci|test)\b.*/g) ?? []);
    // The manifest is a part of the program, for its version.
    const isOfManifest = (hint: string): boolean => hint === 'npm run build",';
    expect(hints.filter((hint) => !hint.includes('in a clone') && !isOfManifest(hint))).toEqual([]);
  });
});
