import type { IdentityService } from '../../contexts/identity/api.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { Outage } from '../../platform/telemetry/outage-log.ts';
import { poll } from './poll.ts';

const POLL_MS = 5_000;

/** The users for whom no machine may act: OWNERs and ADMINs. They are few, so that all of them are in memory. */
export interface PrivilegedUsers {
  has(userId: bigint): boolean;
  /** Effective at once on this node; other nodes read it with their next poll. */
  add(userId: bigint): void;
  stop(): void;
}

export interface PrivilegedUsersDeps {
  readonly identity: Pick<IdentityService, 'listPrivilegedUsers'>;
  readonly clock: Clock;
  /** Gets what a poll threw: known users stay, and the next poll reads everything that was missed. */
  readonly outage: Outage;
}

/** Reads all of them, then polls for new ones. Rejects when the first read fails: without it every user would look like a customer. */
export async function pollPrivilegedUsers({ identity, clock, outage }: PrivilegedUsersDeps): Promise<PrivilegedUsers> {
  let readUpTo = new Date(clock());
  const known = new Set((await identity.listPrivilegedUsers({ since: undefined })).userIds);

  async function read(): Promise<void> {
    const now = new Date(clock());
    const { userIds, formerUserIds } = await identity.listPrivilegedUsers({ since: readUpTo });
    for (const id of userIds) known.add(id);
    for (const id of formerUserIds) known.delete(id);
    readUpTo = now;
  }

  const polling = poll(POLL_MS, read, outage);
  return {
    has: (userId) => known.has(userId),
    add(userId) {
      known.add(userId);
    },
    stop: polling.stop,
  };
}
