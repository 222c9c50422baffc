import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentOfRoutes } from '../../tools/openapi/document.ts';
import { testOasdiff } from '../support/oasdiff.ts';
import { temporaryDir } from '../support/serve.ts';

const RELEASED = 'openapi/released.json';
const oasdiff = await testOasdiff();

/** What clients of the one document find broken in the other; empty when nothing is. Throws when the program fails in another way. */
async function breaksBetween(before: string, after: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const args = ['breaking', before, after, '--fail-on', 'ERR', '--format', 'singleline', '--color', 'never'];
    execFile(oasdiff ?? '', args, { maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
      // 1: there are breaking changes, of at least that severity.
      if (error === null) resolve('');
      else if (error.code === 1) resolve(stdout);
      else reject(new Error(stderr || String(error)));
    });
  });
}

test.runIf(oasdiff)('the OpenAPI document breaks no client of the last release', { timeout: 60_000 }, async () => {
  const dir = temporaryDir();
  try {
    const now = join(dir.path, 'now.json');
    await writeFile(now, JSON.stringify(documentOfRoutes()));
    expect(await breaksBetween(RELEASED, now)).toBe('');
  } finally {
    await dir.remove();
  }
});

test.runIf(oasdiff)('an operation that is gone breaks clients of the last release', { timeout: 60_000 }, async () => {
  const dir = temporaryDir();
  try {
    const document = JSON.parse(await readFile(RELEASED, 'utf8'));
    delete document.paths['/api/v1/orders'].post;
    const without = join(dir.path, 'without.json');
    await writeFile(without, JSON.stringify(document));
    expect(await breaksBetween(RELEASED, without)).toMatch(/\/api\/v1\/orders/);
  } finally {
    await dir.remove();
  }
});
