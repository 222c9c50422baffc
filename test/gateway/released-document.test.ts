import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentOfRoutes } from '../../tools/openapi/document.ts';
import { testOasdiff } from '../support/oasdiff.ts';
import { temporaryDir } from '../support/serve.ts';

const RELEASED = 'openapi/released.json';
const oasdiff = await testOasdiff();

interface Change {
  readonly id: string;
  readonly text: string;
}

/** docs/versioning.md: clients are ready for further codes of problems. */
const isFurtherCode = ({ id, text }: Change): boolean =>
  id === 'response-property-enum-value-added' && text.includes('to the `code` response property');

/**
 * Returns what clients of the one document find broken in the other. Objects are compared with what they are composed of.
 * @throws when the program fails in another way
 */
async function breaksBetween(before: string, after: string): Promise<readonly string[]> {
  const options = ['--flatten-allof', '--fail-on', 'ERR', '--format', 'json'];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      oasdiff ?? '',
      ['breaking', before, after, ...options],
      { maxBuffer: 64_000_000 },
      (error, stdout, stderr) => {
        // 1: there are breaking changes, of at least that severity.
        if (error === null || error.code === 1) resolve(stdout);
        else reject(new Error(stderr || String(error)));
      },
    );
  });
  const changes = JSON.parse(output || '[]') as readonly Change[];
  return changes.filter((change) => !isFurtherCode(change)).map(({ text }) => text);
}

test.runIf(oasdiff)('the OpenAPI document breaks no client of the last release', async () => {
  const dir = temporaryDir();
  try {
    const now = join(dir.path, 'now.json');
    await writeFile(now, JSON.stringify(documentOfRoutes()));
    expect(await breaksBetween(RELEASED, now)).toEqual([]);
  } finally {
    await dir.remove();
  }
});

test.runIf(oasdiff)('an operation that is gone breaks clients of the last release', async () => {
  const dir = temporaryDir();
  try {
    const document = JSON.parse(await readFile(RELEASED, 'utf8'));
    delete document.paths['/api/v1/orders'].post;
    const without = join(dir.path, 'without.json');
    await writeFile(without, JSON.stringify(document));
    expect(await breaksBetween(RELEASED, without)).toHaveLength(1);
  } finally {
    await dir.remove();
  }
});
