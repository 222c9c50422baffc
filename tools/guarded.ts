import { spawn } from 'node:child_process';

/**
 * Prints the process id of the program, waits for a line or the end of its own input, then kills the program: however the caller ends, its program ends with it. At
 * the end of its input, which has no line when the caller ended first, it removes the directory, too.
 */
const GUARD = `
log=$1; dir=$2; shift 2
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
echo $!
read -r line <&3 || abandoned=1
kill -9 $!
wait
[ -z "$abandoned" ] || [ -z "$dir" ] || rm -rf "$dir"`;

/** A program that ends with its caller. */
export interface Guarded {
  readonly pid: number;
  /** Kills it with SIGKILL. */
  end(): Promise<void>;
}

export interface GuardedOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** A file that gets what it prints. */
  readonly log: string;
  /** Is removed when the caller ends before the program. Undefined: nothing is. */
  readonly dir: string | undefined;
}

/** Starts a program. It does not keep its caller running. */
export async function startGuarded({ program, args, log, dir = '' }: GuardedOptions): Promise<Guarded> {
  // A group of its own: Ctrl-C is for the caller, which ends its servers in order.
  const guard = spawn('sh', ['-c', GUARD, 'guard', log, dir, program, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve) =>
    guard.stdout.once('data', (text: Buffer) => resolve(Number(text))),
  );
  guard.stdout.destroy();
  guard.unref();
  return {
    pid,
    async end() {
      guard.ref();
      guard.stdin.end('end\n');
      await ended;
    },
  };
}
