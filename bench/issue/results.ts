import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../support/machine.ts';
import { chart } from './chart.ts';
import type { MainSection } from './main-section.ts';
import type { PoliciesSection } from './policies-section.ts';
import type { RowsSection } from './rows-section.ts';
import type { SoakSection } from './soak-section.ts';
import { checkTargets } from './targets.ts';

/** docs/bench/issue.json. Each section carries its own time: they may be measured one by one. */
export interface Results {
  readonly machine: Machine;
  readonly main?: MainSection;
  readonly policies?: PoliciesSection;
  readonly rows?: RowsSection;
  readonly soak?: SoakSection;
}

/** Sections that were not measured now stay as they were, unless another machine measured them. */
export async function mergeResults(dir: string, now: Results): Promise<Results> {
  const before = await readResults(dir);
  const isSame = before?.machine.model === now.machine.model && before.machine.cores === now.machine.cores;
  return isSame ? { ...before, ...now } : now;
}

export async function writeResults(dir: string, results: Results): Promise<void> {
  await mkdir(dir, { recursive: true });
  const document = { ...results, targets: checkTargets(results) };
  await writeFile(join(dir, 'issue.json'), `${JSON.stringify(document, undefined, 2)}\n`);
  if (results.main !== undefined) await writeFile(join(dir, 'issue.svg'), chart(results.machine, results.main));
}

async function readResults(dir: string): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'issue.json'), 'utf8')) as Results;
  } catch {
    return undefined; // the first time
  }
}
