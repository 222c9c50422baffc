import { Counter } from 'prom-client';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import { inboxReader } from './adapters/postgres/inbox-reader.ts';
import { postgresIntakeStore } from './adapters/postgres/intake-store.ts';
import type { NotificationService } from './api.ts';
import { createInboxSignal } from './application/inbox-signal.ts';
import { listNotices } from './application/list-notices.ts';
import { INTAKE_BATCH_MAX, onNoticeEvents } from './application/on-notice-events.ts';
import { CONSUMER } from './application/ports.ts';
import { readAfter } from './application/read-after.ts';
import { noticeWriter } from './application/write/writer.ts';
import { NOTICE_TOPICS } from './domain/notice-fact.ts';

export const notificationContext = {
  name: 'notification',
  schema: 'notification',
  contract: async () =>
    (await import('../../gen/wire/stampede/notification/v1/notification.ts')).NotificationServiceDefinition,
  refusals: {},
  publishes: {},
  consumes: () => NOTICE_TOPICS,
  audits: [],
  create: (kit) => createNotification(kit),
} as const satisfies Context<ContextDeps, unknown, ContextModule<NotificationService>>;

/** Inboxes of users. Subscribes to events, so it is created before the bus starts. */
export function createNotification(deps: ContextDeps): ContextModule<NotificationService> {
  const { database, bus, metrics, log } = deps;
  const intake = postgresIntakeStore(deps);
  const inboxes = inboxReader(database.pool);
  const signal = createInboxSignal();
  const written = new Counter({
    name: 'stampede_notices_total',
    help: 'Notices that this process has written',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const writer = noticeWriter({
    intake,
    signal,
    onWritten: (kind, count) => written.inc({ kind }, count),
    log,
  });
  bus.subscribe(
    CONSUMER,
    NOTICE_TOPICS,
    onNoticeEvents(intake, () => writer.notify()),
    INTAKE_BATCH_MAX,
  );
  writer.start();
  return {
    api: { listNotices: listNotices(inboxes), readAfter: readAfter(inboxes) },
    jobs: [],
    stop: () => writer.stop(),
  };
}
