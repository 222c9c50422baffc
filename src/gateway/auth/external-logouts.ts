import type { ExternalLogout, IdentityService } from '../../contexts/identity/api.ts';
import type { IssuerToken } from '../../platform/http/issuer-tokens/issuer-claims.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { Outage } from '../../platform/telemetry/outage-log.ts';
import { poll } from './poll.ts';

const POLL_MS = 1_000;
/** Each poll overlaps the previous one by this time, so that a logout that committed late is not missed. */
const OVERLAP_MS = 30_000;

/** What other issuers have ended although its tokens have not expired. */
export interface ExternalLogouts {
  /** Was this token issued for a session that has ended, or to a user before all sessions of the user have ended? */
  hasEnded(token: IssuerToken): boolean;
  /** Effective at once on this node; other nodes read it with their next poll. */
  add(logout: ExternalLogout): void;
  stop(): void;
}

export interface ExternalLogoutsDeps {
  readonly identity: Pick<IdentityService, 'listExternalLogouts'>;
  readonly clock: Clock;
  /** An older entry is not needed: every token of it has expired. */
  readonly tokenLifeSeconds: number;
  /** Gets what a poll threw: known entries stay in force, and the next poll reads everything that was missed. */
  readonly outage: Outage;
}

/** Starts polling. Resolves after the first read, and rejects when it fails: without it every ended session would be open. */
export async function pollExternalLogouts(deps: ExternalLogoutsDeps): Promise<ExternalLogouts> {
  const { identity, clock, tokenLifeSeconds, outage } = deps;
  const lifeMs = tokenLifeSeconds * 1_000 + OVERLAP_MS;
  /** By issuer and session or user: when it ended. A key that is set again moves to the end, so the order is that of their ages. */
  const ended = new Map<string, number>();
  let readUpToMs = clock() - lifeMs;

  function add({ issuer, ended: what, at }: ExternalLogout): void {
    if (what === undefined || at === undefined) return;
    const key = keyOf(issuer, what.$case, what.value);
    const atMs = Math.max(at.getTime(), ended.get(key) ?? 0);
    ended.delete(key);
    ended.set(key, atMs);
  }
  async function read(): Promise<void> {
    const now = clock();
    for (let since: Date | undefined = new Date(readUpToMs - OVERLAP_MS); since !== undefined; ) {
      const { logouts, readUpTo } = await identity.listExternalLogouts({ since });
      for (const logout of logouts) add(logout);
      // A page of one instant would come again without end.
      since = readUpTo !== undefined && readUpTo > since ? readUpTo : undefined;
    }
    readUpToMs = now;
    for (const [key, atMs] of ended) {
      if (atMs > now - lifeMs) break;
      ended.delete(key);
    }
  }

  await read();
  const polling = poll(POLL_MS, read, outage);
  return {
    hasEnded({ issuer: { name }, sid, sub, iat }) {
      if (ended.size === 0) return false;
      if (sid !== undefined && ended.has(keyOf(name, 'sid', sid))) return true;
      const endedMs = sub === undefined ? undefined : ended.get(keyOf(name, 'subject', sub));
      return endedMs !== undefined && iat * 1_000 <= endedMs;
    },
    add,
    stop: polling.stop,
  };
}

/** No issuer's name has a space. */
const keyOf = (issuer: string, kind: 'sid' | 'subject', id: string): string => `${issuer} ${kind} ${id}`;
