import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Distinguishes a process from a later one with the same pid: boot and start time. Undefined when no process with that pid is alive.
 * Containers reuse low pids at every start, so a pid alone does not identify a process.
 */
export function birthOf(pid: number): string | undefined {
  if (!HAS_PROC) return birthFromPs(pid);
  const stat = readProc(`/proc/${pid}/stat`);
  // The command's name is in brackets and may itself hold any character: fields count from the last bracket.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  return `${readProc('/proc/sys/kernel/random/boot_id')?.trim()}:${fields[18]}`;
}

export interface RunningProcess {
  readonly pid: number;
  /** Arguments joined by spaces, or the title that the process gave itself. */
  readonly command: string;
}

/** Every process that this user may see. */
export function listProcesses(): readonly RunningProcess[] {
  if (!HAS_PROC) return listFromPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      command: readProc(`/proc/${name}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '',
    }))
    .filter(({ pid, command }) => command !== '' && birthOf(pid) !== undefined);
}

/** False when the process was gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone meanwhile
  }
}

function birthFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

function listFromPs(): readonly RunningProcess[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command }];
  });
}
