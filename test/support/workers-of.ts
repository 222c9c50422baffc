import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from '../../src/platform/processes.ts';

/** The pids of the worker processes of a `stampede serve`. */
export function workersOf(primary: number): readonly number[] {
  return read(`/proc/${primary}/task/${primary}/children`)
    .split(' ')
    .filter((pid) => /(stampede|main)\.js\0serve/.test(read(`/proc/${pid}/cmdline`)))
    .map(Number);
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => birthOf(pid) !== undefined)) await sleep(20);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
