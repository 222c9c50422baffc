import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ran {
  readonly isOk: boolean;
  /** What it printed, both streams, and what blocks before it printed in the background meanwhile. */
  readonly output: string;
  readonly seconds: number;
}

/** A shell in which blocks of a document run one after the other, as they are pasted into a terminal. */
export interface TourShell {
  /** After a block that failed there is no shell to run another one. */
  run(script: string): Promise<Ran>;
  /** Ends it, and what runs in its background. */
  close(): Promise<void>;
}

const END_OF_BLOCK = '\u0004end of block\n';
// Blocks come by descriptor 3, each with a NUL behind it, so that standard input is the keyboard. A command that fails ends the shell.
const LOOP = `while IFS= read -r -d '' block <&3; do eval "$block"; printf '\\004end of block\\n'; done`;

/** Opens a bash. `typed`: what `read` gets from the keyboard, one line a time. */
export function openTourShell(options: {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly typed: readonly string[];
}): TourShell {
  // Standard input is a socket, by which bash takes itself for a remote login and reads ~/.bashrc, unless --norc forbids it.
  const shell = spawn('bash', ['--norc', '-e', '-o', 'pipefail', '-c', LOOP], {
    cwd: options.cwd,
    env: options.env,
    // A process group of its own, so that what is left in the background can be ended with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [keyboard, out, errors, blocks] = shell.stdio;
  if (!blocks || !('write' in blocks)) throw new Error('the descriptor for blocks cannot be written');
  keyboard.write(options.typed.map((line) => `${line}\n`).join(''));
  let output = '';
  let notify = (): void => {};
  for (const stream of [out, errors]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      notify();
    });
  }
  const closed = once(shell, 'close').then(() => notify());

  return {
    async run(script) {
      const startedMs = performance.now();
      output = '';
      blocks.write(`${script}\0`);
      while (!output.includes(END_OF_BLOCK) && shell.exitCode === null)
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      return {
        isOk: output.includes(END_OF_BLOCK),
        output: output.replace(END_OF_BLOCK, ''),
        seconds: (performance.now() - startedMs) / 1000,
      };
    },
    async close() {
      blocks.end();
      keyboard.end();
      if (shell.exitCode === null && shell.signalCode === null && shell.pid !== undefined)
        process.kill(-shell.pid, 'SIGTERM');
      await closed;
    },
  };
}
