import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileJavaClient, hasGenerator, importPythonClient } from './generated-clients.ts';

/** Where they cannot be generated a line says so; with REQUIRE_CLIENTS=1, as in `.ci/run`, that is a failure. */
async function canGenerate(): Promise<boolean> {
  if (await hasGenerator()) return true;
  if (process.env['REQUIRE_CLIENTS'] === '1') throw new Error('install Java 17 and Maven');
  process.stderr.write('The tests of generated clients are left out: install Java 17 and Maven.\n');
  return false;
}

/** They take half a minute where nothing else runs, and what they need is fetched once. */
const LONG_MS = 10 * 60_000;
/** There are 150 requests and responses with names. */
const FILES_MIN = 150;

describe.runIf(await canGenerate())('the OpenAPI document', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'stampede-clients-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it(
    'gives a Java client that compiles',
    async () => {
      expect(await compileJavaClient(join(dir, 'java'))).toBeGreaterThan(FILES_MIN);
    },
    LONG_MS,
  );

  it(
    'gives a Python client whose modules can be imported',
    async () => {
      expect(await importPythonClient(join(dir, 'python'))).toBeGreaterThan(FILES_MIN);
    },
    LONG_MS,
  );
});
