import { commandLine } from '../kernel/command-line.ts';
import { StartError } from '../kernel/start-error.ts';
import { causesOf } from './failures.ts';

const MIGRATE = `Run ${commandLine('migrate')} there with the login that owns the schemas.`;

/** What an operator does about PostgreSQL's refusals of a login, by their codes. */
const ADVICE: Readonly<Record<string, string>> = {
  '28000': 'Correct the user of the URL, or let pg_hba.conf accept it.',
  '28P01': 'Correct the user and the password of the URL.',
  '3D000': 'Create that database, or correct the URL.',
  '3F000': MIGRATE,
  '42501': `Use the login that owns the schemas, which MIGRATION_DATABASE_URL names, and let it run ${commandLine('migrate')}, which grants the login of the program what it needs.`,
  '42P01': MIGRATE,
};

/** Returns the error that ends a command when PostgreSQL does not let its login work. Undefined: the error is of another kind. */
export function refusedCommand(thrown: unknown): StartError | undefined {
  for (const error of causesOf(thrown)) {
    const advice = 'severity' in error && 'code' in error ? ADVICE[String(error.code)] : undefined;
    if (advice !== undefined) return new StartError(`PostgreSQL: ${error.message}. ${advice}`, { cause: thrown });
  }
  return undefined;
}
