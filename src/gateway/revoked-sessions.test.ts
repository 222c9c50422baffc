import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pollRevokedSessions } from './revoked-sessions.ts';

const LIFE_SECONDS = 900;
const asked: Date[] = [];
let revoked: string[] = [];
let isAway = false;
const identity = {
  async listRevokedSessions({ since }: { readonly since: Date | undefined }) {
    if (isAway) throw new Error('away');
    if (since !== undefined) asked.push(since);
    return { sessionIds: revoked };
  },
};
const start = () =>
  pollRevokedSessions({ identity, clock: Date.now, accessTokenLifeSeconds: LIFE_SECONDS, onError: () => undefined });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  asked.length = 0;
  revoked = [];
  isAway = false;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('revoked sessions', () => {
  it('are known from the start as far back as a token lives', async () => {
    revoked = ['1'];
    const sessions = await start();
    expect(sessions.has('1')).toBe(true);
    expect(Date.now() - (asked[0]?.getTime() ?? 0)).toBeGreaterThanOrEqual(LIFE_SECONDS * 1000);
    sessions.stop();
  });

  it('of other nodes are known after the next poll, own ones at once', async () => {
    const sessions = await start();
    sessions.add('own');
    expect(sessions.has('own')).toBe(true);
    revoked = ['other'];
    await vi.advanceTimersByTimeAsync(5_000);
    expect([sessions.has('other'), sessions.has('own'), sessions.has('third')]).toEqual([true, true, false]);
    sessions.stop();
  });

  it('stay in force while the poll fails, and afterwards it asks for all that was missed', async () => {
    revoked = ['1'];
    const sessions = await start();
    isAway = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sessions.has('1')).toBe(true);
    isAway = false;
    asked.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(Date.now() - (asked[0]?.getTime() ?? Date.now())).toBeGreaterThanOrEqual(60_000);
    sessions.stop();
  });

  it('are forgotten when no token of theirs can be alive', async () => {
    const sessions = await start();
    sessions.add('old');
    await vi.advanceTimersByTimeAsync((LIFE_SECONDS + 40) * 1000);
    expect(sessions.has('old')).toBe(false);
    sessions.stop();
  });
});
