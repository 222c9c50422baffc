/** All that other code may import of the notification context. */
export type * from '../../gen/types/stampede/notification/v1/notification.ts';
export { KIND_NAMES } from './domain/kinds.ts';
