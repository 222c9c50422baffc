import { zoneOffset } from '../../../platform/kernel/time-zone.ts';

/** Times of a day in the user's time zone, HH:MM. From the first until before the second, over midnight where the first is later. */
export interface QuietHours {
  readonly from: string;
  readonly until: string;
}

/**
 * Korea, Network Act, article 50 (3): no marketing at night without a consent of its own. The decree excepts e-mail; here it waits, too, because nobody wants
 * it then.
 */
export const MARKETING_QUIET: QuietHours = { from: '21:00', until: '08:00' };

const DAY_MS = 86_400_000;
/** What waited for the morning leaves within this time, not all of it in one second. */
const SPREAD_MS = 3_600_000;

/** Returns when a message may leave: now, or at the end of the quiet hours and a while later, by the user. */
export function leaveAtMs(nowMs: number, timezone: string, quiet: QuietHours | null, userId: bigint): number {
  if (quiet === null) return nowMs;
  const [from, until] = [minuteMs(quiet.from), minuteMs(quiet.until)];
  const localMs = nowMs + zoneOffset(timezone, nowMs);
  const timeMs = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
  const isQuiet = from <= until ? timeMs >= from && timeMs < until : timeMs >= from || timeMs < until;
  if (!isQuiet) return nowMs;
  const endMs = localMs - timeMs + until + (timeMs < until ? 0 : DAY_MS);
  // The offset of the end may be another one.
  const utcMs = endMs - zoneOffset(timezone, endMs - zoneOffset(timezone, nowMs));
  return utcMs + Number(userId % BigInt(SPREAD_MS));
}

function minuteMs(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
