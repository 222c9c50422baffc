import type { Tokens } from '../api.ts';
import { formatSecret, REFRESH_PREFIX, type SecretText } from '../domain/secret-text.ts';
import type { UserRecord } from '../domain/user.ts';
import type { IdentityPorts } from './ports.ts';

/** The access token and the refresh token of a session. `refreshSecret.id` is the session's id. */
export const issueTokens = (
  { signAccessToken, accessTokenLifeSeconds }: IdentityPorts,
  user: Pick<UserRecord, 'id' | 'role'>,
  refreshSecret: SecretText,
): Tokens => ({
  accessToken: signAccessToken({ sub: String(user.id), role: user.role, sid: String(refreshSecret.id) }),
  refreshToken: formatSecret(REFRESH_PREFIX, refreshSecret),
  expiresIn: accessTokenLifeSeconds,
});
