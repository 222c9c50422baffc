import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectingOutage } from '../../../test/support/outages.ts';
import type { ListBlockedUsersRequest, ListBlockedUsersResponse } from '../../contexts/identity/api.ts';
import { NotSupported } from '../../platform/kernel/refusal.ts';
import { pollBlockedUsers } from './blocked-users.ts';

const NOW_MS = 1_800_000_000_000;
const requested: ListBlockedUsersRequest[] = [];
let pages: readonly Partial<ListBlockedUsersResponse>[] = [];
let isAway = false;
let isEarlier = false;
const identity = {
  async listBlockedUsers(request: ListBlockedUsersRequest): Promise<ListBlockedUsersResponse> {
    if (isAway) throw new Error('away');
    if (isEarlier) throw new NotSupported('the server does not implement the method');
    requested.push(request);
    const page = Number(request.afterUserId);
    const nextPage = page + 1 < pages.length ? { ...request, afterUserId: BigInt(page + 1) } : undefined;
    return { userIds: [], unblockedUserIds: [], nextPage, ...pages[page] };
  },
};
const start = () => pollBlockedUsers({ identity, clock: Date.now, outage: collectingOutage() });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
  requested.length = 0;
  pages = [];
  isAway = false;
  isEarlier = false;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the blocked users that a node knows', () => {
  it('blocked users of every page are known after the start', async () => {
    pages = [{ userIds: [7n] }, { userIds: [8n] }, { userIds: [9n] }];
    const blocked = await start();
    expect([7n, 8n, 9n, 10n].map((id) => blocked.has(id))).toEqual([true, true, true, false]);
    blocked.stop();
  });

  it('changes of every page are known after the next poll', async () => {
    pages = [{ userIds: [7n] }];
    const blocked = await start();
    pages = [{ userIds: [8n] }, { userIds: [9n], unblockedUserIds: [7n] }];
    await vi.advanceTimersByTimeAsync(1_000);
    expect([7n, 8n, 9n].map((id) => blocked.has(id))).toEqual([false, true, true]);
    blocked.stop();
  });

  it('a poll reads changes since before the start of the last one that succeeded', async () => {
    const blocked = await start();
    isAway = true;
    await vi.advanceTimersByTimeAsync(60_000);
    isAway = false;
    requested.length = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requested[0]?.since?.getTime()).toBeLessThan(NOW_MS);
    blocked.stop();
  });

  it('an identity service of an earlier version blocks no user, and all blocked users are known after it was upgraded', async () => {
    isEarlier = true;
    pages = [{ userIds: [7n] }];
    const blocked = await start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(blocked.has(7n)).toBe(false);
    isEarlier = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([blocked.has(7n), requested.map(({ since }) => since)]).toEqual([true, [undefined]]);
    blocked.stop();
  });

  it('a start fails when blocked users cannot be read', async () => {
    isAway = true;
    await expect(start()).rejects.toThrow('away');
  });
});
