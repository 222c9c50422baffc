import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { RefreshRequest, RefreshResponse } from '../api.ts';
import { parseSecret, REFRESH_PREFIX } from '../domain/secret-text.ts';
import { decideRefresh } from '../domain/session.ts';
import { refuse } from '../refusals.ts';
import { issueTokens } from './issue-tokens.ts';
import type { IdentityPorts } from './ports.ts';

/** Exchanges a refresh token for the next pair. The reuse of an exchanged token ends its family. */
export const refresh =
  (ports: IdentityPorts) =>
  async (request: RefreshRequest): Promise<RefreshResponse> => {
    const { store, secrets, clock } = ports;
    const shown = parseSecret(REFRESH_PREFIX, request.refreshToken);
    if (shown === undefined) return toRefusalResponse(refuse('UNAUTHENTICATED'));

    const next = secrets.random();
    const nextDigest = secrets.digest(next);
    const { change, user } = await store.changeSession(shown.id, secrets.digest(shown.secret), (found) =>
      decideRefresh(found, nextDigest, new Date(clock())),
    );
    if (change.kind !== 'ROTATE' || user === undefined) return toRefusalResponse(refuse('UNAUTHENTICATED'));
    return { outcome: { $case: 'tokens', value: issueTokens(ports, user, { id: shown.id, secret: next }) } };
  };
