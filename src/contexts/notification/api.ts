/** All that other code may import of the notification context. */
/** Coders of the responses that are stored with an idempotency key (buf.gen.yaml). */
export * as stored from '../../gen/stored/stampede/notification/v1/notification.ts';
export type * from '../../gen/types/stampede/notification/v1/notification.ts';
export type { InboxFeed, InboxListener } from './application/ports.ts';
export { ANNOUNCEMENT_CLASSES, BODY_MAX, PATH_MAX, TITLE_MAX } from './domain/announcement.ts';
export { CHANNELS, KIND_NAMES } from './domain/kinds.ts';
export { AUDIENCES, JOB_STATUSES } from './domain/notice-job.ts';
export { EXPIRY_DAYS, QUIET_TIME } from './domain/settings.ts';
export { NOTIFICATION_REFUSALS } from './refusals.ts';
