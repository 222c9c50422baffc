import type { IdentityService } from '../../contexts/identity/api.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { poll } from './poll.ts';

const POLL_MS = 1_000;
/** Of a page of the first read. */
const PAGE = 10_000;

/** Users who are locked or deleted. Their tokens are refused, whoever signed them. All of them are in memory: 100,000 take about 6 MB. */
export interface BlockedUsers {
  has(userId: bigint): boolean;
  /** Effective at once on this node; other nodes read it with their next poll. */
  add(userId: bigint): void;
  delete(userId: bigint): void;
  stop(): void;
}

export interface BlockedUsersDeps {
  readonly identity: Pick<IdentityService, 'listBlockedUsers'>;
  readonly clock: Clock;
  /** Called when a poll failed: known users stay, and the next poll reads everything that was missed. */
  readonly onError: (error: unknown) => void;
}

/** Reads all of them, then polls for changes. Rejects when the first read fails: without it every user would pass. */
export async function pollBlockedUsers({ identity, clock, onError }: BlockedUsersDeps): Promise<BlockedUsers> {
  let readUpTo = new Date(clock());
  const known = new Set<bigint>();
  for (let after: bigint | undefined = 0n; after !== undefined; ) {
    const { userIds } = await identity.listBlockedUsers({ since: undefined, afterUserId: after });
    for (const id of userIds) known.add(id);
    after = userIds.length < PAGE ? undefined : userIds.at(-1);
  }
  const polling = poll(
    POLL_MS,
    async () => {
      const now = new Date(clock());
      const { userIds, unblockedUserIds } = await identity.listBlockedUsers({ since: readUpTo, afterUserId: 0n });
      for (const id of userIds) known.add(id);
      for (const id of unblockedUserIds) known.delete(id);
      readUpTo = now;
    },
    onError,
  );
  return {
    has: (userId) => known.has(userId),
    add(userId) {
      known.add(userId);
    },
    delete(userId) {
      known.delete(userId);
    },
    stop: polling.stop,
  };
}
