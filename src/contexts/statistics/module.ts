import { Gauge } from 'prom-client';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import type { StoreChecks } from '../store/api.ts';
import { postgresStatisticsStore } from './adapters/postgres/statistics-store.ts';
import type { StatisticsService } from './api.ts';
import { getPolicyStatistics } from './application/get-policy-statistics.ts';
import { getStoreStatistics } from './application/get-store-statistics.ts';
import { listDaily } from './application/list-daily.ts';
import { COUNT_BATCH_MAX, onCouponEvents } from './application/on-coupon-events.ts';
import type { CouponFacts } from './application/ports.ts';
import { CONSUMER } from './application/ports.ts';
import { recount } from './application/recount.ts';
import { COUPON_TOPICS } from './domain/coupon-fact.ts';

export const statisticsContext = {
  name: 'statistics',
  schema: 'statistics',
  contract: async () =>
    (await import('../../gen/wire/stampede/statistics/v1/statistics.ts')).StatisticsServiceDefinition,
  refusals: {},
  publishes: {},
  consumes: () => COUPON_TOPICS,
  // The app compares the statistics with the coupons.
  audits: [],
  create: (kit, apis) => createStatistics(kit, apis),
} as const satisfies Context<ContextDeps, StatisticsParts, ContextModule<StatisticsService>>;

/** The contexts that this one calls. */
export interface StatisticsParts {
  readonly coupon: CouponFacts;
  readonly store: StoreChecks;
}

/** Counts what happens to coupons. Subscribes to their events, so it is created before the bus starts. */
export function createStatistics(
  deps: ContextDeps,
  { coupon, store: stores }: StatisticsParts,
): ContextModule<StatisticsService> {
  const { database, bus, clock, metrics } = deps;
  const store = postgresStatisticsStore(database.pool, database.recentReads);
  const lag = new Gauge({
    name: 'stampede_statistics_lag_seconds',
    help: 'How old the youngest fact was when the last batch of events about coupons was counted',
    aggregator: 'max',
    registers: [metrics],
  });
  bus.subscribe(
    CONSUMER,
    COUPON_TOPICS,
    onCouponEvents(store, (atMs) => lag.set((clock() - atMs) / 1_000)),
    COUNT_BATCH_MAX,
  );
  const reads = { coupon, stores, store };
  return {
    api: {
      listDaily: listDaily(reads),
      getPolicyStatistics: getPolicyStatistics(reads),
      getStoreStatistics: getStoreStatistics(reads),
    },
    // An hour is recounted once nothing can be added to it: when the next one ends.
    jobs: [{ name: 'statistics.recount', everyMinutes: 60, run: recount({ coupon, store, now: database.readTime }) }],
    stop: () => Promise.resolve(),
  };
}
