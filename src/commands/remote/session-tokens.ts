import { z } from 'zod';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { Api } from './api.ts';
import { withFileLock } from './file-lock.ts';
import { ApiRefusal } from './problem.ts';
import type { SavedSession, SessionFile } from './saved-sessions.ts';

/** How long before its end an access token is exchanged, so that it does not end on its way. */
const MARGIN_MS = 30_000;

const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.number() });

/** What is kept of the response of a log-in or of an exchange. */
export function toSavedSession(email: string, response: unknown, nowMs: number): SavedSession {
  const { accessToken, refreshToken, expiresIn } = Tokens.parse(response);
  const lifeMs = expiresIn * 1_000;
  return { email, accessToken, refreshToken, renewAtMs: nowMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
}

/**
 * Returns the access token of a saved session, exchanged when it ends soon. Commands of one user may run at the same time, and a refresh token that is used twice ends its
 * session: so one process exchanges it, under a lock, and the others read the result.
 * @param open the API of the server, without credentials
 * @throws StartError when the session has ended
 */
export async function sessionToken(file: SessionFile, open: Api): Promise<string> {
  const { origin } = open.url;
  const isCurrent = ({ renewAtMs }: SavedSession): boolean => renewAtMs > Date.now();
  const session = saved(file, origin);
  if (isCurrent(session)) return session.accessToken;
  return await withFileLock(`${file.path}.lock`, async () => {
    const present = saved(file, origin);
    if (isCurrent(present)) return present.accessToken;
    const json = { refreshToken: present.refreshToken };
    const response = await open.call('POST', '/api/v1/auth/refresh', { json }).catch((error: unknown) => {
      if (!(error instanceof ApiRefusal) || error.status !== 401) throw error;
      file.remove(origin);
      throw hasEnded(origin);
    });
    const renewed = toSavedSession(present.email, await response.json(), Date.now());
    file.replace(origin, renewed);
    return renewed.accessToken;
  });
}

function saved(file: SessionFile, origin: string): SavedSession {
  const session = file.find(origin);
  if (session === undefined) throw hasEnded(origin);
  return session;
}

const hasEnded = (origin: string): StartError =>
  new StartError(`The session at ${origin} has ended. Log in again: ${commandLine(`login --url ${origin}`)}`);
