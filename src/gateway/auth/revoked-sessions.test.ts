import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectingOutage } from '../../../test/support/outages.ts';
import { pollRevokedSessions } from './revoked-sessions.ts';

const LIFE_SECONDS = 900;
const requested: Date[] = [];
let revoked: string[] = [];
let isAway = false;
const identity = {
  async listRevokedSessions({ since }: { readonly since: Date | undefined }) {
    if (isAway) throw new Error('away');
    if (since !== undefined) requested.push(since);
    return { sessionIds: revoked };
  },
};
const start = () =>
  pollRevokedSessions({ identity, clock: Date.now, accessTokenLifeSeconds: LIFE_SECONDS, outage: collectingOutage() });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  requested.length = 0;
  revoked = [];
  isAway = false;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('revoked sessions', () => {
  it('revoked sessions are loaded at the start for the lifetime of an access token', async () => {
    revoked = ['1'];
    const sessions = await start();
    expect(sessions.has('1')).toBe(true);
    expect(Date.now() - (requested[0]?.getTime() ?? 0)).toBeGreaterThanOrEqual(LIFE_SECONDS * 1000);
    sessions.stop();
  });

  it('revocations of other nodes are known after the next poll, and of this node at once', async () => {
    const sessions = await start();
    sessions.add('own');
    expect(sessions.has('own')).toBe(true);
    revoked = ['other'];
    await vi.advanceTimersByTimeAsync(5_000);
    expect([sessions.has('other'), sessions.has('own'), sessions.has('third')]).toEqual([true, true, false]);
    sessions.stop();
  });

  it('known revocations stay in force while the poll fails, and the next poll reads everything that was missed', async () => {
    revoked = ['1'];
    const sessions = await start();
    isAway = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sessions.has('1')).toBe(true);
    isAway = false;
    requested.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(Date.now() - (requested[0]?.getTime() ?? Date.now())).toBeGreaterThanOrEqual(60_000);
    sessions.stop();
  });

  it('a revocation is forgotten when every access token of its session has expired', async () => {
    const sessions = await start();
    sessions.add('old');
    await vi.advanceTimersByTimeAsync((LIFE_SECONDS + 40) * 1000);
    expect(sessions.has('old')).toBe(false);
    sessions.stop();
  });
});
