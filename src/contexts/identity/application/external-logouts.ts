import { isSubject } from '../../../platform/kernel/subject.ts';
import type {
  EndExternalSessionsRequest,
  EndExternalSessionsResponse,
  ExternalLogout as ExternalLogoutMessage,
  ListExternalLogoutsRequest,
  ListExternalLogoutsResponse,
} from '../api.ts';
import { isIssuerName } from '../domain/external-user.ts';
import type { ExternalLogout, ExternalUserStore, IdentityPorts } from './ports.ts';

/** Of logouts in a response. */
const PAGE = 10_000;

/**
 * Stores that another issuer has ended a session, or all sessions of a user, for all nodes.
 * @throws Error for what names neither
 */
export const endExternalSessions =
  (store: Pick<ExternalUserStore, 'endSessions'>, { clock, nextId }: Pick<IdentityPorts, 'clock' | 'nextId'>) =>
  async ({ logout }: EndExternalSessionsRequest): Promise<EndExternalSessionsResponse> => {
    await store.endSessions(nextId(), logoutOf(logout), new Date(clock()));
    return {};
  };

/** Called by each node at its start, page by page, then every second. The reader looks further back than its last read. */
export const listExternalLogouts =
  (store: Pick<ExternalUserStore, 'logoutsFrom'>) =>
  async ({ since }: ListExternalLogoutsRequest): Promise<ListExternalLogoutsResponse> => {
    const logouts = await store.logoutsFrom(since ?? new Date(0), PAGE);
    return {
      logouts: logouts.map(({ issuer, ended, at }) => ({
        issuer,
        ended:
          'sid' in ended
            ? { $case: 'sid' as const, value: ended.sid }
            : { $case: 'subject' as const, value: ended.subject },
        at,
      })),
      readUpTo: logouts.length < PAGE ? undefined : logouts.at(-1)?.receivedAt,
    };
  };

function logoutOf(message: ExternalLogoutMessage | undefined): ExternalLogout {
  const { issuer = '', ended, at } = message ?? {};
  if (!isIssuerName(issuer) || ended === undefined || !isSubject(ended.value) || at === undefined)
    throw new Error('a logout names neither a session nor a user of another issuer');
  return { issuer, ended: ended.$case === 'sid' ? { sid: ended.value } : { subject: ended.value }, at };
}
