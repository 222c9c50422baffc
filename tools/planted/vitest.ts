import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { signal } from '../../src/platform/processes.ts';

export type Verdict =
  | { readonly kind: 'passed'; readonly slowestMs: number }
  /** `by`: the first test that failed, or why the run ended otherwise. */
  | { readonly kind: 'failed'; readonly by: string }
  /** No test ran: the mutation is not a program, or something else is amiss. */
  | { readonly kind: 'broken'; readonly output: string };

interface Report {
  readonly numTotalTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly duration?: number | null;
    }[];
  }[];
}

export interface Selection {
  readonly file: string;
  /** Only tests whose full name matches this expression. */
  readonly only?: string | undefined;
  /** A mutation that makes a test hang is caught as well: each test has this long, and so has the run. */
  readonly testMs: number;
  readonly runMs: number;
}

const ENDED: Verdict = { kind: 'broken', output: 'the run was ended' };

/**
 * Runs tests of a tree against the PostgreSQL of DATABASE_URL, until the first one fails. When `ending` aborts, it ends all
 * their processes and returns `broken` after that.
 */
export async function runTests(
  root: string,
  selection: Selection,
  env: NodeJS.ProcessEnv,
  ending: AbortSignal,
): Promise<Verdict> {
  if (ending.aborted) return ENDED;
  const { file, only, testMs, runMs } = selection;
  const reportFile = join(root, 'report.json');
  rmSync(reportFile, { force: true });
  const args = [
    resolve('node_modules/vitest/vitest.mjs'),
    'run',
    file,
    ...(only === undefined ? [] : ['-t', only]),
    '--reporter=json',
    `--outputFile=${reportFile}`,
    '--bail=1',
    `--testTimeout=${Math.ceil(testMs)}`,
    '--maxWorkers=1',
  ];
  // A process group of its own: vitest's workers may hang in a mutation and would outlive it.
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null) signal(-child.pid, 'SIGKILL');
  };
  process.once('exit', killGroup);
  ending.addEventListener('abort', killGroup);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const timer = setTimeout(killGroup, runMs);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(timer);
  process.off('exit', killGroup);
  ending.removeEventListener('abort', killGroup);
  if (ending.aborted) return ENDED;
  if (code === null) return { kind: 'failed', by: `no end within ${Math.round(runMs / 1_000)} s` };
  return read(reportFile, output, code);
}

function read(reportFile: string, output: string, code: number): Verdict {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  } catch {
    return { kind: 'broken', output };
  }
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const failed = tests.find((test) => test.status === 'failed');
  if (failed) return { kind: 'failed', by: failed.fullName };
  if (!tests.some((test) => test.status === 'passed')) return { kind: 'broken', output };
  // An error outside of any test, such as one without a listener, fails the run too.
  if (code !== 0) return { kind: 'failed', by: 'an error that no test awaited' };
  return { kind: 'passed', slowestMs: Math.max(...tests.map(({ duration }) => duration ?? 0)) };
}
