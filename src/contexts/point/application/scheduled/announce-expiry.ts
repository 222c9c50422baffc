import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { shopTimeZone } from '../../../../platform/kernel/shop.ts';
import { zoneOffset } from '../../../../platform/kernel/time-zone.ts';
import type { ExpiryStore, LotPosition } from '../ports.ts';

const BATCH_LOTS = 1_000;
const DISTANCES = [30, 7] as const;
/** After an outage, a day is announced up to this many days late. */
const LATE_DAYS_MAX = 2;

/** Publishes the points that expire in 30 and in 7 days. Returns the number of notified users. */
export const announceExpiry =
  (store: Pick<ExpiryStore, 'announce'>, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    let notified = 0;
    for (const daysAhead of DISTANCES) {
      for (let late = LATE_DAYS_MAX; late >= 0; late--) {
        const day = dayAhead(await now(), daysAhead - late);
        let after: LotPosition | undefined;
        do {
          if (signal.aborted) return notified;
          const page = await store.announce({ daysAhead, ...day, after, limit: BATCH_LOTS });
          notified += page.notified;
          after = page.next;
        } while (after);
      }
    }
    return notified;
  };

/** Returns the calendar day `days` days from now, in the shop's time zone. */
function dayAhead(nowMs: number, days: number) {
  const offsetMs = zoneOffset(shopTimeZone(), nowMs);
  const localMs = Math.floor((nowMs + offsetMs) / DAY_MS + days) * DAY_MS;
  const fromMs = localMs - offsetMs;
  return { day: new Date(localMs).toISOString().slice(0, 10), fromMs, toMs: fromMs + DAY_MS };
}
