import { Counter, Gauge } from 'prom-client';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import type { Context, ContextDeps, ContextModule } from '../../platform/context.ts';
import { jobLog } from '../../platform/jobs/job-log.ts';
import { classifyFailure } from '../../platform/postgres/batch-transaction.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import { notificationAudits } from './adapters/postgres/audits/audits.ts';
import { inboxChanges } from './adapters/postgres/inbox-changes.ts';
import { inboxNewsReader } from './adapters/postgres/inbox-news-reader.ts';
import { inboxReader } from './adapters/postgres/inbox-reader.ts';
import { postgresInboxSignal } from './adapters/postgres/inbox-signal.ts';
import { postgresIntakeStore } from './adapters/postgres/intake-store.ts';
import { postgresJobStore } from './adapters/postgres/jobs/job-store.ts';
import { postgresTestNotices } from './adapters/postgres/jobs/test-notices.ts';
import { oldNotices } from './adapters/postgres/old-notices.ts';
import { reminderStore } from './adapters/postgres/reminder-store.ts';
import { settingsStore } from './adapters/postgres/settings-store.ts';
import { NOTIFICATION_REFUSALS, type NotificationService } from './api.ts';
import { deleteNotice, markAllRead, markRead } from './application/change-inbox.ts';
import { deleteOldNotices } from './application/delete-old.ts';
import { jobService } from './application/jobs/job-service.ts';
import { pace } from './application/jobs/pace.ts';
import type { Coupons, Stores } from './application/jobs/ports.ts';
import { JOB_TOPICS, JOBS_CONSUMER, onOpenings } from './application/jobs/store-jobs.ts';
import { listNotices } from './application/list-notices.ts';
import {
  ADMINISTRATOR_TOPICS,
  ADMINISTRATORS_CONSUMER,
  onAdministratorEvents,
} from './application/on-administrator-events.ts';
import { INTAKE_BATCH_MAX, onNoticeEvents } from './application/on-notice-events.ts';
import { CONSUMER, type InboxFeed, type IntakeAge } from './application/ports.ts';
import { readAfter } from './application/read-after.ts';
import { type RemindDeps, remindOfExpiry } from './application/remind/remind-of-expiry.ts';
import { getSettings, updateSettings } from './application/settings.ts';
import { measureLag } from './application/write/lag.ts';
import { noticeWriter } from './application/write/writer.ts';
import { createDelivery, type DeliverySettings, type IdentityCalls } from './delivery.ts';
import type { Kind } from './domain/kinds.ts';
import { NOTICE_TOPICS } from './domain/notice-fact.ts';
import { NOTIFICATION_EVENTS } from './events.ts';

export interface NotificationModule extends ContextModule<NotificationService> {
  /** Of inboxes, for streams of this process and for gateways in others. */
  readonly changes: InboxFeed;
}

/** The stream of `changes` to a gateway. */
export const inboxChangeContract = async () =>
  (await import('../../gen/wire/stampede/notification/v1/inbox_changes.ts')).InboxChangeServiceDefinition;

/** What a notice of a job takes on two idle cores, in ms (bench/fan-out). */
const NOTICE_MS = 0.05;

/** The topics of each consumer group. */
const SUBSCRIPTIONS = {
  [CONSUMER]: NOTICE_TOPICS,
  [ADMINISTRATORS_CONSUMER]: ADMINISTRATOR_TOPICS,
  [JOBS_CONSUMER]: JOB_TOPICS,
} as const;
type Deps = ContextDeps<keyof typeof SUBSCRIPTIONS>;

export const notificationContext = {
  name: 'notification',
  schema: 'notification',
  contract: async () =>
    (await import('../../gen/wire/stampede/notification/v1/notification.ts')).NotificationServiceDefinition,
  refusals: NOTIFICATION_REFUSALS,
  publishes: NOTIFICATION_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  consumes: () => Object.values(SUBSCRIPTIONS).flat(),
  audits: notificationAudits,
  create: (kit, apis) => createNotification(kit, apis, kit),
} as const satisfies Context<
  ContextDeps & NotificationOptions & DeliverySettings,
  NotificationParts,
  NotificationModule
>;

/** The contexts that this one calls. */
export interface NotificationParts {
  readonly store: Stores;
  readonly coupon: RemindDeps['coupon'] & Coupons;
  readonly identity: IdentityCalls;
}

export interface NotificationOptions {
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
  /** How long before a policy opens its followers are reminded. Default 10. */
  readonly openingReminderMinutes?: number;
}

/** Inboxes of users. Subscribes to events, so it is created before the bus starts. */
export function createNotification(
  deps: Deps & DeliverySettings,
  { store, coupon, identity }: NotificationParts,
  { openingReminderMinutes = 10, onEvents = () => {} }: NotificationOptions = {},
): NotificationModule {
  const { database, bus, clock, metrics, log, nextId } = deps;
  const intake = postgresIntakeStore(deps);
  const reader = inboxReader(database.pool);
  const signal = postgresInboxSignal({
    pool: database.pool,
    url: database.url,
    onError: outageLog({ log, message: 'changes of inboxes are signalled late' }).failed,
  });
  const changes = { inboxes: inboxChanges(database.pool), signal };
  const settings = settingsStore(database.pool);
  const delivery = createDelivery(deps, { identity, coupon }, { ...deps, onEvents });
  // What is written leaves, too; what others write is found within a second.
  const written: Pick<typeof signal, 'notify'> = {
    notify(userIds) {
      signal.notify(userIds);
      delivery.runner.notify();
    },
  };
  const notices = new Counter({
    name: 'stampede_notices_total',
    help: 'Notices that this process has written: for events, by jobs for many users, and as reminders',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const onWritten = (kind: Kind, count: number) => notices.inc({ kind }, count);
  const writer = noticeWriter({ intake, signal: written, log, onWritten });
  showLag(intake, metrics);
  bus.subscribe(
    CONSUMER,
    SUBSCRIPTIONS[CONSUMER],
    onNoticeEvents(intake, () => writer.notify()),
    INTAKE_BATCH_MAX,
  );
  bus.subscribe(
    ADMINISTRATORS_CONSUMER,
    SUBSCRIPTIONS[ADMINISTRATORS_CONSUMER],
    onAdministratorEvents({ intake, identity, onStored: () => writer.notify() }),
  );
  writer.start();
  delivery.runner.start();
  const writtenByJobs = new Counter({
    name: 'stampede_job_notices_total',
    help: 'Notices that jobs for many users have written in this process',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const jobs = jobService({
    store: postgresJobStore({ database, nextId }),
    tests: postgresTestNotices({ database, nextId }),
    stores: store,
    coupons: coupon,
    accounts: identity,
    clock,
    now: database.readTime,
    nextId,
    signal,
    pace: pace({ idleMs: NOTICE_MS }),
    openingReminderMinutes,
    onWritten({ notice: { kind } }, count) {
      onWritten(kind, count);
      writtenByJobs.inc({ kind }, count);
    },
    classify: classifyFailure,
    log: jobLog(log, 'notices'),
  });
  bus.subscribe(JOBS_CONSUMER, SUBSCRIPTIONS[JOBS_CONSUMER], onOpenings(jobs));
  return {
    api: {
      ...delivery.api,
      listNotices: listNotices(reader),
      readAfter: readAfter(inboxNewsReader(database.pool)),
      markRead: markRead(changes),
      markAllRead: markAllRead(changes),
      deleteNotice: deleteNotice(changes),
      getSettings: getSettings(settings),
      updateSettings: updateSettings(settings),
      ...jobs.api,
    },
    changes: signal,
    jobs: [
      {
        // At 9 in the morning in Seoul.
        name: 'notification.remind-of-expiry',
        everyMinutes: 1_440,
        run: remindOfExpiry({
          ...{ coupon, store: reminderStore(database, nextId), signal, now: database.readTime },
          onWritten: (count) => onWritten('COUPON_EXPIRING', count),
        }),
      },
      {
        name: 'notification.delete-old',
        everyMinutes: 1_440,
        run: deleteOldNotices(oldNotices(database.pool), signal, database.readTime),
      },
      ...jobs.scheduled,
      ...delivery.jobs,
    ],
    async stop() {
      await Promise.all([writer.stop(), jobs.stop(), delivery.stop()]);
      await signal.stop();
    },
  };
}

/** Every process shows the same: that of the database, when metrics are read. */
function showLag(intake: IntakeAge, metrics: ContextDeps['metrics']): void {
  const lag = measureLag(intake.oldestSeconds);
  new Gauge({
    name: 'stampede_notices_lag_seconds',
    help: 'How long the oldest fact has waited whose notice is not written; 0 when none waits',
    aggregator: 'max',
    registers: [metrics],
    async collect() {
      this.set(await lag());
    },
  });
}
