import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { expect } from 'vitest';
import type { RedisServer } from '../../tools/redis/start.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import type { RetryingClient } from './retrying-client.ts';
import { createPolicy, token } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';

/** Two servers that share a Redis through a proxy. */
export interface RedisStand extends Stand {
  readonly redis: RedisServer;
  readonly proxy: PostgresProxy;
}

export async function openRedisStand(redis: RedisServer): Promise<RedisStand> {
  const proxy = await postgresProxy(redis.url);
  const env = { REDIS_URL: proxy.url, REDIS_GATE: 'on' };
  const stand = await openStand([env, env]).catch(async (error: unknown) => {
    await proxy.close();
    await redis.stop();
    throw error;
  });
  return {
    ...stand,
    redis,
    proxy,
    async stop() {
      await stand.stop();
      await proxy.close();
      await redis.stop();
    },
  };
}

export const FROZEN = 'SIGSTOP of Redis';

/** What may happen to Redis, each with its end. `ms`: how long it lasts. */
export const redisFaults = (ms: number): Readonly<Record<string, (stand: RedisStand) => Promise<void>>> => ({
  async 'kill -9 of Redis'({ redis }) {
    await redis.kill();
    await sleep(ms);
    await redis.restart();
  },
  async [FROZEN]({ redis }) {
    redis.signal('SIGSTOP');
    await sleep(ms);
    redis.signal('SIGCONT');
  },
  async 'FLUSHALL, and no scripts'({ redis }) {
    await redis.cli('flushall');
    await redis.cli('script', 'flush');
  },
  async 'network that swallows all packets to Redis'({ proxy }) {
    proxy.silence('unreachable');
    await sleep(ms);
    proxy.restore();
  },
  async 'restart of Redis with old data that never expires'({ redis }) {
    for (const key of (await redis.cli('keys', '*')).split('\n')) await redis.cli('persist', key);
    await redis.cli('save');
    await sleep(ms);
    await redis.kill();
    await redis.restart();
  },
});

const SOLD = 3;
/** Two servers take turns, and each is idle for longer than it trusts its own facts. */
export const TURN_MS = 550;

/** Requests for a policy that is sold out, a few in each second: those that facts in Redis refuse. */
export interface Trickle {
  /** Stops, and expects that every user got what they have: their coupon, or sold out. */
  end(): Promise<void>;
  readonly policyId: string;
}

export async function startTrickle(stand: Stand): Promise<Trickle> {
  const policyId = await createPolicy(stand, SOLD);
  const held: string[] = [];
  for (let user = 1; user <= SOLD; user++) {
    const { status, couponId = '' } = await issue(stand, 0, policyId, user);
    expect(status).toBe(201);
    held.push(couponId);
  }
  let isEnding = false;
  const wrong: string[] = [];
  const running = (async () => {
    for (let turn = 0; !isEnding; turn++) {
      const [user, holder] = [100 + turn, turn % SOLD];
      const [other, own] = await Promise.all([
        issue(stand, turn % 2, policyId, user),
        issue(stand, turn % 2, policyId, holder + 1),
      ]);
      if (other.code !== 'COUPON_SOLD_OUT') wrong.push(`${user}: ${other.status} ${other.code}`);
      if (own.couponId !== held[holder]) wrong.push(`${holder + 1}: ${own.status} ${own.code}`);
      await sleep(TURN_MS);
    }
  })();
  return {
    policyId,
    async end() {
      isEnding = true;
      await running;
      expect(wrong).toEqual([]);
    },
  };
}

interface Issued {
  readonly status: number;
  readonly code?: string;
  readonly couponId?: string;
}

export async function issue(stand: Stand, node: number, policyId: string, user: number): Promise<Issued> {
  const { statusCode, body } = await request(
    `${stand.nodes[node === 0 ? 0 : 1].url()}/api/v1/coupons/policies/${policyId}/issue`,
    { method: 'POST', headers: { authorization: `Bearer ${token(String(user))}` } },
  );
  return { ...((await body.json()) as object), status: statusCode };
}

export async function setQuantity(stand: Stand, policyId: string, newMaxIssueCount: number): Promise<void> {
  const { statusCode, body } = await request(
    `${stand.nodes[0].url()}/api/v1/coupon-policies/${policyId}/remaining-quantity`,
    {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${token('1', 'ADMIN')}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({ newMaxIssueCount, modifiedBy: 'jane', reason: 'more' }),
    },
  );
  expect([statusCode, await body.text()]).toEqual([200, expect.any(String)]);
}

/** How often facts in Redis were found by both servers. */
export async function factsFound(stand: Stand): Promise<number> {
  let found = 0;
  for (const node of stand.nodes) {
    const { body } = await request(`${node.url()}/metrics`);
    found += Number(/^stampede_redis_facts_total\{result="found"\} (\d+)$/m.exec(await body.text())?.[1] ?? 0);
  }
  return found;
}

/** A time sale of two units, for orders that are never paid. */
export async function startTimeSale(client: RetryingClient): Promise<{ readonly items: readonly object[] }> {
  const post = async (path: string, json: Readonly<Record<string, unknown>>) => {
    const { status, body } = await client.send({ user: '1', role: 'ADMIN', path, json, key: crypto.randomUUID() });
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  };
  const { productId } = await post('products', { name: 'Mug', description: 'blue', price: 7_000, stock: 10 });
  const { timeSaleId } = await post('time-sales', {
    productId,
    salePrice: 5_000,
    quantity: 2,
    limitPerUser: 1,
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  return { items: [{ productId, timeSaleId, quantity: 1 }] };
}
