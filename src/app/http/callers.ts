import { authenticator } from '../../gateway/auth/authenticate.ts';
import { pollBlockedUsers } from '../../gateway/auth/blocked-users.ts';
import { lastingAccess } from '../../gateway/auth/lasting-access.ts';
import { openOtherIssuers } from '../../gateway/auth/other-issuers.ts';
import { pollPrivilegedUsers } from '../../gateway/auth/privileged-users.ts';
import { pollRevokedSessions } from '../../gateway/auth/revoked-sessions.ts';
import type { Limits } from '../../gateway/limits/limits.ts';
import { INVALID_CAUSES } from '../../platform/http/issuer-tokens/invalid-tokens.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import { ACCESS_TOKEN_LIFE_SECONDS, type Composed } from '../compose.ts';
import type { Config } from '../config.ts';

/** Who calls: tokens of this system and of other issuers, and what ends their access before they expire. */
export async function openCallers(config: Config, { contexts, tokens, log, clock }: Composed, limits: Limits) {
  const { identity } = contexts.apis;
  const revoked = await pollRevokedSessions({
    identity,
    clock,
    accessTokenLifeSeconds: ACCESS_TOKEN_LIFE_SECONDS,
    outage: outageLog({
      log,
      message: 'the revoked sessions were not read',
      over: 'the revoked sessions are read again',
    }),
  });
  const privileged = await pollPrivilegedUsers({
    identity,
    clock,
    outage: outageLog({
      log,
      message: 'the privileged users were not read',
      over: 'the privileged users are read again',
    }),
  });
  const blocked = await pollBlockedUsers({
    identity,
    clock,
    outage: outageLog({ log, message: 'the blocked users were not read', over: 'the blocked users are read again' }),
  });
  const { issuers, jwtMaxLifetimeSeconds: maxLifetimeSeconds } = config;
  const otherIssuers = await openOtherIssuers({
    ...{ issuers, maxLifetimeSeconds, identity, blocked, privileged, clock },
    keysOutage: (issuer) =>
      outageLog({
        log,
        facts: { issuer },
        message: 'the keys of an issuer were not read',
        over: 'the keys of an issuer are read again',
      }),
    logoutsOutage: outageLog({
      log,
      message: 'the logouts of other issuers were not read',
      over: 'the logouts of other issuers are read again',
    }),
    onInvalidToken: (cause, issuer) =>
      log.info({ ...issuer, cause }, `a token was refused as TOKEN_INVALID: ${INVALID_CAUSES[cause]}`),
  });
  const authenticate = authenticator({
    tokens,
    revoked,
    blocked,
    privileged,
    clock,
    otherIssuers,
    identity,
    countByAddress: (request) => limits.general(undefined, request, () => {}),
  });
  return {
    ...{ revoked, privileged, blocked, otherIssuers, authenticate },
    mayStill: lastingAccess({ authenticate, revoked, blocked, clock }),
    stop() {
      revoked.stop();
      privileged.stop();
      blocked.stop();
      otherIssuers?.stop();
    },
  };
}
