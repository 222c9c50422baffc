import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { counted, openTestRedis, type TestRedis } from '../../../../test/support/open-redis.ts';
import { hasRedis } from '../../../../test/support/redis.ts';
import { type RedisServer, startRedis } from '../../../../tools/redis/start.ts';
import { TRUST_MS } from '../../../platform/kernel/cached-fact.ts';
import { openSharedFacts } from '../../../platform/redis/facts/shared-facts.ts';
import { redisIssueGate } from '../adapters/redis/issue-gate.ts';
import { couponIssuer } from '../application/issue/issue-coupon.ts';
import type { IssueGate } from '../application/issue/ports.ts';
import { createRefusalCache } from '../application/issue/refusal-cache.ts';
import { changeQuantity } from '../domain/policy/policy.ts';
import { memoryCouponStore } from './memory/coupon-store.ts';
import { policy, terms } from './policies.ts';

const DAY_MS = 86_400_000;
const COUNT = 4;
/** A node that is idle for longer has no fresh facts of its own. */
const IDLE_MS = TRUST_MS + 50;

describe.skipIf(!(await hasRedis()))('nodes that share facts about sold-out policies in Redis', () => {
  let server: RedisServer;
  const clients: TestRedis[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });

  let policyId = 0n;
  /** `trustMs`: of facts in Redis. */
  async function soldOutPolicy(trustMs = 60_000) {
    policyId += 1n;
    const store = memoryCouponStore(Date.now);
    const validFrom = new Date(Date.now() - DAY_MS);
    const validUntil = new Date(Date.now() + DAY_MS);
    await store.insert(policy(policyId, { terms: terms({ maxIssueCount: COUNT, validFrom, validUntil }) }));
    const nextId = countingIds();
    let commandsOfStore = 0;

    /** A node with a connection to Redis of its own. `change`: what happens to it between its steps. */
    async function node(change: (gate: IssueGate) => IssueGate = (gate) => gate) {
      const redis = await openTestRedis(server.url);
      clients.push(redis);
      const refusalCache = createRefusalCache();
      const { issueCoupon, stop } = couponIssuer({
        storeFor: () => ({
          ...store,
          issueBatch(commands, decide) {
            commandsOfStore += commands.length;
            return store.issueBatch(commands, decide);
          },
        }),
        refusalCache,
        gate: change(redisIssueGate(await openSharedFacts(redis, redis.metrics, trustMs))),
        resultLookup: { find: async () => undefined },
        clock: Date.now,
        monotonic: () => performance.now(),
        nextId,
        classify: () => 'poison',
        batchMax: 16,
        limited: false,
        onError: (error) => {
          throw error;
        },
      });
      const id = policyId;
      return {
        stop,
        found: () => counted(redis.metrics, 'stampede_redis_facts_total', 'result', 'found'),
        async request(...users: readonly bigint[]): Promise<readonly string[]> {
          const responses = await Promise.all(users.map((userId) => issueCoupon({ policyId: id, userId })));
          return responses.map(({ outcome }) => {
            if (outcome?.$case === 'coupon') return `issued ${outcome.value.id}`;
            const { code, details } = outcome?.value ?? expect.unreachable();
            return `${code} ${details['couponId'] ?? ''}`.trim();
          });
        },
      };
    }
    const first = await node();
    const issued = await first.request(1n, 2n, 3n, 4n);
    expect(issued).toEqual(Array(COUNT).fill(expect.stringMatching(/^issued /)));
    // The refusal loads the holders; the refresh half a second later shares them.
    expect(await first.request(5n)).toEqual(['COUPON_SOLD_OUT']);
    await first.stop();
    await sleep(TRUST_MS / 2 + 50);
    await first.request(5n);
    const holds = issued.map((text) => text.replace('issued', 'COUPON_ALREADY_ISSUED'));
    return { store, node, first, holds, commandsOfStore: () => commandsOfStore, id: policyId };
  }

  const isShared = async (id: bigint) =>
    await expect.poll(() => server.cli('hget', `coupon:issued:{${id}}`, 'complete')).toMatch(/^\d+ 4$/);

  it('a node that never asked PostgreSQL about a policy refuses by what another one read, and holders by their coupon', async () => {
    const { node, holds, commandsOfStore, id } = await soldOutPolicy();
    const other = await node();
    await isShared(id);
    const before = commandsOfStore();
    expect(await other.request(77n)).toEqual(['COUPON_SOLD_OUT']);
    expect(await other.request(3n)).toEqual([holds[2]]);
    expect(commandsOfStore()).toBe(before);
  });

  it('of several requests of a node without facts one goes on to PostgreSQL', async () => {
    const { node, holds, commandsOfStore, id } = await soldOutPolicy();
    const other = await node();
    await isShared(id);
    const before = commandsOfStore();
    expect(await other.request(77n, 78n, 2n)).toEqual(['COUPON_SOLD_OUT', 'COUPON_SOLD_OUT', holds[1]]);
    expect(commandsOfStore()).toBe(before + 1);
  });

  it('a node uses its own holders when Redis has the state of the policy only', async () => {
    const { node, first, holds, commandsOfStore, id } = await soldOutPolicy();
    const other = await node();
    await other.request(77n);
    await other.request(77n, 78n);
    await other.stop();
    await sleep(IDLE_MS);
    await first.request(5n);
    await server.cli('del', `coupon:issued:{${id}}`);
    const before = commandsOfStore();
    expect(await other.request(79n)).toEqual(['COUPON_SOLD_OUT']);
    expect(await other.request(4n)).toEqual([holds[3]]);
    expect(commandsOfStore()).toBe(before);
  });

  it('nodes refuse by no fact older than a second after stock was added, also when writes and readings are late', async () => {
    const { store, node, first, holds, id } = await soldOutPolicy(TRUST_MS);
    const late = await node((gate) => ({
      ...gate,
      // Frozen after PostgreSQL was read: the write arrives when the fact may be over.
      async record(fact) {
        await sleep(Math.random() * 2 * TRUST_MS);
        return await gate.record(fact);
      },
    }));
    const frozen = await node((gate) => ({
      ...gate,
      // Frozen after Redis was read. Not while it refreshes its own facts, which it trusts meanwhile (ADR 3).
      async read(...args) {
        const reading = await gate.read(...args);
        await sleep(args[1].length === 0 || Math.random() < 0.5 ? 0 : 1.5 * TRUST_MS);
        return reading;
      },
    }));
    const nodes = [first, late, frozen];
    const wrong: string[] = [];
    let nextUser = 1_000n;
    let issued = COUNT;
    let addedAtMs = Number.NaN;
    let isOpen = false;

    async function request(from: (typeof nodes)[number], users: readonly bigint[]): Promise<void> {
      const startedMs = performance.now();
      // What was added before has been there for more than a second.
      const isLongOpen = isOpen && startedMs - addedAtMs > TRUST_MS;
      const responses = await from.request(...users);
      responses.forEach((response, index) => {
        const user = users[index] ?? 0n;
        if (response.startsWith('issued')) issued += 1;
        const held = holds[Number(user) - 1];
        if (isLongOpen && response === 'COUPON_SOLD_OUT') wrong.push(`${user}: sold out`);
        if (held !== undefined && response !== held) wrong.push(`${user}: ${response}`);
      });
    }
    const traffic = async (ms: number): Promise<void> => {
      const untilMs = performance.now() + ms;
      const requests: Promise<void>[] = [];
      for (let turn = 0; performance.now() < untilMs; turn++) {
        const holder = BigInt(1 + (turn % COUNT));
        const others = turn % 2 === 0 ? [nextUser++] : [nextUser++, nextUser++];
        // Each is idle for longer than it trusts its own facts, and asks Redis.
        requests.push(request(nodes[turn % nodes.length] ?? first, [...others, holder]));
        await sleep(IDLE_MS / nodes.length);
      }
      await Promise.all(requests);
    };
    const setCount = (count: number) =>
      store.change(id, { kind: 'QUANTITY', by: '1', reason: '' }, (it) => changeQuantity(it, count));

    for (let round = 0; round < 2; round++) {
      await traffic(1.5 * TRUST_MS);
      await setCount(issued + 1_000);
      addedAtMs = performance.now();
      isOpen = true;
      await traffic(2.2 * TRUST_MS);
      isOpen = false;
      await setCount(issued);
    }
    await Promise.all(nodes.map(({ stop }) => stop()));
    expect(wrong).toEqual([]);
    const found = await Promise.all(nodes.map((each) => each.found()));
    expect(Math.max(...found)).toBeGreaterThan(0);
    expect((await store.find(id))?.currentIssueCount).toBe(issued);
  });
});
