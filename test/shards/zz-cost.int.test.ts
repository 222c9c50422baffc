import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { test } from 'vitest';
import pg from 'pg';
import { claimKeys } from '../../src/platform/idempotency/key-claims.ts';
import { testDatabase } from '../support/postgres.ts';
const ticks = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return Number(f[11]) + Number(f[12]); };
test('cost', async () => {
  const db = await testDatabase();
  const pool = new pg.Pool({ connectionString: db.url, max: 1 });
  const pid = (await pool.query('select pg_backend_pid() as pid')).rows[0].pid as number;
  for (const size of [1, 16, 256]) {
    const total = size === 1 ? 3000 : 25600;
    const before = [ticks(pid), process.cpuUsage(), performance.now()] as const;
    for (let n = 0; n < total; n += size) await claimKeys(pool, Array.from({ length: size }, () => ({ scope: 'user:123456 issueCoupon', key: randomUUID(), requestHash: new Uint8Array(32).fill(1) })));
    const own = process.cpuUsage(before[1]);
    console.log(`COST batch ${size}: postgres ${((ticks(pid) - before[0]) * 10_000 / total).toFixed(1)} us, client ${((own.user + own.system) / total).toFixed(1)} us a claim; wall ${((performance.now() - before[2]) * 1000 / total).toFixed(1)}`);
  }
  const size = (await pool.query("select pg_total_relation_size('platform.key_claims') / count(*) as b from platform.key_claims")).rows[0].b;
  console.log('COST bytes', size);
  await pool.end(); await db.drop();
}, 120_000);
