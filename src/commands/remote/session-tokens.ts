import { z } from 'zod';
import { StartError } from '../../platform/kernel/start-error.ts';
import { withFileLock } from './file-lock.ts';
import { problemIn } from './problem.ts';
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

/** Calls one route of the server without a credential. */
export type PostJson = (path: string, json: unknown) => Promise<Response>;

/**
 * Returns the access token of a saved session, exchanged when it ends soon or was rejected. Commands of one user may run at the same time, and a refresh token that
 * is used twice ends its session: so one process exchanges it, under a lock, and the others read the result.
 * @param rejected the access token that the server did not accept
 * @throws StartError when the session has ended
 */
export async function sessionToken(
  file: SessionFile,
  origin: string,
  post: PostJson,
  rejected?: string,
): Promise<string> {
  const isUsable = ({ accessToken, renewAtMs }: SavedSession): boolean =>
    accessToken !== rejected && renewAtMs > Date.now();
  const session = saved(file, origin);
  if (isUsable(session)) return session.accessToken;
  return await withFileLock(`${file.path}.lock`, async () => {
    const present = saved(file, origin);
    if (isUsable(present)) return present.accessToken;
    const response = await post('/api/v1/auth/refresh', { refreshToken: present.refreshToken });
    if (response.status === 401) {
      file.remove(origin);
      throw hasEnded(origin);
    }
    if (!response.ok) throw await problemIn(response);
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
  new StartError(`The session at ${origin} has ended. Log in again: stampede login --url ${origin}`);
