import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { TAGS } from './tags.ts';

/** Prints which tests were left out, by reason and file, and how many ran. */
export class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const lines = TAGS.flatMap(({ name, description }) => {
      const here = skipped.filter((test) => reasonOf(test) === name);
      return here.length === 0 ? [] : [`  ${String(here.length).padStart(4)} ${description}: ${byFile(here)}`];
    });
    const other = skipped.filter((test) => reasonOf(test) === undefined);
    if (other.length > 0) lines.push(`  ${String(other.length).padStart(4)} for another reason: ${byFile(other)}`);
    process.stdout.write(`\n${tests.length - skipped.length} tests ran, ${skipped.length} were left out:\n`);
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
}

/** The first of its tags. */
const reasonOf = (test: TestCase): string | undefined => TAGS.find(({ name }) => test.tags.includes(name))?.name;

function byFile(tests: readonly TestCase[]): string {
  const counts = new Map<string, number>();
  for (const { module } of tests) {
    const file = relative('test', module.moduleId).replace(/(\.int)?\.test\.ts$/, '');
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return [...counts].map(([file, count]) => `${file} (${count})`).join(', ');
}
