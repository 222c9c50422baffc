import { z } from 'zod';
import type { IdentityService } from '../../../contexts/identity/api.ts';
import type { OtherIssuers } from '../../auth/other-issuers.ts';
import { ProblemError } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';

const TOKEN_MAX = 10_000;
const NAME_MAX = 32;

const OneIssuer = z.strictObject({ issuerName: z.string().min(1).max(NAME_MAX) });
/** OpenID Connect Back-Channel Logout 1.0, section 2.5: other fields are ignored. Those of a form are text. */
const LogoutBody = z.object({ logout_token: z.string().min(1).max(TOKEN_MAX) }).catchall(z.string());

export interface BackchannelLogoutDeps {
  readonly identity: Pick<IdentityService, 'endExternalSessions'>;
  readonly otherIssuers: Pick<OtherIssuers, 'tokens' | 'logouts'> | undefined;
}

/** What other issuers report when a session of theirs ends. */
export const backchannelLogoutRoutes = ({ identity, otherIssuers }: BackchannelLogoutDeps): readonly Route[] => [
  route({
    id: 'endIssuerSessions',
    tag: 'identity',
    method: 'POST',
    paths: ['/api/v1/auth/backchannel-logout/:issuerName'],
    summary: 'Report that another issuer has ended a session',
    description:
      'OpenID Connect Back-Channel Logout 1.0. The path names an issuer of JWT_ISSUERS. The logout token is the only credential: it is signed by the issuer, for one of ' +
      'its `logoutAudiences`, at most five minutes ago. With `sid` the session ends, otherwise every session of the user that began until then. The access tokens are refused at once here, ' +
      'and within seconds everywhere. A repeat changes nothing.',
    access: 'ANYBODY',
    scope: 'admin',
    ownCredential: true,
    // As section 2.8 asks for, and not 204.
    status: 200,
    response: { schema: z.strictObject({}), example: {} },
    refusals: ['LOGOUT_TOKEN_INVALID'],
    noStore: true,
    bypassesShedding: true,
    form: true,
    params: OneIssuer,
    body: LogoutBody,
    bodyExample: { logout_token: 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImxvZ291dCtqd3QifQ.eyJpc3MiOiJ…' },
    async handle({ params: { issuerName }, body: { logout_token: token } }): Promise<object> {
      const claims = await otherIssuers?.tokens.checkLogout(issuerName, token);
      if (otherIssuers === undefined || claims === undefined) throw new ProblemError('LOGOUT_TOKEN_INVALID');
      const { issuer, ended, atMs } = claims;
      const logout = {
        issuer,
        ended:
          'sid' in ended
            ? { $case: 'sid' as const, value: ended.sid }
            : { $case: 'subject' as const, value: ended.sub },
        at: new Date(atMs),
      };
      await identity.endExternalSessions({ logout });
      otherIssuers.logouts.add(logout);
      return {};
    },
  }),
];
