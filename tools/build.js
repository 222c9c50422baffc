// Bundles src/ into dist/. Plain JavaScript, because it also runs before Node 24 is on the PATH (npm ci on an older Node).
// It builds beside dist/ and moves file by file, so that a server which runs from there finds what it imports later when the sources are the same: names of
// chunks are hashes of their content. After a change of sources the chunks of the earlier build are gone, and such a server has to be restarted.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import scalar from '@scalar/fastify-api-reference';
import { build } from 'esbuild';
import fastify from 'fastify';

/** Of this build alone: another one may run at the same time. */
const built = `dist-${process.pid}`;
/**
 * Becomes a part of the bundle instead of being imported: Node parses the 130 kB of its `exports` at each of our 66 imports of it, a fourth of the CPU
 * of a start (docs/adr/0107-drizzle-is-a-part-of-the-bundle.md).
 */
const BUNDLED = 'drizzle-orm';
const bundled = {
  name: 'bundled packages',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^${BUNDLED}(/|$)`) }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
      sideEffects: false,
    }));
  },
};
const sources = await readdir('src', { recursive: true });
// Threads load a module of their own, at its path below src/ (src/platform/bundled-file.ts).
const threads = sources.filter((file) => file.endsWith('-thread.ts'));
await build({
  entryPoints: ['src/main.ts', ...threads.map((file) => join('src', file))],
  outdir: built,
  bundle: true,
  splitting: true,
  packages: 'external',
  plugins: [bundled],
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
  await cp(folder, join(built, 'migrations', name), { recursive: true }).catch((error) => {
    if (error.code !== 'ENOENT') throw error; // a context without tables
  });
}

// Where src/platform/bundled-file.ts looks for the other SQL files and for Lua: at their path below src/.
for (const file of sources) {
  if (/\.(sql|lua)$/.test(file) && !file.split(sep).includes('migrations'))
    await cp(join('src', file), join(built, 'texts', file));
}

// The page of the API's document (src/gateway/api-docs). Names have the version or a hash of the content, so that caches may keep them.
const { version } = JSON.parse(await readFile('node_modules/@scalar/fastify-api-reference/package.json', 'utf8'));
const page = await readFile('src/gateway/api-docs/page.js');
const pageHash = createHash('sha256').update(page).digest('hex').slice(0, 12);
await mkdir(join(built, 'api-docs'), { recursive: true });
await cp('src/gateway/api-docs/scalar-license.txt', join(built, 'api-docs/scalar-license.txt'));
for (const [name, content] of [
  [`scalar-${version}.js`, await scalarScript()],
  [`page-${pageHash}.js`, page],
]) {
  await writeFile(join(built, 'api-docs', name), content);
  await writeFile(join(built, 'api-docs', `${name}.gz`), gzipSync(content, { level: 9 }));
}

// The package has none, and its licence wants it beside what is distributed.
await cp(`tools/licenses/${BUNDLED}.txt`, join(built, 'licenses', `${BUNDLED}.txt`));

const files = await filesIn(built);
// The parts first that main.js imports.
for (const file of files.sort((a, b) => Number(a === 'main.js') - Number(b === 'main.js'))) {
  await mkdir(dirname(join('dist', file)), { recursive: true });
  await rename(join(built, file), join('dist', file));
}
const current = new Set(files);
for (const file of await filesIn('dist')) if (!current.has(file)) await rm(join('dist', file), { force: true });
await rm(built, { recursive: true });

/** The files below a folder, by their paths from it. */
async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return found.map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}

/** The script of Scalar as its plugin for Fastify serves it. The package of the script alone has 265 dependencies, which are all within the script. */
async function scalarScript() {
  const server = fastify();
  await server.register(scalar, { routePrefix: '/', configuration: { url: '/' } });
  const { statusCode, body } = await server.inject('/js/scalar.js');
  if (statusCode !== 200) throw new Error(`the script of Scalar was not served: ${statusCode} ${body}`);
  return body;
}
