import { spawn } from 'node:child_process';

/** Says its process id, waits for the end of its own input, then kills the server: however the caller ends, its server ends with it. */
const GUARD =
  'log=$1; shift; exec 3<&0; "$@" </dev/null >>"$log" 2>&1 3<&- & echo $!; cat <&3 >/dev/null; kill -9 $!; wait';

/** A program that ends with its caller. */
export interface Guarded {
  readonly pid: number;
  /** Kills it with SIGKILL. */
  end(): Promise<void>;
}

/** Starts a program. `log`: a file that gets what it prints. */
export async function startGuarded(log: string, program: string, args: readonly string[]): Promise<Guarded> {
  const guard = spawn('sh', ['-c', GUARD, 'guard', log, program, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve) =>
    guard.stdout.once('data', (text: Buffer) => resolve(Number(text))),
  );
  return {
    pid,
    async end() {
      guard.stdin.end();
      await ended;
    },
  };
}
