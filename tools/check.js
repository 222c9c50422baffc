// npm run check: all static checks of the sources. Each step prints its time.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

// Nothing is reported to the maker of a tool, or asked of it.
Object.assign(process.env, { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' });

/** The package of the linters of the OpenAPI document. */
const LINTERS = 'tools/openapi/lint';

/** Every step is independent of the others; the longest come first, because as many run at once as there are cores. */
const steps = [
  { name: 'types', run: () => command('tsc', '-p', '.', '--noEmit') },
  {
    name: 'boundaries',
    run: () =>
      command(
        'depcruise',
        'src',
        'clients/typescript/src',
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'err',
      ),
  },
  // Without the types of Node: it runs in browsers, too.
  { name: 'client', run: () => command('tsc', '-p', 'clients/typescript', '--noEmit') },
  { name: 'unused code', run: () => command('knip', '--no-progress') },
  { name: 'generated code', run: generatedIsCurrent },
  { name: 'events', run: eventsAreCurrent },
  { name: 'client types', run: clientTypesAreCurrent },
  { name: 'dashboards', run: dashboardsAreCurrent },
  { name: 'openapi', run: documentIsClean },
  { name: 'style', run: () => command('biome', 'check', '--error-on-warnings', '.') },
  { name: 'comments', run: () => command('node', 'tools/comments/run.ts') },
  { name: 'contract', run: () => command('buf', 'lint') },
  // Services of the last release and of this one call each other during an upgrade.
  { name: 'compatibility', run: () => command('buf', 'breaking', '--against', 'proto/released.binpb') },
  { name: 'merges', run: mergesAreDone },
  { name: 'decisions', run: decisionsAreNumbered },
];

const failed = [];
const queue = [...steps];
await Promise.all(Array.from({ length: Math.min(availableParallelism(), steps.length) }, work));
if (failed.length > 0) {
  process.stdout.write(`\nnot in order: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

async function work() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const startedMs = performance.now();
    const problem = await step.run();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(`${problem === '' ? 'ok    ' : 'failed'} ${step.name.padEnd(15)} ${seconds.padStart(5)} s\n`);
    if (problem === '') continue;
    failed.push(step.name);
    process.stdout.write(`${problem.trimEnd()}\n`);
  }
}

/** Returns an empty string when a tool of this package succeeds, else its output. */
function command(tool, ...args) {
  return program(join('node_modules/.bin', tool), ...args);
}

/** Returns an empty string when the program succeeds, else its output. */
async function program(path, ...args) {
  const { code, said } = await run(path, ...args);
  return code === 0 ? '' : said || `${path} ended with ${code}`;
}

function run(program, ...args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    child.on('error', (error) => resolve({ code: null, said: error.message }));
    child.on('close', (code) => resolve({ code, said }));
  });
}

/** No tracked file contains conflict markers. Texts are included, because no other step reads them. */
async function mergesAreDone() {
  const { code, said } = await run('git', 'grep', '-nIE', '^(<{7}|[|]{7}|>{7})( |$)');
  // 1 = nothing found.
  if (code === 1) return '';
  return code === 0 ? `a merge was left unfinished:\n${said}` : said || `git grep ended with ${code}`;
}

/**
 * Each decision of docs/adr has a number of its own, in its name and its title, because two that are written side by side may take the same, and a line
 * in docs/decisions.md.
 */
async function decisionsAreNumbered() {
  const files = (await readdir('docs/adr')).sort();
  const numbers = files.map((file) => Number(file.slice(0, 4)));
  const titles = await Promise.all(files.map((file) => readFile(join('docs/adr', file), 'utf8')));
  const list = await readFile('docs/decisions.md', 'utf8');
  const lines = files.map((file, index) => `- [${titles[index].split('\n', 1)[0].slice(2)}](adr/${file})`);
  const problems = files.flatMap((file, index) => [
    ...(numbers.indexOf(numbers[index]) === index ? [] : [`${file}: its number is taken`]),
    ...(titles[index].startsWith(`# ${numbers[index]}. `)
      ? []
      : [`${file}: its title must begin with "# ${numbers[index]}. "`]),
    ...(list.split(`${lines[index]}\n`).length === 2
      ? []
      : [`docs/decisions.md must have this line once: ${lines[index]}`]),
  ]);
  return problems.join('\n');
}

/** src/gen must equal the output of buf for proto/. */
function generatedIsCurrent() {
  return compared(
    ['src/gen'],
    'is not what proto/ and proto-etcd/ say',
    async (aside) =>
      (await command('buf', 'generate', '--output', aside)) ||
      (await command('buf', 'generate', '--template', 'proto-etcd/buf.gen.yaml', '--output', aside)),
  );
}

/** The event schemas and pages must equal those generated from the contexts' events.ts. */
function eventsAreCurrent() {
  return compared(
    ['events', 'docs/events.md', 'docs/kafka-acls.sh'],
    'is not what the catalogue of events says',
    (aside) => command('node', 'tools/events/run.ts', aside),
  );
}

/**
 * The OpenAPI document, built without a server, has no finding of Spectral and none of Redocly. Neither sends a request. Both are in a package of their own,
 * which is installed here when it is missing or another version was installed: a fifth of all packages otherwise, of no use to a server or a test.
 */
async function documentIsClean() {
  const linter = (name) => join(LINTERS, 'node_modules/.bin', name);
  const problem = await lintersAreInstalled();
  if (problem !== '') return problem;
  const aside = await mkdtemp(join(tmpdir(), 'stampede-openapi-'));
  const file = join(aside, 'openapi.json');
  try {
    return (
      (await command('node', 'tools/openapi/run.ts', file)) ||
      (await program(
        linter('spectral'),
        'lint',
        '--ruleset',
        'tools/openapi/spectral.yaml',
        '--fail-severity',
        'hint',
        '-D',
        file,
      )) ||
      (await program(
        linter('redocly'),
        'lint',
        '--config',
        'tools/openapi/redocly.yaml',
        '--max-problems',
        '100',
        file,
      ))
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Returns an empty string, or why they could not be installed. npm writes a copy of the lock into node_modules, after everything else. */
async function lintersAreInstalled() {
  const versionsIn = async (file) => {
    const { packages } = JSON.parse(await readFile(join(LINTERS, file), 'utf8'));
    return Object.entries(packages).flatMap(([path, { version, optional }]) =>
      path === '' || optional ? [] : [`${path} ${version}`],
    );
  };
  const expected = await versionsIn('package-lock.json');
  const installed = new Set(await versionsIn('node_modules/.package-lock.json').catch(() => []));
  if (expected.every((version) => installed.has(version))) return '';
  return await program(
    'npm',
    'ci',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-fund',
    '--no-audit',
    '--prefix',
    LINTERS,
  );
}

/** The generated types of the client must equal those of the OpenAPI document. */
function clientTypesAreCurrent() {
  return compared(['clients/typescript/src/generated'], 'is not what the definitions of the routes say', (aside) =>
    command('node', 'tools/clients/run.ts', aside),
  );
}

/** The dashboards of Grafana must equal those generated from tools/dashboards. */
function dashboardsAreCurrent() {
  return compared(['deploy/grafana/dashboards'], 'is not what tools/dashboards says', (aside) =>
    command('node', 'tools/dashboards/run.ts', aside),
  );
}

/** Generates into another folder and compares byte by byte. */
async function compared(paths, complaint, generate) {
  const aside = await mkdtemp(join(tmpdir(), 'stampede-gen-'));
  try {
    const problem = await generate(aside);
    if (problem !== '') return problem;
    const [present, expected] = await Promise.all([contents('.', paths), contents(aside, paths)]);
    const names = [...new Set([...present.keys(), ...expected.keys()])].sort();
    const stale = names.filter((name) => present.get(name) !== expected.get(name));
    return stale.length === 0 ? '' : `${paths.join(', ')} ${complaint} (npm run generate): ${stale.join(', ')}`;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Returns path -> content of the files and folders below `root`. */
async function contents(root, paths) {
  const found = await Promise.all(
    paths.map(async (path) => {
      if ((await stat(join(root, path))).isFile()) return [path];
      const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return files.map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
    }),
  );
  const pairs = found.flat().map(async (file) => [file, await readFile(join(root, file), 'utf8')]);
  return new Map(await Promise.all(pairs));
}
