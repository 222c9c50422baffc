import type {
  IdentityService,
  ListBlockedUsersRequest,
  ListBlockedUsersResponse,
} from '../../contexts/identity/api.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { NotSupported } from '../../platform/kernel/refusal.ts';
import type { Outage } from '../../platform/telemetry/outage-log.ts';
import { poll } from './poll.ts';

const POLL_MS = 1_000;
/** Each poll overlaps the previous one by this time, so that a change that committed late is not missed. */
const OVERLAP_MS = 15_000;

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
  /** Gets what a poll threw: known users stay, and the next poll reads everything that was missed. */
  readonly outage: Outage;
}

/**
 * Reads all of them, then polls for changes. Rejects when the first read fails: without it every user would pass. An identity service of an earlier
 * version blocks no users, so all of them are read once a later one serves.
 */
export async function pollBlockedUsers({ identity, clock, outage }: BlockedUsersDeps): Promise<BlockedUsers> {
  const known = new Set<bigint>();
  let readUpToMs: number | undefined;

  async function read(): Promise<void> {
    const startedMs = clock();
    const since = readUpToMs === undefined ? undefined : new Date(readUpToMs - OVERLAP_MS);
    for (let page: ListBlockedUsersRequest | undefined = { since, afterUserId: 0n }; page !== undefined; ) {
      const { userIds, unblockedUserIds, nextPage }: ListBlockedUsersResponse = await identity.listBlockedUsers(page);
      for (const id of userIds) known.add(id);
      for (const id of unblockedUserIds) known.delete(id);
      page = nextPage;
    }
    readUpToMs = startedMs;
  }

  const readIfServed = () =>
    read().catch((error: unknown) => {
      if (!(error instanceof NotSupported)) throw error;
    });
  await readIfServed();
  const polling = poll(POLL_MS, readIfServed, outage);
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
