import { getSystemErrorMessage } from 'node:util';
import { firstMessage } from '../platform/kernel/first-message.ts';
import { StartError, UsageError } from '../platform/kernel/start-error.ts';
import { ConnectionLost, causesOf, OutcomeUnknown, RolledBack } from '../platform/postgres/failures.ts';
import { refusedCommand } from '../platform/postgres/refused-command.ts';
import { EXIT } from './exit-codes.ts';

/**
 * Returns what a command prints when an error ends it, and its exit code. What somebody outside of the program can cause is one line for each problem; anything else is a defect of the
 * program, and keeps its stack.
 */
export function errorReport(error: unknown): { readonly text: string; readonly exitCode: number } {
  const exitCode = error instanceof UsageError ? EXIT.USAGE : EXIT.FAILED;
  const message = messageOf(error);
  if (message === undefined) {
    const stack = error instanceof Error ? error.stack : String(error);
    return {
      text: `stampede: This is a defect of the program. Please report it with these lines:\n${stack}\n`,
      exitCode,
    };
  }
  const lines = message.split('\n').map((line) => `stampede: ${line}\n`);
  return { text: lines.join(''), exitCode };
}

function messageOf(error: unknown): string | undefined {
  if (error instanceof StartError) return error.message;
  const refused = refusedCommand(error);
  if (refused !== undefined) return refused.message;
  for (const each of reasonsOf(error)) {
    // What PostgreSQL says of a defect has a position in the statement, and its stack is needed.
    if ('severity' in each && !('position' in each && each.position !== undefined))
      return `PostgreSQL: ${each.message}.`;
    if (isLostDatabase(each)) return `PostgreSQL: ${each.message}.`;
    const ofSystem = systemMessage(each);
    if (ofSystem !== undefined) return ofSystem;
  }
  return undefined;
}

/** The error, those that it wraps, and the first of those that were tried for the addresses of a host. */
const reasonsOf = (error: unknown): readonly Error[] =>
  [...causesOf(error)].flatMap((each) => (each instanceof AggregateError ? [each.errors[0] as Error] : [each]));

const isLostDatabase = (error: Error): boolean =>
  error instanceof ConnectionLost ||
  error instanceof OutcomeUnknown ||
  error instanceof RolledBack ||
  error.message.startsWith('Connection terminated');

/** Of a file or an address that the operating system refuses: what it is, and why. Undefined: the error is of another kind. */
function systemMessage(error: Error): string | undefined {
  const { errno, code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (typeof errno !== 'number' || code === undefined) return undefined;
  const reason = `${getSystemErrorMessage(errno) ?? firstMessage(error)} (${code})`;
  if (path !== undefined) return `${path}: ${reason}.`;
  if (address !== undefined) return `${port === undefined ? address : `${address}:${port}`}: ${reason}.`;
  return `${firstMessage(error)}.`;
}
