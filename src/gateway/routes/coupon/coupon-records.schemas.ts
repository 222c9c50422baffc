import { z } from 'zod';
import { type Coupon, type CouponRecord, RESERVATION_ORIGINS, type Reservation } from '../../../contexts/coupon/api.ts';
import { oneOf } from '../../server/one-of.ts';
import {
  ChangedByText,
  IdText,
  InstantText,
  idOrNull,
  PageFields,
  PathUserId,
  requiredInstant,
} from '../../server/schemas.ts';
import { csvLine } from '../../uploads/csv.ts';
import {
  COUPON_EXAMPLE,
  couponJson,
  RESERVATION_EXAMPLE,
  ReservationView,
  reservationJson,
} from './coupon-use.schemas.ts';
import { CouponStatus, USER_COUPON_EXAMPLE, UserCouponView, userCouponJson } from './user-coupon.schemas.ts';

const StepView = z
  .strictObject({
    kind: z.enum(['ISSUED', 'RESERVED', 'EXTENDED', 'RELEASED', 'USED', 'CANCELLED', 'EXPIRED', 'RESTORED']),
    at: InstantText,
    reason: z
      .string()
      .nullable()
      .meta({ description: 'RELEASED, TIMEOUT, PAYMENT_FAILED, WITHDRAWN or REFUNDED, where there can be several' }),
    reservationId: z.string().nullable(),
    orderId: z.string().nullable(),
    discountAmount: z
      .int()
      .nullable()
      .meta({ description: 'RESERVED and USED: the discount. RESTORED: the one that no longer applies' }),
    ...ChangedByText,
    note: z.string().nullable().meta({ description: 'Of who did it by hand; null for the owner of the coupon' }),
  })
  .meta({ id: 'CouponStep' });
export const CouponRecordView = UserCouponView.extend({
  storeId: IdText.nullable().meta({ description: 'Of its policy; null = of the platform' }),
  discountAmount: z.int().nullable().meta({ description: 'What it took off, while it is USED' }),
  history: z.array(StepView).meta({ description: 'Its issue and the latest 200 steps, the oldest first' }),
  hasEarlierSteps: z.boolean().meta({ description: 'There were steps between the issue and the first one shown' }),
}).meta({ id: 'CouponRecord' });
type CouponRecordJson = z.input<typeof CouponRecordView>;
type StepJson = CouponRecordJson['history'][number];

const NOTHING_MORE = {
  reason: null,
  reservationId: null,
  orderId: null,
  discountAmount: null,
  changedBy: null,
  note: null,
};
export const COUPON_RECORD_EXAMPLE: CouponRecordJson = {
  ...USER_COUPON_EXAMPLE,
  status: 'CANCELLED',
  storeId: '7330011234567000',
  discountAmount: null,
  history: [
    { ...NOTHING_MORE, kind: 'ISSUED', at: '2035-01-01T01:00:00.123Z' },
    {
      ...NOTHING_MORE,
      kind: 'CANCELLED',
      at: '2035-01-02T01:00:00.123Z',
      reason: 'WITHDRAWN',
      changedBy: 'ADMIN 42',
      note: 'Issued by mistake',
    },
  ],
  hasEarlierSteps: false,
};

export function couponRecordJson({ coupon: shown, ...record }: CouponRecord): CouponRecordJson {
  if (shown === undefined) throw new Error('the coupon context returned a record without its coupon');
  const coupon = userCouponJson(shown);
  const issued = { ...NOTHING_MORE, kind: 'ISSUED' as const, at: coupon.issuedAt };
  const steps = record.steps.map(
    (step): StepJson => ({
      kind: oneOf(StepView.shape.kind.options, step.kind),
      at: requiredInstant(step.at),
      reason: step.reason ?? null,
      reservationId: step.reservationId ?? null,
      orderId: step.orderId ?? null,
      discountAmount: amountOrNull(step.discountAmount),
      changedBy: step.changedBy ?? null,
      note: step.note ?? null,
    }),
  );
  return {
    ...coupon,
    storeId: idOrNull(record.storeId),
    discountAmount: amountOrNull(record.discountAmount),
    history: [issued, ...steps],
    hasEarlierSteps: record.hasEarlierSteps,
  };
}

const amountOrNull = (amount: bigint | undefined): number | null => (amount === undefined ? null : Number(amount));

export const PolicyCouponsQuery = z.strictObject({
  ...PageFields,
  status: CouponStatus.optional(),
  userId: PathUserId.optional(),
});

const COLUMNS = Object.keys(COUPON_EXAMPLE);

export const couponsCsvHeader = (): string => csvLine([...COLUMNS, 'externalId']);
export const couponCsvLine = (coupon: Coupon, externalId = ''): string => {
  const shown: Readonly<Record<string, unknown>> = couponJson(coupon);
  return csvLine([...COLUMNS.map((name) => String(shown[name] ?? '')), externalId]);
};

export const FoundReservationView = ReservationView.extend({
  origin: z
    .enum(RESERVATION_ORIGINS)
    .meta({ description: 'Who reserved: the checkout, a machine or administrator, or the customer' }),
}).meta({ id: 'ReservationRecord' });
export const FOUND_RESERVATION_EXAMPLE: z.input<typeof FoundReservationView> = {
  ...RESERVATION_EXAMPLE,
  origin: 'CUSTOMER',
};
export const foundReservationJson = (reservation: Reservation): z.input<typeof FoundReservationView> => ({
  ...reservationJson(reservation),
  origin: oneOf(RESERVATION_ORIGINS, reservation.origin),
});
