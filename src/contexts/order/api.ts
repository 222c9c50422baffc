/** All that other code may import of the order context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/order/v1/order.ts';
export type * from '../../gen/types/stampede/order/v1/order.ts';
export {
  ORDER_STATUSES,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  PRODUCT_STATUSES,
  REFUND_STATUSES,
  TIME_SALE_STATUSES,
} from './domain/enumerations.ts';
export {
  LIMIT_PER_USER_MAX,
  LINES_MAX,
  MONEY_MAX,
  POPULAR_DAYS_MAX,
  POPULAR_MAX,
  PRICE_MAX,
  PRODUCT_DESCRIPTION_MAX,
  PRODUCT_NAME_MAX,
  QUANTITY_MAX,
  REASON_MAX,
  SUPPLIED_MAX,
} from './domain/limits.ts';
export { placementOf } from './domain/placement.ts';
export type { OrderEvents } from './events.ts';
export { ORDER_REFUSALS, type OrderRefusalCode } from './refusals.ts';
