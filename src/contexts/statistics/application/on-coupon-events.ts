import type { Handler } from '../../../platform/events/bus.ts';
import { couponFact } from '../domain/coupon-fact.ts';
import { tally } from '../domain/tally.ts';
import type { StatisticsStore } from './ports.ts';

/**
 * A transaction takes four turns of the event loop whatever its size, and in a rush there are some hundred turns a second:
 * with 256 events it fell behind at 10,000 coupons a second (bench/lag).
 */
export const COUNT_BATCH_MAX = 2_048;

/** Counts a batch in two statements, whatever its size. Calls `sawFact` with the latest time in it. */
export const onCouponEvents =
  (store: StatisticsStore, sawFact: (atMs: number) => void): Handler =>
  async (batch) => {
    let latestMs = 0;
    await store.countOnce(batch, (fresh) => {
      const facts = fresh.map(({ topic, event }) => couponFact(topic, event.data));
      for (const { atMs } of facts) latestMs = Math.max(latestMs, atMs);
      return tally(facts);
    });
    if (latestMs > 0) sawFact(latestMs);
  };
