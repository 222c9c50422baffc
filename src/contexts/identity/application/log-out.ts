import type { LogOutRequest, LogOutResponse } from '../api.ts';
import { parseSecret, REFRESH_PREFIX } from '../domain/secret-text.ts';
import { decideLogOut } from '../domain/session.ts';
import type { IdentityPorts } from './ports.ts';

/** Ends the session of a refresh token. The edge does not reveal whether there was one. */
export const logOut =
  ({ store, secrets, clock }: IdentityPorts) =>
  async (request: LogOutRequest): Promise<LogOutResponse> => {
    const shown = parseSecret(REFRESH_PREFIX, request.refreshToken);
    if (shown === undefined) return { sessionId: '' };
    const { user } = await store.changeSession(shown.id, secrets.digest(shown.secret), (found) =>
      decideLogOut(found, new Date(clock())),
    );
    return { sessionId: user === undefined ? '' : String(shown.id) };
  };
