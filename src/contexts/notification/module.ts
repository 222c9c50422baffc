import { Counter, Gauge } from 'prom-client';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import { notificationAudits } from './adapters/postgres/audits/audits.ts';
import { inboxChanges } from './adapters/postgres/inbox-changes.ts';
import { inboxNewsReader } from './adapters/postgres/inbox-news-reader.ts';
import { inboxReader } from './adapters/postgres/inbox-reader.ts';
import { postgresInboxSignal } from './adapters/postgres/inbox-signal.ts';
import { postgresIntakeStore } from './adapters/postgres/intake-store.ts';
import { oldNotices } from './adapters/postgres/old-notices.ts';
import { reminderStore } from './adapters/postgres/reminder-store.ts';
import { settingsStore } from './adapters/postgres/settings-store.ts';
import { NOTIFICATION_REFUSALS, type NotificationService } from './api.ts';
import { deleteNotice, markAllRead, markRead } from './application/change-inbox.ts';
import { deleteOldNotices } from './application/delete-old.ts';
import { listNotices } from './application/list-notices.ts';
import { INTAKE_BATCH_MAX, onNoticeEvents } from './application/on-notice-events.ts';
import { CONSUMER, type InboxFeed } from './application/ports.ts';
import { readAfter } from './application/read-after.ts';
import { type RemindDeps, remindOfExpiry } from './application/remind/remind-of-expiry.ts';
import { getSettings, updateSettings } from './application/settings.ts';
import { type NoticeWriter, noticeWriter, type WriterDeps } from './application/write/writer.ts';
import { NOTICE_TOPICS } from './domain/notice-fact.ts';

export interface NotificationModule extends ContextModule<NotificationService> {
  /** Of inboxes, for streams of this process and for gateways in others. */
  readonly changes: InboxFeed;
}

/** The stream of `changes` to a gateway. */
export const inboxChangeContract = async () =>
  (await import('../../gen/wire/stampede/notification/v1/inbox_changes.ts')).InboxChangeServiceDefinition;

export const notificationContext = {
  name: 'notification',
  schema: 'notification',
  contract: async () =>
    (await import('../../gen/wire/stampede/notification/v1/notification.ts')).NotificationServiceDefinition,
  refusals: NOTIFICATION_REFUSALS,
  publishes: {},
  consumes: () => NOTICE_TOPICS,
  audits: notificationAudits,
  create: (kit, apis) => createNotification(kit, apis),
} as const satisfies Context<ContextDeps, NotificationParts, NotificationModule>;

/** The contexts that this one calls. */
export interface NotificationParts {
  readonly coupon: RemindDeps['coupon'];
}

/** Inboxes of users. Subscribes to events, so it is created before the bus starts. */
export function createNotification(deps: ContextDeps, { coupon }: NotificationParts): NotificationModule {
  const { database, bus, metrics, log, nextId } = deps;
  const intake = postgresIntakeStore(deps);
  const reader = inboxReader(database.pool);
  const signal = postgresInboxSignal({
    pool: database.pool,
    url: database.url,
    onError: (err) => log.warn({ err }, 'changes of inboxes are signalled late'),
  });
  const changes = { inboxes: inboxChanges(database.pool), signal };
  const settings = settingsStore(database.pool);
  const writer = measuredWriter({ intake, signal, log }, metrics);
  bus.subscribe(
    CONSUMER,
    NOTICE_TOPICS,
    onNoticeEvents(intake, () => writer.notify()),
    INTAKE_BATCH_MAX,
  );
  writer.start();
  return {
    api: {
      listNotices: listNotices(reader),
      readAfter: readAfter(inboxNewsReader(database.pool)),
      markRead: markRead(changes),
      markAllRead: markAllRead(changes),
      deleteNotice: deleteNotice(changes),
      getSettings: getSettings(settings),
      updateSettings: updateSettings(settings),
    },
    changes: signal,
    jobs: [
      {
        // At 9 in the morning in Seoul.
        name: 'notification.remind-of-expiry',
        everyMinutes: 1_440,
        run: remindOfExpiry({ coupon, store: reminderStore(database, nextId), signal, now: database.readTime }),
      },
      {
        name: 'notification.delete-old',
        everyMinutes: 1_440,
        run: deleteOldNotices(oldNotices(database.pool), database.readTime),
      },
    ],
    async stop() {
      await writer.stop();
      await signal.stop();
    },
  };
}

function measuredWriter(
  deps: Pick<WriterDeps, 'intake' | 'signal' | 'log'>,
  metrics: ContextDeps['metrics'],
): NoticeWriter {
  const written = new Counter({
    name: 'stampede_notices_total',
    help: 'Notices that this process has written for events',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const lag = new Gauge({
    name: 'stampede_notices_lag_seconds',
    help: 'How long the oldest fact had waited that this process wrote last; 0 when none waits',
    aggregator: 'max',
    registers: [metrics],
  });
  return noticeWriter({
    ...deps,
    onWritten: (kind, count) => written.inc({ kind }, count),
    onLag: (seconds) => lag.set(seconds),
  });
}
