import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const PROGRAM = resolve('bin/stampede.js');

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the program to its end, with these variables and PATH alone. */
export const runStampede = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = process.cwd(),
): Promise<CommandResult> =>
  new Promise((settle) => {
    const all = { PATH: process.env['PATH'], ...env };
    execFile(process.execPath, [PROGRAM, ...args], { env: all, cwd }, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
