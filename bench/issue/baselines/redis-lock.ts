import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { inTransaction, issueUnderLock, openPool } from './rows.ts';
import { type Baseline, env, serve } from './serve.ts';

/** (h): the usual distributed lock (SET NX PX, random token, retry with jitter, compare-and-delete), then a transaction. */
const LOCK_MS = 5_000;
const WAIT_MAX_MS = 3_000;
/** The best of 10, 25, 60 and 120 ms at 512 connections: shorter intervals keep Redis and this process busy with polling. */
const RETRY_MS = 60;
/** KEYS[1] the lock, ARGV[1] the owner's token; 1 when it was still ours. */
const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

const pool = await openPool();
const redis = createClient({ url: env('REDIS_URL') });
await redis.connect();
const unlockSha = await redis.scriptLoad(UNLOCK);

async function lock(key: string, token: string): Promise<boolean> {
  const until = Date.now() + WAIT_MAX_MS;
  while (Date.now() < until) {
    const taken = await redis.set(key, token, { condition: 'NX', expiration: { type: 'PX', value: LOCK_MS } });
    if (taken === 'OK') return true;
    await delay(RETRY_MS * (0.5 + Math.random()));
  }
  return false;
}

const redisLock: Baseline = {
  async issue(policyId, userId) {
    const key = `lock:policy:${policyId}`;
    const token = randomUUID();
    if (!(await lock(key, token))) return { kind: 'busy' };
    try {
      return await inTransaction(pool, (client) => issueUnderLock(client, policyId, userId, ''));
    } finally {
      await redis.evalSha(unlockSha, { keys: [key], arguments: [token] });
    }
  },
  async stop() {
    redis.destroy();
    await pool.end();
  },
};
await serve(redisLock);
