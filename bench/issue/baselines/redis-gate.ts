import { createClient } from '@redis/client';
import { type CouponRow, issuedFrom, openPool } from './rows.ts';
import { type Baseline, env, serve } from './serve.ts';

/**
 * (i): the count lives in Redis. A script decides, then the coupon is inserted. It publishes a number that PostgreSQL does
 * not hold: when either dies in between, count and coupons differ, which no other baseline allows.
 * KEYS[1] stock counter, KEYS[2] set of users, ARGV[1] the user, ARGV[2] the maximum;
 * returns the sequence number, -1 sold out, -2 already issued.
 */
const GATE = `
  if redis.call('sismember', KEYS[2], ARGV[1]) == 1 then return -2 end
  if tonumber(redis.call('get', KEYS[1]) or '0') >= tonumber(ARGV[2]) then return -1 end
  redis.call('sadd', KEYS[2], ARGV[1])
  return redis.call('incr', KEYS[1])`;
const INSERT = `
  insert into bench.coupons (policy_id, user_id, sequence_no, expires_at)
  values ($1, $2, $3, now() + interval '30 days') returning id::text, sequence_no, issued_at, expires_at`;

const pool = await openPool();
const redis = createClient({ url: env('REDIS_URL') });
await redis.connect();
const gateSha = await redis.scriptLoad(GATE);
const maximum = env('MAX_ISSUE_COUNT');

const redisGate: Baseline = {
  async issue(policyId, userId) {
    const keys = [`coupon:stock:${policyId}`, `coupon:issued:${policyId}`];
    const sequenceNo = Number(await redis.evalSha(gateSha, { keys, arguments: [userId, maximum] }));
    if (sequenceNo === -1) return { kind: 'sold-out' };
    if (sequenceNo === -2) return { kind: 'already-issued' };
    const response = await pool.query<CouponRow>({
      name: 'insert',
      text: INSERT,
      values: [policyId, userId, sequenceNo],
    });
    const [row] = response.rows;
    if (row === undefined) throw new Error('nothing inserted');
    return issuedFrom(row);
  },
  async stop() {
    redis.destroy();
    await pool.end();
  },
};
await serve(redisGate);
