import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks: 100 a second on Linux, on every machine. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used; undefined where there is no /proc. */
export const cpuOf = (pid: number): number | undefined => statOf(pid)?.seconds;

/** The same of a process's siblings and itself, of those that still run: a backend's are all of PostgreSQL's. */
export function cpuOfSiblings(pid: number): number | undefined {
  const parent = statOf(pid)?.parent;
  if (parent === undefined) return undefined;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = pids.map((pid) => statOf(Number(pid))).filter((stat) => stat?.parent === parent);
  return stats.reduce((sum, stat) => sum + (stat?.seconds ?? 0), 0);
}

function statOf(pid: number): { readonly parent: number; readonly seconds: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold blanks and brackets: fields are counted from behind it. 1 = state, 2 = parent, 12 and 13 = CPU.
    const fields = text.slice(text.lastIndexOf(')')).split(' ');
    return { parent: Number(fields[2]), seconds: (Number(fields[12]) + Number(fields[13])) / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}
