/** All that other code may import of the store context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/store/v1/store.ts';
export type * from '../../gen/types/stampede/store/v1/store.ts';
export {
  type Clerk,
  clerkOf,
  findOpenStore,
  findStore,
  type Manager,
  managerOf,
  managesStore,
  type StoreChecks,
  servesStore,
} from './access.ts';
export {
  ADDRESS_MAX,
  CATEGORY_MAX,
  DESCRIPTION_MAX,
  IMAGE_SIDES,
  IMAGES_MAX,
  NAME_MAX,
  OPENING_HOURS_MAX,
  STORES_MAX,
  URL_MAX,
} from './domain/limits.ts';
export { STORE_STATUSES, WEEKDAYS } from './domain/store.ts';
export type { StoreEvents } from './events.ts';
export { STORE_REFUSALS } from './refusals.ts';
