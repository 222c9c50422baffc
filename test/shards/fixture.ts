import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { Registry } from 'prom-client';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import { firstNodeOf } from '../../src/app/node-ranges.ts';
import { couponRoutes } from '../../src/app/shards/coupon-routes.ts';
import { remoteCodeClaims } from '../../src/app/shards/directory.ts';
import { pointRoutes } from '../../src/app/shards/point-routes.ts';
import { policyPlaces } from '../../src/app/shards/policy-places.ts';
import { shardMap } from '../../src/app/shards/shard-map.ts';
import { shardAt, shardedApi } from '../../src/app/shards/sharded-api.ts';
import { whileKeyClaimed } from '../../src/app/shards/while-key-claimed.ts';
import type { Coupon, CouponService, Policy, PolicyTerms } from '../../src/contexts/coupon/api.ts';
import { type CouponModule, createCoupon } from '../../src/contexts/coupon/module.ts';
import { isFinalPointRefusal, type PointService } from '../../src/contexts/point/api.ts';
import { createPoint } from '../../src/contexts/point/module.ts';
import { createStore } from '../../src/contexts/store/module.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { eventCheck } from '../../src/platform/events/check.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { createRelay } from '../../src/platform/events/relay.ts';
import { type ClaimedKey, claimKeys, releaseKeys } from '../../src/platform/idempotency/key-claims.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { given } from '../checkout/fixture.ts';
import { testImages } from '../support/images.ts';
import { testDatabase } from '../support/postgres.ts';

export const ADMIN = { userId: 1n, role: 'ADMIN' };
const SHARDS = 2;

/** Coupons and points over two databases, as a gateway has them. */
export async function shardsFixture() {
  const eras = [{ sinceMs: 0, shards: SHARDS }];
  const maps = { coupon: shardMap(eras, firstNodeOf('coupon')), point: shardMap(eras, firstNodeOf('point')) };
  const log = pino({ level: 'silent' });
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;
  let lastUser = 100n;
  const homes = await Promise.all(Array.from({ length: SHARDS }, () => testDatabase()));
  const databases = homes.map(({ url }) =>
    openDatabase({ url, onError: () => {}, time: { presentAt: (databaseMs) => databaseMs + aheadMs } }),
  );
  const coupons: CouponModule[] = [];
  const points: ReturnType<typeof createPoint>[] = [];
  const stores: ReturnType<typeof createStore>[] = [];
  const buses: ReturnType<typeof inProcessBus>[] = [];
  const relays: ReturnType<typeof createRelay>[] = [];
  for (const [shard, database] of databases.entries()) {
    const metrics = new Registry();
    const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
    const deps = { database, bus, clock, metrics, log };
    const node = (name: keyof typeof maps) => snowflake(() => maps[name].nodesOf(shard).first, Date.now);
    if (shard === 0)
      stores.push(createStore({ ...deps, nextId: snowflake(() => 256, Date.now), images: testImages() }));
    const codeClaims = shard === 0 ? undefined : remoteCodeClaims(shardAt(coupons, 0).directory);
    const redemptionSecrets = ['the secret of the redemption codes of the test'];
    const options = { rateLimit: false, codeClaims, redemptionSecrets, couponShards: SHARDS };
    coupons.push(createCoupon({ ...deps, nextId: node('coupon') }, { store: shardAt(stores, 0).api }, options));
    points.push(createPoint({ ...deps, nextId: node('point') }));
    buses.push(bus);
    const deadLetters = postgresDeadLetters(database.pool);
    const url = shardAt(homes, shard).url;
    relays.push(createRelay({ url, bus, check: eventCheck(TOPICS), deadLetters, metrics, log }));
  }
  const couponApis: readonly CouponService[] = coupons.map(({ api }) => api);
  const pointApis: readonly PointService[] = points.map(({ api }) => api);
  const { directory } = shardAt(coupons, 0);
  const places = policyPlaces(directory, maps.coupon, clock);
  const routes = couponRoutes({ map: maps.coupon, places, directory, clock, shards: couponApis });
  await Promise.all(buses.map((bus) => bus.start()));
  for (const relay of relays) relay.start();
  /** As the process of each shard claims them. */
  const processes = databases.map(({ pool }) => ({
    claimKeys: ({ keys }: { readonly keys: readonly ClaimedKey[] }) => claimKeys(pool, keys),
    releaseKeys: async ({ keys }: { readonly keys: readonly ClaimedKey[] }) => {
      await releaseKeys(pool, keys);
      return {};
    },
  }));
  const coupon = shardedApi(routes, couponApis, whileKeyClaimed(maps.coupon, processes));
  return {
    maps,
    coupon,
    databaseUrls: homes.map(({ url }) => url),
    /** Of another gateway, which has read no places yet. */
    otherGateway: (shards = couponApis, keys = processes) => {
      const own = policyPlaces(directory, maps.coupon, clock);
      return shardedApi(
        couponRoutes({ map: maps.coupon, places: own, directory, clock, shards }),
        shards,
        whileKeyClaimed(maps.coupon, keys),
      );
    },
    processes,
    point: shardedApi(pointRoutes(maps.point), pointApis, whileKeyClaimed(maps.point, processes), isFinalPointRefusal),
    directory,
    /** The APIs of the shards themselves. */
    couponShards: couponApis,
    pointShards: pointApis,
    pool: (shard: number) => shardAt(databases, shard).pool,
    /** Runs a scheduled task of coupon in this shard. */
    async runCouponJob(shard: number, name: string): Promise<void> {
      const job = shardAt(coupons, shard).jobs.find((each) => each.name === name);
      if (job === undefined) throw new Error(`coupon has no task ${name}`);
      await job.run(new AbortController().signal);
    },
    newUser: () => ++lastUser,
    later(ms: number) {
      aheadMs += ms;
    },
    shardOf: (id: bigint) => maps.coupon.shardOfId(id),
    sql: async <Row>(shard: number, text: string, values: readonly unknown[] = []): Promise<Row[]> =>
      (await shardAt(databases, shard).pool.query(text, [...values])).rows as Row[],

    /** An open policy of 10 coupons of 1,000 off, in this shard. */
    async policyIn(shard: number, changes: Partial<PolicyTerms> = {}): Promise<Policy> {
      const api = shardAt(couponApis, shard);
      return given((await api.createPolicy({ principal: ADMIN, terms: { ...TERMS(clock()), ...changes } })).outcome);
    },
    async couponIn(shard: number, userId: bigint, changes: Partial<PolicyTerms> = {}): Promise<Coupon> {
      const { id: policyId } = await this.policyIn(shard, changes);
      return given((await coupon.issueCoupon({ policyId, userId })).outcome);
    },
    newKey: () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32) }),
    terms: () => TERMS(clock()),

    /** What the audits of each shard find. */
    async violations(): Promise<string[]> {
      const reports = await Promise.all(homes.map(({ url }) => runAudits(url, {})));
      return reports
        .flatMap(({ audits }) => audits)
        .filter(({ context }) => context === 'coupon' || context === 'point')
        .flatMap(({ violations }) => violations);
    },
    async close() {
      await Promise.all([...coupons, ...points, ...stores].map((module) => module.stop()));
      await Promise.all(relays.map((relay) => relay.stop()));
      await Promise.all(buses.map((bus) => bus.stop()));
      await Promise.all(databases.map((database) => database.close()));
      await Promise.all(homes.map((home) => home.drop()));
    },
  };
}
export type ShardsFixture = Awaited<ReturnType<typeof shardsFixture>>;

const TERMS = (nowMs: number): PolicyTerms => ({
  name: 'Opening',
  description: '',
  discountType: 'FIXED_AMOUNT',
  discountValue: 1_000n,
  minimumOrderAmount: 0n,
  distributionType: 'FIRST_COME',
  maxIssueCount: 10,
  maxIssuePerUser: 1,
  validDays: 30,
  validFrom: new Date(nowMs - 1_000),
  validUntil: new Date(nowMs + 24 * HOUR_MS),
  expireAt: undefined,
  timezone: 'Asia/Seoul',
  restoreOnRefund: true,
});
