import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { Registry } from 'prom-client';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import { migrationFolders } from '../../src/app/migrations.ts';
import type { CouponService } from '../../src/contexts/coupon/api.ts';
import { createCoupon } from '../../src/contexts/coupon/module.ts';
import { createStatistics } from '../../src/contexts/statistics/module.ts';
import { createStore } from '../../src/contexts/store/module.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { eventCheck } from '../../src/platform/events/check.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { createRelay } from '../../src/platform/events/relay.ts';
import { openFiles } from '../../src/platform/files/open-files.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { asAdmin, openPostgres } from '../support/postgres.ts';

// What do statistics cost a rush, and how far are they behind it? Coupons are issued straight through the batcher, 512 at once,
// in one process with the relay and the consumer; rounds with and without the consumer alternate.
const { values } = parseArgs({
  options: { coupons: { type: 'string', default: '60000' }, rounds: { type: 'string', default: '3' } },
});
const COUPONS = Number(values.coupons);
const IN_FLIGHT = 512;

const dataDir = openTemporaryDir('stampede-bench-');
const postgres = await openPostgres(dataDir);
try {
  await rush('warm_up', true);
  const ratios: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    // The second measurement would find the disk busy with the writes of the first.
    const swapped = round % 2 === 0;
    const first = await rush(`${round}_first`, swapped);
    const second = await rush(`${round}_second`, !swapped);
    const [without, counted] = swapped ? [second, first] : [first, second];
    ratios.push(counted.perSecond / without.perSecond);
    console.log(
      `round ${round}: ${format(without.perSecond)} issues/s without statistics, ${format(counted.perSecond)} with; ` +
        `behind during the rush at most ${counted.behindMs} ms, after it ${counted.afterMs} ms`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  console.log(`with / without statistics: ${median.toFixed(2)} (median)`);
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

interface Figures {
  readonly perSecond: number;
  /** The largest age of the youngest fact counted, while coupons were issued. */
  readonly behindMs: number;
  /** From the last response until every coupon was counted. */
  readonly afterMs: number;
}

async function rush(name: string, withStatistics: boolean): Promise<Figures> {
  await asAdmin(postgres.url, (client) => client.query(`create database bench_${name}`));
  const url = postgres.url.replace(/\/[^/?]*(\?|$)/, `/bench_${name}$1`);
  await migrate(url, migrationFolders());
  const log = pino({ level: 'silent' });
  const metrics = new Registry();
  const database = openDatabase({ url, onError: () => {} });
  const deadLetters = postgresDeadLetters(database.pool);
  const bus = inProcessBus({ deadLetters, metrics, log });
  const relay = createRelay({ url, bus, check: eventCheck(TOPICS), deadLetters, metrics, log });
  const deps = { database, bus, clock: Date.now, metrics, log, nextId: snowflake(() => 1, Date.now) };
  const store = createStore({ ...deps, images: openFiles({ kind: 'DIRECTORY', directory: tmpdir() }, deps).images });
  const coupon = createCoupon(deps, { store: store.api }, { rateLimit: false, onEvents: () => relay.notify() });
  if (withStatistics) createStatistics(deps, { coupon: coupon.api, store: store.api });
  await bus.start();
  relay.start();

  const policyId = await openPolicy(coupon.api);
  const startedAt = performance.now();
  const watching = new AbortController();
  const behind = withStatistics ? watch(metrics, watching.signal) : Promise.resolve(0);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < COUPONS) {
      const { outcome } = await coupon.api.issueCoupon({ policyId, userId: BigInt(++next) });
      if (outcome?.$case !== 'coupon') throw new Error(JSON.stringify(outcome));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const answeredAt = performance.now();
  watching.abort();
  const counted = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ issued: bigint }>(
      'select coalesce(sum(issued), 0)::bigint as issued from statistics.hourly',
    );
    return Number(rows[0]?.issued ?? 0);
  };
  while (withStatistics && (await counted()) < COUPONS) await sleep(5);
  const afterMs = Math.round(performance.now() - answeredAt);
  const behindMs = await behind;

  await coupon.stop();
  await relay.stop();
  await bus.stop();
  await database.close();
  return { perSecond: (COUPONS / (answeredAt - startedAt)) * 1_000, behindMs, afterMs };
}

async function watch(metrics: Registry, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    const lag = await metrics.getSingleMetric('stampede_statistics_lag_seconds')?.get();
    most = Math.max(most, lag?.values[0]?.value ?? 0);
    await sleep(20, undefined, { signal }).catch(() => {});
  }
  return Math.round(most * 1_000);
}

async function openPolicy(coupon: CouponService): Promise<bigint> {
  const now = Date.now();
  const { outcome } = await coupon.createPolicy({
    principal: { userId: 1n, role: 'ADMIN' },
    terms: {
      name: 'Rush',
      description: '',
      discountType: 'FIXED_AMOUNT',
      discountValue: 1_000n,
      minimumOrderAmount: 0n,
      distributionType: 'FIRST_COME',
      maxIssueCount: undefined,
      maxIssuePerUser: 1,
      validDays: 7,
      validFrom: new Date(now - 1_000),
      validUntil: new Date(now + 3_600_000),
      expireAt: undefined,
      timezone: 'Asia/Seoul',
      restoreOnRefund: false,
    },
  });
  if (outcome?.$case !== 'policy') throw new Error(JSON.stringify(outcome));
  return outcome.value.id;
}

function format(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en-US');
}
