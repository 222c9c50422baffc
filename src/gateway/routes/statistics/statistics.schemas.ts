import { z } from 'zod';
import type { Counts, DayCounts, PolicyStatistics, StoreStatistics } from '../../../contexts/statistics/api.ts';
import { Day, IdText, idOrNull, PageFields, PathId } from '../../server/schemas.ts';

export const DailyQuery = z.strictObject({
  from: Day,
  to: Day,
  policyId: PathId.optional(),
  storeId: PathId.optional(),
  ...PageFields,
});

const CountFields = {
  issued: z.int(),
  reserved: z.int(),
  used: z.int().meta({ description: 'Uses, including those of coupons that were restored later' }),
  released: z.int().meta({ description: 'Reservations that ended without use' }),
  cancelled: z.int(),
  expired: z.int(),
  restored: z.int(),
  discountGiven: z.int().meta({ description: 'Discount of all uses, less that of restored coupons' }),
};
const HourView = z.strictObject({ hour: z.int().min(0).max(23), ...CountFields }).meta({ id: 'HourlyCounts' });
const DayFields = { day: z.string().meta({ description: "YYYY-MM-DD in the policy's time zone" }), ...CountFields };

const DailyCountsView = z.strictObject(DayFields).meta({ id: 'DailyCounts' });

export const DayView = z
  .strictObject({
    couponPolicyId: IdText,
    storeId: IdText.nullable(),
    ...DayFields,
    byHour: z.array(HourView),
  })
  .meta({ id: 'DailyStatistics' });
export type DayJson = z.output<typeof DayView>;

export const PolicyStatisticsView = z
  .strictObject({
    couponPolicyId: IdText,
    issued: z.int(),
    reserved: z.int().meta({ description: 'Currently reserved' }),
    used: z.int().meta({ description: 'Used and not restored' }),
    expired: z.int(),
    cancelled: z.int(),
    remaining: z.int().nullable().meta({ description: 'null = unlimited' }),
    usageRate: z
      .number()
      .meta({ description: 'Used coupons per issued ones, in percent with two decimals, rounded down' }),
    discountGiven: z.int(),
    byDay: z.array(DailyCountsView).meta({ description: 'The latest 366 days with activity' }),
    byHour: z.array(HourView).meta({ description: 'Over all days' }),
  })
  .meta({ id: 'CouponPolicyStatistics' });
export type PolicyStatisticsJson = z.output<typeof PolicyStatisticsView>;

export const StoreStatisticsView = z
  .strictObject({
    storeId: IdText,
    ...CountFields,
    usageRate: z.number().meta({
      description: 'Uses that were not restored, per issued coupon, in percent with two decimals, rounded down',
    }),
    byDay: z.array(DailyCountsView).meta({ description: 'The latest 366 days with activity' }),
  })
  .meta({ id: 'StoreStatistics' });
export type StoreStatisticsJson = z.output<typeof StoreStatisticsView>;

const COUNTS_EXAMPLE = {
  issued: 120,
  reserved: 45,
  used: 40,
  released: 3,
  cancelled: 1,
  expired: 0,
  restored: 2,
  discountGiven: 114000,
};
export const DAY_EXAMPLE: DayJson = {
  couponPolicyId: '7330011234567890',
  storeId: null,
  day: '2035-01-31',
  ...COUNTS_EXAMPLE,
  byHour: [{ hour: 10, ...COUNTS_EXAMPLE }],
};
export const POLICY_STATISTICS_EXAMPLE: PolicyStatisticsJson = {
  couponPolicyId: '7330011234567890',
  issued: 120,
  reserved: 2,
  used: 38,
  expired: 0,
  cancelled: 1,
  remaining: 9880,
  usageRate: 31.66,
  discountGiven: 114000,
  byDay: [{ day: '2035-01-31', ...COUNTS_EXAMPLE }],
  byHour: [{ hour: 10, ...COUNTS_EXAMPLE }],
};

export const STORE_STATISTICS_EXAMPLE: StoreStatisticsJson = {
  storeId: '7330011234567000',
  ...COUNTS_EXAMPLE,
  usageRate: 31.66,
  byDay: [{ day: '2035-01-31', ...COUNTS_EXAMPLE }],
};

/** Counts and sums of money, far below 2^53. */
function countsJson(counts: Counts | undefined) {
  if (counts === undefined) throw new Error('the statistics context returned no counts');
  const { discountAmount, ...rest } = counts;
  return {
    issued: Number(rest.issued),
    reserved: Number(rest.reserved),
    used: Number(rest.used),
    released: Number(rest.released),
    cancelled: Number(rest.cancelled),
    expired: Number(rest.expired),
    restored: Number(rest.restored),
    discountGiven: Number(discountAmount),
  };
}

export const dayJson = ({ policyId, storeId, day, counts, hours }: DayCounts): DayJson => ({
  couponPolicyId: String(policyId),
  storeId: idOrNull(storeId),
  day,
  ...countsJson(counts),
  byHour: hours.map((each) => ({ hour: each.hour, ...countsJson(each.counts) })),
});

export function policyStatisticsJson(found: PolicyStatistics): PolicyStatisticsJson {
  const { issued, used, restored, expired, cancelled, discountGiven } = countsJson(found.counts);
  return {
    couponPolicyId: String(found.policyId),
    issued,
    reserved: Number(found.reservedNow),
    used: used - restored,
    expired,
    cancelled,
    remaining: found.remaining ?? null,
    usageRate: found.usageRateBp / 100,
    discountGiven,
    byDay: found.days.map(({ day, counts }) => ({ day, ...countsJson(counts) })),
    byHour: found.hours.map(({ hour, counts }) => ({ hour, ...countsJson(counts) })),
  };
}

export const storeStatisticsJson = ({ storeId, counts, usageRateBp, days }: StoreStatistics): StoreStatisticsJson => ({
  storeId: String(storeId),
  ...countsJson(counts),
  usageRate: usageRateBp / 100,
  byDay: days.map((each) => ({ day: each.day, ...countsJson(each.counts) })),
});
