import { InvalidArgumentError, Option } from 'commander';
import { WORKERS_MAX } from '../app/variables/edge-variables.ts';
import { firstMessage } from '../platform/kernel/first-message.ts';
import { isIdText } from '../platform/kernel/id-text.ts';
import { parseDatabaseUrl } from '../platform/postgres/database-url.ts';

/** Reads an id from the command line. Ids have 63 bits: they stay text. */
export function idOption(text: string): string {
  if (isIdText(text)) return text;
  throw new InvalidArgumentError('It must be an id, a decimal number.');
}

/** Reads a whole number from 1 to `max` from the command line. */
export const wholeNumber =
  (max: number) =>
  (text: string): number => {
    if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };

/** `--workers`, of the commands that read WORKERS. */
export const workersOption = (description: string): Option =>
  new Option('--workers <count>', description).argParser((text) =>
    text === 'auto' ? text : String(wholeNumber(WORKERS_MAX)(text)),
  );

/** Reads the URL of a database from the command line. */
export function databaseUrlOption(text: string): string {
  try {
    parseDatabaseUrl(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`It ${firstMessage(error)}, such as postgres://user:password@host:5432/database.`);
  }
}

/** `--url`: the server to call, of a command that also reads the databases of that server. */
export const urlOption = (): Option =>
  new Option('--url <url>', 'a server elsewhere; set JWT_SECRET and DATABASE_URL to its own');

/** `--url`, of a command that needs nothing but the API of a running server. */
export const serverOption = (): Option =>
  new Option('--url <url>', 'the server (STAMPEDE_URL); else that of login, else the one that runs here');

/** `--api-key`, of the same commands. */
export const apiKeyOption = (): Option =>
  new Option('--api-key <secret>', 'an API key; better in STAMPEDE_API_KEY, which no list of processes shows');

/** `--errors`: where the rows of a job that failed are written. */
export const errorsOption = (): Option =>
  new Option('--errors <path>', 'the file for rows that failed (default: job-<id>-errors.csv)');
