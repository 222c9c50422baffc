// npm run test:planted: plants each bug of bugs.ts in a copy of the project and expects its tests to fail. Exits 1 when a
// bug survives, when its place is gone, or when the tests fail without any. `-- <text>` runs only bugs with it in their name.

import { rmSync } from 'node:fs';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { BUGS, type PlantedBug } from './bugs.ts';
import { copyTree, type Tree } from './tree.ts';
import { runTests } from './vitest.ts';

const AT_ONCE = 2;

// Ending by exit lets the embedded PostgreSQL be ended too.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));

const wanted = process.argv[2] ?? '';
const bugs = BUGS.filter((bug) => bug.name.includes(wanted));
const dataDir = openTemporaryDir('stampede-planted-postgres-');
const postgres = await startEmbedded({
  dataDir,
  passwords: {
    superuser: 'superuser-of-the-tests',
    application: 'application-of-the-tests',
    program: 'application-of-the-tests',
  },
  settings: { max_connections: '200', fsync: 'off' },
  onEvent: (message) => console.error(message),
  onFatal: (error) => console.error(error.message),
});
const env = { ...process.env, DATABASE_URL: postgres.url, PROGRAM_DATABASE_URL: postgres.program.url };
const trees = Array.from({ length: AT_ONCE }, copyTree);
try {
  process.exitCode = (await isSound()) && (await survivors()) === 0 ? 0 : 1;
} finally {
  for (const tree of trees) tree.remove();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Without a bug all tests pass; otherwise a failure would prove nothing. */
async function isSound(): Promise<boolean> {
  const [tree] = trees;
  if (!tree) throw new Error('no copy of the project');
  const files = [...new Set(bugs.flatMap((bug) => bug.tests))];
  const verdict = await runTests(tree.path, { files, bail: false }, env);
  console.log(`without a bug: ${verdict.kind}${verdict.kind === 'failed' ? ` (${verdict.by})` : ''}`);
  if (verdict.kind === 'broken') console.error(verdict.output);
  return verdict.kind === 'passed';
}

/** Plants all bugs, a few at once. Answers how many no test noticed. */
async function survivors(): Promise<number> {
  const queue = bugs.values();
  let survived = 0;
  await Promise.all(
    trees.map(async (tree) => {
      for (const bug of queue) {
        const startedMs = performance.now();
        const { caught, text } = await tryBug(tree, bug);
        if (!caught) survived += 1;
        const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
        console.log(`${caught ? 'caught  ' : 'SURVIVED'}  ${seconds.padStart(5)} s  ${bug.name.padEnd(62)}  ${text}`);
      }
    }),
  );
  console.log(`${bugs.length - survived} of ${bugs.length} planted bugs caught`);
  return survived;
}

async function tryBug(tree: Tree, bug: PlantedBug): Promise<{ caught: boolean; text: string }> {
  const takeOut = tree.plant(bug);
  try {
    const verdict = await runTests(tree.path, { files: bug.tests, only: bug.only, bail: true }, env);
    if (verdict.kind === 'failed') return { caught: true, text: verdict.by };
    return { caught: false, text: verdict.kind === 'broken' ? `no test ran: ${verdict.output.slice(0, 500)}` : '' };
  } finally {
    takeOut();
  }
}
