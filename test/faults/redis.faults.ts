import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { spreadOf } from '../../bench/support/statistics.ts';
import {
  type RedisGroup,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '../../tools/redis/start.ts';
import { hasRedis } from '../support/redis.ts';
import { redisFaults } from './redis-faults.ts';
import { openRedisStand, openSecuredRedisStand } from './redis-stand.ts';
import { factsFound, startTrickle } from './redis-trickle.ts';
import { type RushOptions, rush } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';
import { expectExact } from './verdict.ts';

const FAULT_MS = 5_000;
const ROUNDS = 3;
const SIZE = { users: 10_000, coupons: 1_000, clients: 256 };
/** The first requests of a process are slow. */
const WARM_UP = { users: 2_000, coupons: 200, clients: 256 };

describe.skipIf(!(await hasRedis()))('servers that share a Redis', () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** Rushes with the fault, each between two without it, which it is compared with. */
  async function expectExactThrough<On extends Stand>(stand: On, fault: (stand: On) => Promise<void>): Promise<void> {
    const trickle = await startTrickle(stand);
    const rate = async (what: string, options: RushOptions): Promise<number> => {
      const done = await rush(stand, options);
      await expectExact(stand, done, options);
      const perSecond = options.users / done.seconds;
      const again = JSON.stringify(Object.fromEntries(done.again));
      say(`${what} ${Math.round(perSecond)} requests/s, again ${again}`);
      return perSecond;
    };
    const none = async (): Promise<void> => {};
    await rate('warm-up', { ...WARM_UP, fault: none });
    const ratios: number[] = [];
    let before = await rate('without', { ...SIZE, fault: none });
    for (let round = 0; round < ROUNDS; round++) {
      const amid = await rate('amid', { ...SIZE, fault: () => fault(stand) });
      const after = await rate('without', { ...SIZE, fault: none });
      ratios.push((2 * amid) / (before + after));
      before = after;
    }
    const { median, min, max } = spreadOf(ratios);
    say(`amid the fault ${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}) of the rate without it`);
    expect(await factsFound(stand)).toBeGreaterThan(0);
    await trickle.end();
  }

  const say = (line: string): void => void process.stdout.write(`${expect.getState().currentTestName}: ${line}\n`);

  it.each(Object.entries(redisFaults(FAULT_MS)))(
    'rushes of 10,000 for 1,000 coupons are exact through a %s',
    async (_, fault) => {
      const stand = await openRedisStand({ redis: await startRedis() });
      undo.push(stand.stop);
      await expectExactThrough(stand, fault);
    },
  );

  it('rushes of 10,000 for 1,000 coupons are exact over TLS while the password of Redis is replaced', async () => {
    const stand = await openSecuredRedisStand();
    undo.push(stand.stop);
    await expectExactThrough(stand, async ({ redis }) => {
      await redis.cli('acl', 'setuser', 'stampede', '>next');
      await redis.cli('acl', 'setuser', 'stampede', '<password-of-the-tests');
      await redis.cli('client', 'kill', 'user', 'stampede');
      await sleep(FAULT_MS);
      await redis.cli('acl', 'setuser', 'stampede', '>password-of-the-tests');
    });
  });

  async function standOn(group: RedisGroup): Promise<Stand> {
    undo.push(group.stop);
    const env = { REDIS_URL: group.url, REDIS_GATE: 'on' };
    const stand = await openStand([env, env]);
    undo.push(stand.stop);
    return stand;
  }

  it('rushes of 10,000 for 1,000 coupons are exact through a failover to a replica by a sentinel', async () => {
    const group = await startRedisSentinel();
    const servers = group.servers.slice(0, 2);
    const roleOf = ({ cli }: RedisServer): Promise<string> => cli('role').then((text) => text.split('\n')[0] ?? '');
    await expectExactThrough(await standOn(group), async () => {
      const roles = await Promise.all(servers.map(roleOf));
      const [master, replica] = roles[0] === 'master' ? servers : servers.toReversed();
      await master?.kill();
      await sleep(FAULT_MS);
      if (replica) expect(await roleOf(replica)).toBe('master');
      await master?.start();
      await expect.poll(() => master && roleOf(master), { timeout: 60_000 }).toBe('slave');
    });
  });

  it('rushes of 10,000 for 1,000 coupons are exact through the death of one of three masters of a cluster', async () => {
    const group = await startRedisCluster();
    await expectExactThrough(await standOn(group), async () => {
      await group.servers[0]?.kill();
      await sleep(FAULT_MS);
      await group.servers[0]?.start();
    });
  });
});
