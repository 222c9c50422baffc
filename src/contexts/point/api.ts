/** All that other code may import of the point context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/point/v1/point.ts';
export type * from '../../gen/types/stampede/point/v1/point.ts';
export { CHARGE_STATUSES } from './domain/charges/charge.ts';
export { isFinal as isFinalPointRefusal } from './domain/final-refusals.ts';
export { AMOUNT_MAX, ORDER_ID_MAX, REASON_MAX } from './domain/limits.ts';
export { TRANSACTION_TYPES } from './domain/postings/transaction.ts';
export type { PointEvents } from './events.ts';
export { POINT_REFUSALS, type PointRefusalCode } from './refusals.ts';
