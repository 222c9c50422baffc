// Bundles src/ into dist/. Plain JavaScript, because it also runs before Node 24 is on the PATH (npm ci on an older Node).
import { cp, readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
const sources = await readdir('src', { recursive: true });
// Threads load a module of their own, at its path below src/ (src/platform/bundled-file.ts).
const threads = sources.filter((file) => file.endsWith('-thread.ts'));
await build({
  entryPoints: ['src/main.ts', ...threads.map((file) => join('src', file))],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  logLevel: 'warning',
});

// Where src/app/migrations.ts looks for them: one folder a set.
const contexts = await readdir('src/contexts').catch(() => []);
const sets = [
  { name: 'platform', folder: 'src/platform/postgres/migrations' },
  ...contexts.map((name) => ({ name, folder: `src/contexts/${name}/adapters/postgres/migrations` })),
];
for (const { name, folder } of sets) {
  await cp(folder, `dist/migrations/${name}`, { recursive: true }).catch((error) => {
    if (error.code !== 'ENOENT') throw error; // a context without tables
  });
}

// Where src/platform/bundled-file.ts looks for the other SQL files and for Lua: at their path below src/.
for (const file of sources) {
  if (/\.(sql|lua)$/.test(file) && !file.split(sep).includes('migrations'))
    await cp(join('src', file), join('dist/texts', file));
}
