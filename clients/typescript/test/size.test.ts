import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const BYTES_MAX = 15_000;

it('the client with its dependencies has at most 15 kB when it is minified and compressed, and needs no module of Node', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../src/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    // A module of Node would not be found.
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
  });
  expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThanOrEqual(BYTES_MAX);
});
