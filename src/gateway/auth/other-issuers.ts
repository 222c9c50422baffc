import type { IdentityService } from '../../contexts/identity/api.ts';
import { type OnInvalidToken, onceAMinute } from '../../platform/http/issuer-tokens/invalid-tokens.ts';
import type { IssuerSettings } from '../../platform/http/issuer-tokens/issuer-settings.ts';
import { type IssuerTokens, issuerTokens } from '../../platform/http/issuer-tokens/issuer-tokens.ts';
import { openKeySet } from '../../platform/http/issuer-tokens/key-set.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { Outage } from '../../platform/telemetry/outage-log.ts';
import type { BlockedUsers } from './blocked-users.ts';
import { type ExternalLogouts, pollExternalLogouts } from './external-logouts.ts';
import { type ExternalUsers, externalUsers } from './external-users.ts';
import { type IssuerCaller, issuerCaller } from './issuer-callers.ts';
import type { PrivilegedUsers } from './privileged-users.ts';

/** Everything about the other issuers of a configuration. */
export interface OtherIssuers {
  readonly tokens: IssuerTokens;
  readonly users: ExternalUsers;
  readonly logouts: ExternalLogouts;
  readonly caller: IssuerCaller;
  /** One for each issuer: rejects while its keys cannot be read. Tokens are checked with the last ones meanwhile. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  stop(): void;
}

export interface OtherIssuersDeps {
  readonly issuers: readonly IssuerSettings[];
  readonly maxLifetimeSeconds: number;
  readonly identity: IdentityService;
  readonly blocked: Pick<BlockedUsers, 'has'>;
  readonly privileged: Pick<PrivilegedUsers, 'has' | 'add'>;
  readonly clock: Clock;
  /** That of the keys of an issuer. */
  readonly keysOutage: (issuerName: string) => Outage;
  /** That of the logouts of other issuers. */
  readonly logoutsOutage: Outage;
  /** Called at most once a minute for each cause and issuer. */
  readonly onInvalidToken: OnInvalidToken;
}

/** Undefined: there is no other issuer. Rejects when what ended their sessions cannot be read. */
export async function openOtherIssuers(deps: OtherIssuersDeps): Promise<OtherIssuers | undefined> {
  const { issuers, maxLifetimeSeconds, identity, blocked, privileged, clock } = deps;
  if (issuers.length === 0) return undefined;
  const logouts = await pollExternalLogouts({
    ...{ identity, clock, tokenLifeSeconds: maxLifetimeSeconds },
    outage: deps.logoutsOutage,
  });
  const nowMs = (): number => performance.now();
  const trusted = issuers.map((settings) => ({
    settings,
    keys: openKeySet(settings, { nowMs, outage: deps.keysOutage(settings.name) }),
  }));
  const tokens = issuerTokens({
    ...{ issuers: trusted, maxLifetimeSeconds, clock },
    onInvalid: onceAMinute(deps.onInvalidToken, nowMs),
  });
  const users = externalUsers({ identity, issuers: new Map(issuers.map((settings) => [settings.name, settings])) });
  return {
    tokens,
    users,
    logouts,
    caller: issuerCaller({ tokens, users, logouts, blocked, privileged, clock }),
    checks: Object.fromEntries(trusted.map(({ settings, keys }) => [`issuer.${settings.name}`, () => keys.check()])),
    stop() {
      logouts.stop();
      for (const { keys } of trusted) keys.stop();
    },
  };
}
