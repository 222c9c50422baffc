import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Reads `+ PID SIGNAL`, `- PID` and `x DIRECTORY` lines. At the end of its input, which comes when their writer ends, it ends the processes that
 * are left: with their signal, and after 6 s by force. Then it removes the directories.
 */
const SCRIPT = `
list=""
directories=""
while read -r op pid name; do
  if [ "$op" = "x" ]; then directories="$directories $pid"; continue; fi
  rest=""
  for each in $list; do [ "\${each%%:*}" = "$pid" ] || rest="$rest $each"; done
  list="$rest"
  [ "$op" = "+" ] && list="$list $pid:$name"
done
for each in $list; do kill -s "\${each##*:}" "\${each%%:*}" 2>/dev/null; done
left=60
while [ $left -gt 0 ]; do
  alive=""
  for each in $list; do kill -0 "\${each%%:*}" 2>/dev/null && alive=1; done
  [ -z "$alive" ] && break
  left=$((left - 1)); sleep 0.1
done
for each in $list; do kill -s KILL "\${each%%:*}" 2>/dev/null; done
for each in $directories; do rm -rf "$each"; done
exit 0`;

/** Ends the processes of a cluster however its supervisor ends, also by kill -9. */
export interface Guard {
  /** @param signal by which the process ends in good order */
  watch(pid: number, signal: 'TERM' | 'INT'): void;
  forget(pid: number): void;
  /** The directory is removed with the processes, after a supervisor that was killed. Its path has no spaces. */
  removeAfter(directory: string): void;
  /** The supervisor has ended them itself. */
  dismiss(): void;
}

export function startGuard(): Guard {
  const directories = new Set<string>();
  const watched = new Map<number, string>();
  let dismissed = false;
  let child = start();

  function start(): ChildProcess {
    // A session of its own, which Ctrl-C does not reach.
    const started = spawn('sh', ['-c', SCRIPT, 'stampede-guard'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    started.stdin?.on('error', () => undefined);
    started.once('exit', () => {
      if (dismissed) return;
      child = start();
      for (const directory of directories) write(`x ${directory}`);
      for (const [pid, signal] of watched) write(`+ ${pid} ${signal}`);
    });
    return started;
  }
  const write = (line: string): void => void child.stdin?.write(`${line}\n`);
  return {
    watch(pid, signal) {
      watched.set(pid, signal);
      write(`+ ${pid} ${signal}`);
    },
    forget(pid) {
      watched.delete(pid);
      write(`- ${pid}`);
    },
    removeAfter(directory) {
      if (/\s/.test(directory)) return;
      directories.add(directory);
      write(`x ${directory}`);
    },
    dismiss() {
      dismissed = true;
      child.kill('SIGKILL');
    },
  };
}
