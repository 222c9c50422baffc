import { isServerUrl, readCommandSettings } from '../../app/variables/command-variables.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { EXIT } from '../exit-codes.ts';
import { apiWith } from '../remote/open-api.ts';
import { sessionFile } from '../remote/saved-sessions.ts';

export interface LogoutOptions {
  readonly url?: string;
}

/** `stampede logout`: forgets the session, and ends it at the server. @throws StartError when the server cannot be reached; it is forgotten then, too */
export async function run({ url: named }: LogoutOptions): Promise<number> {
  const sessions = sessionFile(process.env);
  const address = named ?? readCommandSettings(process.env).url ?? sessions.current();
  if (address !== undefined && !isServerUrl(address))
    throw new UsageError(`--url ${address} is no address of a server.`);
  const origin = address === undefined ? undefined : new URL(address).origin;
  const session = origin === undefined ? undefined : sessions.find(origin);
  if (origin === undefined || session === undefined) {
    throw new StartError(origin === undefined ? 'No user is logged in.' : `No user is logged in at ${origin}.`);
  }
  // First here: what follows may fail, and the file has no secret any more.
  sessions.remove(origin);
  const { refreshToken } = session;
  await apiWith(new URL(origin)).call('POST', '/api/v1/auth/logout', { json: { refreshToken } });
  process.stdout.write(`Logged out at ${origin}.\n`);
  return EXIT.DONE;
}
