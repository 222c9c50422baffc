import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A mutation that makes tests hang is caught as well: each test has this long. */
const TEST_MS = 10_000;
const RUN_MS = 120_000;
/** More for each file: before any bug is planted all of them run, in one run. */
const FILE_MS = 20_000;

export type Verdict =
  | { readonly kind: 'passed' }
  /** `by`: the first test that failed, or why the run ended otherwise. */
  | { readonly kind: 'failed'; readonly by: string }
  /** No test ran: the mutation is not a program, or something else is amiss. */
  | { readonly kind: 'broken'; readonly output: string };

interface Report {
  readonly numTotalTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface Selection {
  readonly files: readonly string[];
  /** Only tests whose full name matches this expression. */
  readonly only?: string | undefined;
  /** Stop at the first failure. */
  readonly bail: boolean;
}

/** Runs tests of a tree against the PostgreSQL of DATABASE_URL. */
export async function runTests(root: string, selection: Selection, env: NodeJS.ProcessEnv): Promise<Verdict> {
  const { files, only, bail } = selection;
  const reportFile = join(root, 'report.json');
  rmSync(reportFile, { force: true });
  const args = [
    resolve('node_modules/vitest/vitest.mjs'),
    'run',
    ...files,
    ...(only === undefined ? [] : ['-t', only]),
    '--reporter=json',
    `--outputFile=${reportFile}`,
    `--bail=${bail ? 1 : 0}`,
    `--testTimeout=${TEST_MS}`,
    '--maxWorkers=1',
  ];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const runMs = RUN_MS + files.length * FILE_MS;
  const timer = setTimeout(() => child.kill('SIGKILL'), runMs);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(timer);
  if (code === null) return { kind: 'failed', by: `no end within ${runMs / 1_000} s` };
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
  // An error outside of any test, such as one that nobody listened for, fails the run too.
  return code === 0 ? { kind: 'passed' } : { kind: 'failed', by: 'an error that no test awaited' };
}
