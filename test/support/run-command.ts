import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const PROGRAM = resolve('bin/stampede.js');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program with these variables and no others, in this directory. `input` is its standard input. */
export function runCommand(
  args: readonly string[],
  {
    env,
    cwd,
    input = '',
  }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string; readonly input?: string },
): Promise<CommandResult> {
  return new Promise((settle) => {
    const variables = { PATH: process.env['PATH'], ...env };
    const child = execFile(process.execPath, [PROGRAM, ...args], { env: variables, cwd }, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}
