import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { zoneOffset } from '../../../../platform/kernel/time-zone.ts';

/**
 * When a coupon issued at `issuedAtMs` expires: at the policy's fixed date, or at the end of the validDays-th calendar
 * day after the day of issue, in the policy's time zone. The instant is exclusive.
 */
export function couponExpiry(
  terms: { readonly validDays: number | null; readonly expireAtMs: number | null; readonly timezone: string },
  issuedAtMs: number,
): number {
  if (terms.expireAtMs !== null) return terms.expireAtMs;
  if (terms.validDays === null) throw new Error('a policy has neither validDays nor expireAt');
  const offsetMs = zoneOffset(terms.timezone, issuedAtMs);
  const localMidnight = Math.floor((issuedAtMs + offsetMs) / DAY_MS) * DAY_MS + (terms.validDays + 1) * DAY_MS;
  // Near a daylight saving change two offsets may apply. The day begins at the first instant that is not before
  // midnight on the local clock. Some zones change at midnight and skip it on that day.
  const offsets = [
    zoneOffset(terms.timezone, localMidnight - DAY_MS),
    zoneOffset(terms.timezone, localMidnight + DAY_MS),
  ];
  const earlier = localMidnight - Math.max(...offsets);
  const isThere = earlier + zoneOffset(terms.timezone, earlier) >= localMidnight;
  return isThere ? earlier : localMidnight - Math.min(...offsets);
}
