import type { Tokens } from '../api.ts';
import { formatSecret, REFRESH_PREFIX, type SecretText } from '../domain/secret-text.ts';
import type { UserRecord } from '../domain/user.ts';
import type { IdentityPorts } from './ports.ts';

/** The access token and the refresh token of a session. `refresh.id` is the session's id. */
export const issueTokens = (
  { signAccessToken, accessTokenLifeSeconds }: IdentityPorts,
  user: Pick<UserRecord, 'id' | 'role'>,
  refresh: SecretText,
): Tokens => ({
  accessToken: signAccessToken({ sub: String(user.id), role: user.role, sid: String(refresh.id) }),
  refreshToken: formatSecret(REFRESH_PREFIX, refresh),
  expiresIn: accessTokenLifeSeconds,
});
