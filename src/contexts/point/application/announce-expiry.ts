import type { TimeSource } from '../../../platform/kernel/clock.ts';
import { zoneOffset } from '../../../platform/kernel/time-zone.ts';
import type { ExpiryStore, LotPlace } from './ports.ts';

/** Points have no time zone of their own: their days are those of the shop's country. */
const TIMEZONE = 'Asia/Seoul';
const DAY_MS = 86_400_000;
const BATCH_LOTS = 1_000;
const DISTANCES = [30, 7] as const;
/** A day that an outage passed over is announced later, while that is still of use. */
const LATE_DAYS_MAX = 2;

/** Publishes what expires in 30 and in 7 days. Answers how many users heard. */
export const announceExpiry =
  (store: Pick<ExpiryStore, 'announce'>, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    let heard = 0;
    for (const daysAhead of DISTANCES) {
      for (let late = LATE_DAYS_MAX; late >= 0; late--) {
        const day = dayAhead(await now(), daysAhead - late);
        let after: LotPlace | undefined;
        do {
          if (signal.aborted) return heard;
          const told = await store.announce({ daysAhead, ...day, after, limit: BATCH_LOTS });
          heard += told.heard;
          after = told.next;
        } while (after);
      }
    }
    return heard;
  };

/** A calendar day, so many days from now. */
function dayAhead(nowMs: number, days: number) {
  const offsetMs = zoneOffset(TIMEZONE, nowMs);
  const localMs = Math.floor((nowMs + offsetMs) / DAY_MS + days) * DAY_MS;
  const fromMs = localMs - offsetMs;
  return { day: new Date(localMs).toISOString().slice(0, 10), fromMs, toMs: fromMs + DAY_MS };
}
