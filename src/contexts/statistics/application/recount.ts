import type { TimeSource } from '../../../platform/kernel/clock.ts';
import { HOUR_MS } from '../../../platform/kernel/durations.ts';
import { EPOCH_MS } from '../../../platform/kernel/ids.ts';
import type { HourActivity } from '../../coupon/api.ts';
import type { Hour } from '../domain/hours.ts';
import type { CouponFacts, StatisticsStore } from './ports.ts';

/**
 * A fact is committed within this time of its moment: transactions end after 5 s, and the rest is for nodes whose clocks
 * differ. So an hour that ended that long ago is complete, and no fact is added to it any more.
 */
const SETTLE_MS = 5 * 60_000;
/** Hours are recounted again for this long, in case a fact was committed later than the limit. */
const LOOK_BACK_MS = 48 * HOUR_MS;
/** Recounted at once: some thousand rows. Where nothing happened, twice as much the next time, up to a month. */
const SLICE_MS = 24 * HOUR_MS;
const SLICE_MAX_MS = 32 * SLICE_MS;

export interface RecountDeps {
  readonly coupon: Pick<CouponFacts, 'countActivity'>;
  readonly store: StatisticsStore;
  readonly now: TimeSource;
}

/**
 * Recounts every hour that is over and closes it: from then on it is what the coupons say, and an event about it that is
 * still on its way changes nothing. So it is exact whatever is in flight, lost or delivered twice (ADR 13). The first run
 * begins with the first coupon there can be; a run that was missed is made up for by the next. Answers how many hours were
 * different.
 */
export const recount =
  ({ coupon, store, now }: RecountDeps) =>
  async (signal: AbortSignal): Promise<number> => {
    // An hour that begins before it ends by then.
    const endMs = (await now()) - SETTLE_MS - HOUR_MS;
    const doneMs = (await store.recountedUntilMs()) ?? EPOCH_MS;
    let different = 0;
    let sliceMs = SLICE_MS;
    for (let fromMs = Math.min(doneMs, endMs - LOOK_BACK_MS); fromMs < endMs && !signal.aborted; ) {
      const untilMs = Math.min(fromMs + sliceMs, endMs);
      const window = { from: new Date(fromMs), to: new Date(untilMs + HOUR_MS) };
      const { activity } = await coupon.countActivity({ policyIds: [], ...window });
      const whole = activity.map(toHour).filter((hour) => hour.startsAtMs >= fromMs && hour.startsAtMs < untilMs);
      different += await store.replace(fromMs, untilMs, whole);
      await store.setRecountedUntilMs(untilMs);
      fromMs = untilMs;
      sliceMs = activity.length === 0 ? Math.min(2 * sliceMs, SLICE_MAX_MS) : SLICE_MS;
    }
    return different;
  };

export function toHour(activity: HourActivity): Hour {
  const { policyId, storeId, day, hour, startsAt, ...counts } = activity;
  if (!startsAt) throw new Error(`an hour of policy ${policyId} without its beginning`);
  return { policyId, storeId, day, hour, startsAtMs: startsAt.getTime(), counts };
}
