import { readFileSync } from 'node:fs';

/** The environment of a process with which it was started, a line for each variable. Empty for one that has ended. Linux only. */
export function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').replaceAll('\0', '\n');
  } catch {
    return '';
  }
}
