import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks: 100 a second on Linux, on every machine. */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used; undefined where there is no /proc. */
export const cpuOf = (pid: number): number | undefined => statOf(pid)?.seconds;

/** Returns the process that started a process; undefined where there is no /proc. */
export const parentOf = (pid: number): number | undefined => statOf(pid)?.parent;

/** Seconds of CPU of the processes that a process has started, also of those that have ended. */
export function cpuOfChildren(parent: number | undefined): number | undefined {
  if (parent === undefined) return undefined;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = pids.map((pid) => statOf(Number(pid))).filter((stat) => stat?.parent === parent);
  const ended = statOf(parent)?.endedSeconds ?? 0;
  return stats.reduce((sum, stat) => sum + (stat?.seconds ?? 0), ended);
}

interface Stat {
  readonly parent: number;
  readonly seconds: number;
  /** Of its children that have ended. */
  readonly endedSeconds: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold blanks and brackets: fields are counted from behind it. 1 = state, 2 = parent, 12 and 13 = CPU, 14 and 15 = that of children.
    const fields = text.slice(text.lastIndexOf(')')).split(' ');
    const sum = (first: number): number => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
    return { parent: Number(fields[2]), seconds: sum(12), endedSeconds: sum(14) };
  } catch {
    return undefined;
  }
}
