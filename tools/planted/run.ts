// npm run test:planted: plants each bug of bugs.ts in a copy of the project and expects one of its tests to fail. First the
// tests run without any bug. Exits with 1 when a bug survives or cannot be planted, or when its tests fail without it.
//   -- --only TEXT   only the bugs with TEXT in their name; may be given several times
//   -- --shard 2/8   the second of eight parts of about the same size

import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEmbedded } from '../../src/platform/postgres/embedded.ts';
import { openMemoryDir } from '../../test/support/open-temporary-dir.ts';
import { BUGS, type PlantedBug } from './bugs.ts';
import { shardOf } from './shard.ts';
import { copyTree, type Tree } from './tree.ts';
import { runTests } from './vitest.ts';

const CONCURRENCY = 2;
/** Without a bug a test may be slow, as long as it ends. */
const BASELINE = { testMs: 120_000, runMs: 600_000 };
/** With a bug, tests have this many times as long as without, and at least so long. */
const SLOWDOWN_MAX = 4;
const TEST_MS_MIN = 10_000;
const RUN_MS_MIN = 60_000;

interface Baseline {
  readonly isSound: boolean;
  readonly tookMs: number;
  readonly slowestMs: number;
}

// A signal ends the tests that run. Then PostgreSQL ends and the copies are removed, as after the last bug.
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, shard: { type: 'string' } } });
const wanted = values.only ?? [''];
const bugs = shardOf(BUGS, values.shard ?? '1/1').filter(({ name }) => wanted.some((text) => name.includes(text)));
const dataDir = openMemoryDir('stampede-planted-postgres-');
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
const env = {
  ...process.env,
  DATABASE_URL: postgres.url,
  PROGRAM_DATABASE_URL: postgres.program.url,
  // More than in `npm test`: some bugs show in one of several hundred seeds.
  RUSH_SEEDS: '1000',
};
const trees = Array.from({ length: CONCURRENCY }, copyTree);
const startedMs = performance.now();
try {
  const baselines = new Map<string, Baseline>();
  await inParallel(new Set(bugs.flatMap(({ tests }) => tests)), async (tree, file) => {
    baselines.set(file, await measureBaseline(tree, file));
  });
  let caughtCount = 0;
  await inParallel(bugs, async (tree, bug) => {
    const { result, by, tookMs } = await tryBug(tree, bug, baselines);
    if (result === 'caught') caughtCount += 1;
    console.log(`${result.padEnd(10)} ${seconds(tookMs)} s  ${bug.name.padEnd(62)}  ${by}`);
  });
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  console.log(`${caughtCount} of ${bugs.length} planted bugs caught in ${minutes} min`);
  process.exitCode = bugs.length > 0 && caughtCount === bugs.length ? 0 : 1;
} finally {
  for (const tree of trees) tree.remove();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Each tree takes the next item as soon as it is free, until a signal ends the run. */
async function inParallel<T>(items: Iterable<T>, run: (tree: Tree, item: T) => Promise<void>): Promise<void> {
  const queue = [...items].values();
  await Promise.all(
    trees.map(async (tree) => {
      for (const item of queue) {
        if (ending.signal.aborted) return;
        await run(tree, item);
      }
    }),
  );
}

/** Runs the tests of a file that the bugs need. Where they fail without a bug, a failure with one would prove nothing. */
async function measureBaseline(tree: Tree, file: string): Promise<Baseline> {
  const selections = bugs.filter(({ tests }) => tests.includes(file)).map(({ only }) => only);
  const only = selections.includes(undefined)
    ? undefined
    : [...new Set(selections)].map((each) => `(?:${each})`).join('|');
  const fromMs = performance.now();
  const verdict = await runTests(tree.path, { file, only, ...BASELINE }, env, ending.signal);
  const tookMs = performance.now() - fromMs;
  console.log(
    `${'no bug'.padEnd(10)} ${seconds(tookMs)} s  ${file}: ${verdict.kind}${verdict.kind === 'failed' ? ` (${verdict.by})` : ''}`,
  );
  if (verdict.kind === 'broken') console.error(verdict.output);
  return { isSound: verdict.kind === 'passed', tookMs, slowestMs: verdict.kind === 'passed' ? verdict.slowestMs : 0 };
}

async function tryBug(
  tree: Tree,
  bug: PlantedBug,
  baselines: ReadonlyMap<string, Baseline>,
): Promise<{ result: 'caught' | 'SURVIVED' | 'NOT TRIED'; by: string; tookMs: number }> {
  const fromMs = performance.now();
  const since = () => performance.now() - fromMs;
  let remove: (() => void) | undefined;
  try {
    remove = tree.plant(bug);
    const problems: string[] = [];
    for (const file of bug.tests) {
      const baseline = baselines.get(file);
      if (!baseline?.isSound) {
        problems.push(`${file} fails without a bug`);
        continue;
      }
      const testMs = Math.max(TEST_MS_MIN, SLOWDOWN_MAX * baseline.slowestMs);
      const runMs = Math.max(RUN_MS_MIN, SLOWDOWN_MAX * baseline.tookMs);
      const verdict = await runTests(tree.path, { file, only: bug.only, testMs, runMs }, env, ending.signal);
      if (verdict.kind === 'failed') return { result: 'caught', by: verdict.by, tookMs: since() };
      // Of several files, not each has a test that `only` selects.
      if (verdict.kind === 'broken' && (bug.tests.length === 1 || ending.signal.aborted))
        problems.push(`no test ran: ${verdict.output.slice(0, 500)}`);
    }
    return { result: problems.length > 0 ? 'NOT TRIED' : 'SURVIVED', by: problems.join('; '), tookMs: since() };
  } catch (error) {
    return { result: 'NOT TRIED', by: error instanceof Error ? error.message : String(error), tookMs: since() };
  } finally {
    remove?.();
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1).padStart(5);
}
