/** Everything that other code may import from the coupon context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/coupon/v1/coupon.ts';
export type * from '../../gen/types/stampede/coupon/v1/coupon.ts';
export type * from '../../gen/types/stampede/coupon/v1/directory.ts';
export type * from '../../gen/types/stampede/coupon/v1/facts.ts';
export {
  CODE_CHARSET,
  CODE_PATTERN,
  CODE_PATTERN_MAX,
  CODE_PREFIX,
  CODE_PREFIX_MAX,
} from './domain/codes/code-plan.ts';
export {
  COUPON_FILTERS,
  COUPON_STATUSES,
  DISCOUNT_TYPES,
  DISTRIBUTION_TYPES,
  JOB_KINDS,
  JOB_STATUSES,
  POLICY_STATUSES,
  RESERVATION_ORIGINS,
  RESERVATION_STATUSES,
} from './domain/enumerations.ts';
export {
  CART_LINES_MAX,
  COUNT_MAX,
  ORDER_ID_MAX,
  PER_USER_MAX,
  QUOTED_CODES_MAX,
  QUOTED_IDS_MAX,
  REASON_MAX,
  RESERVATION_ID_MAX,
  VALID_DAYS_MAX,
} from './domain/limits.ts';
export type { CouponEvents } from './events.ts';
export { COUPON_REFUSALS, type CouponRefusalCode } from './refusals.ts';
