import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { birthOf } from '../../src/platform/processes.ts';
import { runTests } from './vitest.ts';

const HANGING = `
  import { writeFileSync } from 'node:fs';
  import { it } from 'vitest';
  it('hangs', async () => {
    writeFileSync('pid', String(process.pid));
    await new Promise(() => {});
  });
`;
const SELECTION = { file: 'hanging.test.js', testMs: 600_000, runMs: 600_000 };
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stampede-planted-test-'));
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, SELECTION.file), HANGING);
});

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

it('a run of tests that is ended leaves no process behind', async () => {
  const ending = new AbortController();
  const verdict = runTests(root, SELECTION, process.env, ending.signal);
  const pidFile = join(root, 'pid');
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeout: 120_000 }).toBe(true);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(birthOf(pid)).toBeDefined();
  ending.abort();
  expect(await verdict).toEqual({ kind: 'broken', output: 'the run was ended' });
  await expect.poll(() => birthOf(pid)).toBeUndefined();
});

it('a run of tests that was ended before does not start', async () => {
  expect(await runTests(root, SELECTION, process.env, AbortSignal.abort())).toMatchObject({ kind: 'broken' });
});
