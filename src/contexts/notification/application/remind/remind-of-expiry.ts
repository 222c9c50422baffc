import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import { shopTimeZone } from '../../../../platform/kernel/shop.ts';
import { zoneOffset } from '../../../../platform/kernel/time-zone.ts';
import type { CouponService, DueCoupon } from '../../../coupon/api.ts';
import type { NewNotice } from '../../domain/notice.ts';
import { EXPIRY_DAYS } from '../../domain/settings.ts';
import type { InboxSignal, ReminderStore } from '../ports.ts';

/** One call, and one transaction. */
const PAGE = 1_000;

export interface RemindDeps {
  readonly coupon: Pick<CouponService, 'listDueCoupons' | 'listUnusedCoupons'>;
  readonly store: ReminderStore;
  readonly signal: Pick<InboxSignal, 'notify'>;
  readonly now: TimeSource;
  readonly onWritten?: (reminders: number) => void;
}

/**
 * Reminds users of unused coupons that expire in 7, 3 and 1 days, as they chose. The notices are those of the day on which the task runs, so a run that is
 * repeated on that day reminds nobody twice. Returns the number of reminders.
 */
export const remindOfExpiry =
  ({ coupon, store, signal, now, onWritten = () => {} }: RemindDeps) =>
  async (signalled: AbortSignal): Promise<number> => {
    const nowMs = await now();
    let reminded = 0;
    for (const days of EXPIRY_DAYS) {
      const { today, from, to } = dayAhead(nowMs, days);
      let after: { readonly expiresAt: Date | undefined; readonly couponId: bigint } | undefined;
      for (let hasMore = true; hasMore && !signalled.aborted; ) {
        const page = await coupon.listDueCoupons({ from, to, after, limit: PAGE });
        reminded += await remind(page.coupons, days, today);
        after = page.coupons.at(-1);
        hasMore = page.hasMore;
      }
    }
    return reminded;

    async function remind(due: readonly DueCoupon[], days: number, day: string): Promise<number> {
      const unwanted = await store.withoutReminder([...new Set(due.map(({ userId }) => userId))], days);
      const wanted = due.filter(({ userId }) => !unwanted.has(userId));
      const notices = wanted.map((each) => noticeOf(each, days, day));
      // A coupon that was used after the page was read, and whose event was handled before the notice was written, would be announced. One that is used
      // from now on has an event that waits for the transaction, and finds the notice.
      const written = await store.write(notices, async (fresh) => {
        const { couponIds } = await coupon.listUnusedCoupons({
          couponIds: fresh.map(({ subject }) => BigInt(subject)),
        });
        const unused = new Set(couponIds);
        return fresh.filter(({ subject }) => !unused.has(BigInt(subject)));
      });
      onWritten(written.length);
      signal.notify(written.map(({ userId }) => userId));
      return written.length;
    }
  };

const noticeOf = (
  { couponId, userId, policyId, name, expiresAt }: DueCoupon,
  days: number,
  day: string,
): NewNotice => ({
  userId,
  kind: 'COUPON_EXPIRING',
  subject: String(couponId),
  day,
  data: {
    couponId: String(couponId),
    policyId: String(policyId),
    couponName: name,
    expiresAt: expiresAt?.toISOString() ?? '',
    days: String(days),
  },
});

/** The calendar day `days` days from now, and which day it is now. */
function dayAhead(nowMs: number, days: number): { readonly today: string; readonly from: Date; readonly to: Date } {
  const offsetMs = zoneOffset(shopTimeZone(), nowMs);
  const todayMs = Math.floor((nowMs + offsetMs) / DAY_MS) * DAY_MS;
  const fromMs = todayMs + days * DAY_MS - offsetMs;
  return {
    today: new Date(todayMs).toISOString().slice(0, 10),
    from: new Date(fromMs),
    to: new Date(fromMs + DAY_MS),
  };
}
