import { isServerUrl, readCommandSettings } from '../../app/command-variables.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { EXIT } from '../exit-codes.ts';
import { callOpenly } from '../remote/open-api.ts';
import { sessionFile } from '../remote/saved-sessions.ts';

export interface LogoutOptions {
  readonly url?: string;
}

/** `stampede logout`: forgets the session, and ends it at the server. 1 when the server did not end it. */
export async function run({ url: named }: LogoutOptions): Promise<number> {
  const sessions = sessionFile(process.env);
  const address = named ?? readCommandSettings(process.env).url ?? sessions.current();
  if (address !== undefined && !isServerUrl(address)) throw new UsageError(`--url ${address} is no address of a server.`);
  const origin = address === undefined ? undefined : new URL(address).origin;
  const session = origin === undefined ? undefined : sessions.find(origin);
  if (origin === undefined || session === undefined) {
    throw new StartError(origin === undefined ? 'Nobody is logged in.' : `Nobody is logged in at ${origin}.`);
  }
  // First here: what follows may fail, and the file has no secret any more.
  sessions.remove(origin);
  const { refreshToken } = session;
  const response = await callOpenly(new URL(origin), '/api/v1/auth/logout', { refreshToken });
  if (response.ok) {
    process.stdout.write(`Logged out at ${origin}.\n`);
    return EXIT.DONE;
  }
  process.stderr.write(`The session is forgotten here, and ${origin} did not end it: HTTP ${response.status}.\n`);
  return EXIT.FAILED;
}
