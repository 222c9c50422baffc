import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestRedis, type TestRedis } from '../../../../test/support/open-redis.ts';
import { hasRedis } from '../../../../test/support/redis.ts';
import { type RedisServer, startRedis } from '../../../../tools/redis/start.ts';
import { type FactKeys, openSharedFacts, type RecordedFact, type SharedFacts } from './shared-facts.ts';

/** Long enough for a busy machine. */
const TRUST_MS = 60_000;
/** By the database's clock, which need not be that of Redis. */
const NOW_MS = 1_000_000;
const HOLDERS = [
  [1n, '901 1'],
  [2n, '902 2'],
] as const;

describe.skipIf(!(await hasRedis()))('facts that nodes share in Redis', () => {
  let server: RedisServer;
  let redis: TestRedis;
  let facts: SharedFacts;
  beforeAll(async () => {
    server = await startRedis();
    redis = await openTestRedis(server.url);
    facts = await openSharedFacts(redis, redis.metrics, TRUST_MS);
  });
  afterAll(async () => {
    redis?.close();
    await server?.stop();
  });

  let count = 0;
  const newKeys = (): Required<FactKeys> => {
    count += 1;
    return { fact: `stock:{${count}}`, members: `issued:{${count}}` };
  };
  const timeOfRedis = async (keys: FactKeys): Promise<number> =>
    (await facts.read(keys, [], NOW_MS))?.at ?? expect.unreachable();
  const recordIn = async (
    keys: FactKeys,
    changed: Partial<RecordedFact> = {},
    members?: readonly (readonly [bigint, string])[],
  ) => {
    const at = await timeOfRedis(keys);
    const fact = { at, readAtMs: NOW_MS, epoch: 3, sequence: 10, untilMs: NOW_MS + 10 * TRUST_MS, ...changed };
    return await facts.record(keys, fact, members);
  };
  /** What the fact says about users 1 and 7; undefined: there is none. */
  const answers = async (keys: FactKeys, nowMs = NOW_MS) => (await facts.read(keys, [1n, 7n], nowMs))?.fact?.answers;

  it('a fact with all members refuses each of them by name, and others as sold out', async () => {
    const keys = newKeys();
    expect(await facts.read(keys, [1n], NOW_MS)).toEqual({ at: expect.any(Number), fact: undefined });
    expect(await recordIn(keys, {}, HOLDERS)).toBe('complete');
    const reading = await facts.read(keys, [1n, 7n, 2n], NOW_MS + 1);
    expect(reading?.fact).toMatchObject({ epoch: 3, sequence: 10, answers: ['901 1', -1, '902 2'] });
  });

  it('a fact without all members refuses no user', async () => {
    const keys = newKeys();
    expect(await recordIn(keys)).toBe('incomplete');
    expect(await answers(keys)).toEqual([1, 1]);
    await recordIn(keys, {}, HOLDERS);
    // A further member has come: those that are stored are not all.
    expect(await recordIn(keys, { sequence: 11 })).toBe('incomplete');
    expect(await answers(keys)).toEqual([1, 1]);
  });

  it('a fact without a key for members is recorded, read, and forgotten', async () => {
    const { fact } = newKeys();
    expect(await recordIn({ fact })).toBe('incomplete');
    expect((await facts.read({ fact }, [], NOW_MS))?.fact).toMatchObject({ epoch: 3, sequence: 10, answers: [] });
    await facts.forget({ fact });
    expect(await facts.read({ fact }, [], NOW_MS)).toMatchObject({ fact: undefined });
  });

  it('a member list of the same state is kept by later readings of that state', async () => {
    const keys = newKeys();
    await recordIn(keys, {}, HOLDERS);
    expect(await recordIn(keys, { readAtMs: NOW_MS + 500 })).toBe('complete');
    expect(await answers(keys, NOW_MS + TRUST_MS + 200)).toEqual(['901 1', -1]);
  });

  it.each([
    [{ epoch: 2, sequence: 99 }, 'an older epoch'],
    [{ epoch: 3, sequence: 9 }, 'an older sequence number'],
  ])('a fact of %j, which is %s, does not replace a newer one', async (older) => {
    const keys = newKeys();
    await recordIn(keys, {}, HOLDERS);
    expect(await recordIn(keys, older, [[7n, '907 7']])).toBeUndefined();
    expect((await facts.read(keys, [1n, 7n], NOW_MS))?.fact).toMatchObject({ epoch: 3, answers: ['901 1', -1] });
  });

  it('a fact of a newer epoch replaces one with a higher sequence number', async () => {
    const keys = newKeys();
    await recordIn(keys, {}, HOLDERS);
    expect(await recordIn(keys, { epoch: 4, sequence: 2 }, [[7n, '907 7']])).toBe('complete');
    expect(await answers(keys)).toEqual([-1, '907 7']);
  });

  it('a fact expires when its time is over, counted from the time of Redis that was taken before it was read', async () => {
    const keys = newKeys();
    const at = (await timeOfRedis(keys)) - TRUST_MS + 2_000;
    await recordIn(keys, { at }, HOLDERS);
    for (const key of [keys.fact, keys.members]) {
      expect(Number(await server.cli('pexpiretime', key))).toBe(at + TRUST_MS);
    }
    await expect.poll(() => server.cli('exists', keys.fact, keys.members), { timeout: 60_000 }).toBe('0');
    expect(await answers(keys)).toBeUndefined();
  });

  it('a fact that arrives when its time is over is not stored', async () => {
    const keys = newKeys();
    const at = await timeOfRedis(keys);
    expect(await recordIn(keys, { at: at - TRUST_MS }, HOLDERS)).toBeUndefined();
    // A clock that was set back makes a time of before lie in the future.
    expect(await recordIn(keys, { at: at + TRUST_MS }, HOLDERS)).toBeUndefined();
    expect(await server.cli('exists', keys.fact, keys.members)).toBe('0');
  });

  it('an earlier reading of the same state does not shorten the trust in a later one, nor extend it', async () => {
    const keys = newKeys();
    const at = await timeOfRedis(keys);
    await recordIn(keys, { at, readAtMs: NOW_MS });
    await recordIn(keys, { at: at - 500, readAtMs: NOW_MS + 400 });
    expect(await answers(keys, NOW_MS + TRUST_MS)).toBeUndefined();
    expect(await server.cli('hget', keys.fact, 'at')).toBe(String(at));
  });

  it('a fact refuses only while both clocks say that it is young, and not after its end', async () => {
    const keys = newKeys();
    await recordIn(keys, { untilMs: NOW_MS + 900 }, HOLDERS);
    expect(await answers(keys, NOW_MS + 899)).toEqual(['901 1', -1]);
    expect(await answers(keys, NOW_MS + 900)).toBeUndefined();
    await recordIn(keys, { readAtMs: NOW_MS + 1 }, HOLDERS);
    expect(await answers(keys, NOW_MS)).toBeUndefined();
    expect(await answers(keys, NOW_MS + TRUST_MS)).toEqual(['901 1', -1]);
    expect(await answers(keys, NOW_MS + 1 + TRUST_MS)).toBeUndefined();
  });

  it.each([-10 * TRUST_MS, -TRUST_MS, TRUST_MS])(
    'a fact that a snapshot brought back, or a clock that was set, is not trusted: read %i ms from now',
    async (ms) => {
      const keys = newKeys();
      await recordIn(keys, {}, HOLDERS);
      const at = await timeOfRedis(keys);
      await server.cli('hset', keys.fact, 'at', String(at + ms));
      await server.cli('persist', keys.fact);
      expect(await answers(keys)).toBeUndefined();
    },
  );

  it('a reading says until when its fact may refuse, by the clock of this process from before Redis was asked', async () => {
    const keys = newKeys();
    await recordIn(keys, {}, HOLDERS);
    let askedAtMs = Number.NaN;
    const slow: TestRedis = {
      ...redis,
      async run(...command) {
        askedAtMs = performance.now();
        const reply = await redis.run(...command);
        await sleep(20);
        return reply;
      },
    };
    const slowFacts = await openSharedFacts(slow, new Registry(), TRUST_MS);
    const beforeMs = performance.now();
    const reading = await slowFacts.read(keys, [], NOW_MS + TRUST_MS - 100);
    expect(reading?.fact?.trustedUntilMs).toBeGreaterThan(beforeMs);
    expect(reading?.fact?.trustedUntilMs).toBeLessThanOrEqual(askedAtMs + 100);
  });

  it('ten thousand members are stored at once', async () => {
    const keys = newKeys();
    const members = Array.from({ length: 10_000 }, (_, index) => [BigInt(index), `${index} 1`] as const);
    expect(await recordIn(keys, {}, members)).toBe('complete');
    expect((await facts.read(keys, [0n, 9_999n, 10_000n], NOW_MS))?.fact?.answers).toEqual(['0 1', '9999 1', -1]);
  });

  it('a fact that is forgotten refuses no more', async () => {
    const keys = newKeys();
    await recordIn(keys, {}, HOLDERS);
    await facts.forget(keys);
    expect(await answers(keys)).toBeUndefined();
  });
});
