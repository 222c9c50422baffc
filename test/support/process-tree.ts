import { readdirSync, readFileSync } from 'node:fs';
import { signal } from '../../src/platform/processes.ts';

/** The process and everything that descends from it, parents first. Linux. */
export function processTree(root: number): readonly number[] {
  const children = Map.groupBy(
    readdirSync('/proc').filter((name) => /^\d+$/.test(name)),
    (pid) => parentOf(pid),
  );
  const tree = [root];
  // The loop also meets what it appends.
  for (const pid of tree) for (const child of children.get(pid) ?? []) tree.push(Number(child));
  return tree;
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the command is in brackets and may hold any character.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // gone meanwhile
  }
}

/** Stops them all, the parent before it can start another one, and returns what lets them go on. */
export function freezeTree(root: number): () => void {
  const frozen = new Set<number>();
  // A second look finds what was started during the first one.
  for (let look = 0; look < 2; look++) {
    for (const pid of processTree(root)) {
      if (!frozen.has(pid) && signal(pid, 'SIGSTOP')) frozen.add(pid);
    }
  }
  return () => {
    for (const pid of frozen) signal(pid, 'SIGCONT');
  };
}
