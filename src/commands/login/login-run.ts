import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import { isServerUrl, readCommandSettings } from '../../app/variables/command-variables.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { EXIT } from '../exit-codes.ts';
import { apiWith } from '../remote/open-api.ts';
import { ApiRefusal } from '../remote/problem.ts';
import { readResponse } from '../remote/read-response.ts';
import { sessionFile } from '../remote/saved-sessions.ts';
import { toSavedSession } from '../remote/session-tokens.ts';
import { readPassword } from './read-password.ts';

export interface LoginOptions {
  readonly url?: string;
  readonly email?: string;
  readonly passwordStdin: boolean;
}

/** `stampede login`. @throws UsageError, and StartError when the server refuses */
export async function run({ url: named, email: given, passwordStdin }: LoginOptions): Promise<number> {
  const sessions = sessionFile(process.env);
  const address = named ?? readCommandSettings(process.env).url ?? sessions.current();
  if (address === undefined) throw new UsageError('Name the server: --url https://coupons.example.com');
  if (!isServerUrl(address)) throw new UsageError(`--url ${address} is no address of a server.`);
  const url = new URL(new URL(address).origin);
  if (!passwordStdin && !process.stdin.isTTY) {
    throw new UsageError(
      'There is no terminal to prompt for the password. Give it by --password-stdin, or use an API key.',
    );
  }
  if (passwordStdin && given === undefined) throw new UsageError('With --password-stdin, give --email, too.');
  const email = given ?? (await ask('E-mail: '));
  const password = passwordStdin
    ? (await readAll(process.stdin)).replace(/\r?\n$/, '')
    : await readPassword('Password: ');
  const json = { email, password };
  const response = await apiWith(url)
    .call('POST', '/api/v1/auth/login', { json })
    .catch((error: unknown) => {
      const isRejected = error instanceof ApiRefusal && error.status === 401;
      throw isRejected ? new StartError(rejected(url)) : error;
    });
  const session = await readResponse(url, response, (body) => toSavedSession(email, body, Date.now()));
  sessions.save(url.origin, session);
  process.stdout.write(`Logged in at ${url.origin} as ${email}. Commands call this server now.\n`);
  return EXIT.DONE;
}

const rejected = ({ origin }: URL): string =>
  `${origin} does not accept this e-mail address and password. Users of another issuer, such as Keycloak, have no password here: give an access token of theirs in STAMPEDE_ACCESS_TOKEN, or an API key in STAMPEDE_API_KEY.`;

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
