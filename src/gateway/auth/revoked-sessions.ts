import type { IdentityService } from '../../contexts/identity/api.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { Outage } from '../../platform/telemetry/outage-log.ts';
import { poll } from './poll.ts';

/** A locked user is out everywhere within a second. */
const POLL_MS = 500;
/** Each poll overlaps the previous one by this time, so that a revocation that committed late is not missed. */
const OVERLAP_MS = 30_000;

/** The sessions that were revoked although their access tokens have not expired. */
export interface RevokedSessions {
  has(sessionId: string): boolean;
  /** Effective at once on this node; other nodes read it with their next poll. */
  add(sessionId: string): void;
  stop(): void;
}

export interface RevokedSessionsDeps {
  readonly identity: Pick<IdentityService, 'listRevokedSessions'>;
  readonly clock: Clock;
  /** An entry older than an access token's lifetime is not needed. */
  readonly accessTokenLifeSeconds: number;
  /** Gets what a poll threw: known entries stay in force, and the next poll reads everything that was missed. */
  readonly outage: Outage;
}

/** Starts polling. Resolves after the first poll, so that a node that has just started refuses the same tokens as others. */
export async function pollRevokedSessions(deps: RevokedSessionsDeps): Promise<RevokedSessions> {
  const lifeMs = deps.accessTokenLifeSeconds * 1000;
  const seen = new Map<string, number>();
  let readUpToMs = deps.clock() - lifeMs;

  async function read(): Promise<void> {
    const now = deps.clock();
    const { sessionIds } = await deps.identity.listRevokedSessions({ since: new Date(readUpToMs - OVERLAP_MS) });
    for (const id of sessionIds) if (!seen.has(id)) seen.set(id, now);
    readUpToMs = now;
    // Insertion order is age order, so the scan ends at the first entry that is still needed.
    for (const [id, since] of seen) {
      if (since > now - lifeMs - OVERLAP_MS) break;
      seen.delete(id);
    }
  }

  await read().catch(deps.outage.failed);
  const polling = poll(POLL_MS, read, deps.outage);
  return {
    has: (sessionId) => seen.has(sessionId),
    add(sessionId) {
      seen.set(sessionId, deps.clock());
    },
    stop: polling.stop,
  };
}
