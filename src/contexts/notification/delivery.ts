import { Counter } from 'prom-client';
import type { ContextDeps, ScheduledTask } from '../../platform/context.ts';
import { guardedHttp } from '../../platform/http/guarded-http.ts';
import type { CommandKey } from '../../platform/kernel/command-key.ts';
import { DAY_MS } from '../../platform/kernel/durations.ts';
import type { MailSettings } from '../../platform/mail/mail-settings.ts';
import { smtpTransport } from '../../platform/mail/smtp-transport.ts';
import { measuredGauge } from '../../platform/telemetry/measured-gauge.ts';
import type { PushSettings } from '../../platform/web-push/settings.ts';
import { postgresDeliveryStore } from './adapters/postgres/delivery-store.ts';
import { addressDigest, postgresMailStore } from './adapters/postgres/mail-store.ts';
import { postgresPushStore } from './adapters/postgres/push-store.ts';
import { switchOffMails } from './adapters/postgres/switch-off-mails.ts';
import { type Waiting, waitingDeliveries } from './adapters/postgres/waiting-deliveries.ts';
import type { NotificationService } from './api.ts';
import { deliveryEvents } from './application/deliver/delivery-events.ts';
import { mailChannel } from './application/deliver/mail/mail-channel.ts';
import { channelOutageLog } from './application/deliver/outages.ts';
import { planNextBatch } from './application/deliver/plan.ts';
import type { Contacts, CouponCalls, DeliveryChannel, DeliveryStore } from './application/deliver/ports.ts';
import { pushChannel } from './application/deliver/push/push-channel.ts';
import { deletePushSubscription, getPushKey, savePushSubscription } from './application/deliver/push/subscriptions.ts';
import { deliveryRunner } from './application/deliver/run-deliveries.ts';
import { sendDue } from './application/deliver/send.ts';
import { liftSuppression, listSuppressions, reportMailEvent } from './application/deliver/suppressions.ts';
import { readUnsubscribeLink, unsubscribe } from './application/deliver/unsubscribe.ts';
import type { Administrators } from './application/on-administrator-events.ts';

/** A push service responds within this time, or not at all. */
const PUSH_MS = 10_000;
const KEPT_DAYS = 90;
const DELETE_BATCH = 1_000;

/** What identity does for channels and for notices of administrators. */
export interface IdentityCalls extends Contacts, Administrators {
  withdrawConsent(request: {
    readonly user:
      | { readonly $case: 'userId'; readonly value: bigint }
      | { readonly $case: 'email'; readonly value: string };
    readonly source: string;
    readonly commandKey: CommandKey | undefined;
  }): Promise<unknown>;
}

export interface DeliverySettings {
  /** Undefined: no notices by mail. */
  readonly mail?: MailSettings | undefined;
  /** Undefined: no notices to browsers. */
  readonly push?: PushSettings | undefined;
}

/** The channels by which notices leave the system. */
export function createDelivery(
  deps: ContextDeps,
  { identity, coupon }: { readonly identity: IdentityCalls; readonly coupon: CouponCalls },
  { mail, push, onEvents }: DeliverySettings & { readonly onEvents: () => void },
) {
  const { database, clock, metrics, log, nextId } = deps;
  const { pool } = database;
  const store = postgresDeliveryStore({ pool, nextId, eventsOf: deliveryEvents, onEvents });
  const mails = postgresMailStore(pool);
  const browsers = postgresPushStore(pool);
  const channels: readonly DeliveryChannel[] = [
    ...(mail === undefined
      ? []
      : [
          mailChannel({ store: mails, transport: smtpTransport(mail), settings: mail, digestOf: addressDigest, clock }),
        ]),
    ...(push === undefined
      ? []
      : [
          pushChannel({
            store: browsers,
            http: guardedHttp({ timeoutMs: PUSH_MS }),
            settings: push,
            sender: senderOf(push, mail),
            clock,
          }),
        ]),
  ];
  const outcomes = new Counter({
    name: 'stampede_deliveries_total',
    help: 'What became of messages with notices on this process: SENT, PENDING (waits or is tried again), UNKNOWN, FAILED, DROPPED',
    labelNames: ['channel', 'kind', 'state'],
    registers: [metrics],
  });
  const plan = planNextBatch({ store, contacts: identity, channels: channels.map(({ name }) => name), clock });
  const runner = deliveryRunner(
    {
      plan: () => plan(),
      ...Object.fromEntries(
        channels.map((channel) => {
          const observe = channelOutageLog(channel.name, log);
          const send = sendDue({
            ...{ store, contacts: identity, coupon, channel, clock, log },
            onOutcome(name, { deliveries: [{ kind }] }, outcome) {
              outcomes.inc({ channel: name, kind, state: outcome.state });
              observe(outcome);
            },
          });
          return [channel.name, async (signal: AbortSignal) => (await send(signal)) > 0];
        }),
      ),
    },
    log,
  );
  const withdraw = (
    user: Parameters<IdentityCalls['withdrawConsent']>[0]['user'],
    source: string,
    commandKey?: CommandKey,
  ) => identity.withdrawConsent({ user, source, commandKey }).then(() => {});
  const suppressions = {
    store: mails,
    digestOf: addressDigest,
    clock,
    withdrawConsent: (email: string, commandKey: CommandKey | undefined) =>
      withdraw({ $case: 'email', value: email }, 'COMPLAINT', commandKey),
  };
  const secrets = mail?.linkSecrets ?? [];
  return {
    api: {
      unsubscribe: unsubscribe({
        secrets,
        withdrawConsent: (userId) => withdraw({ $case: 'userId', value: userId }, 'MAIL_LINK'),
        switchOff: switchOffMails(pool),
      }),
      readUnsubscribeLink: readUnsubscribeLink({ secrets }),
      reportMailEvent: reportMailEvent(suppressions),
      listSuppressions: listSuppressions(suppressions),
      liftSuppression: liftSuppression(suppressions),
      getPushKey: getPushKey(push),
      savePushSubscription: savePushSubscription(browsers, push),
      deletePushSubscription: deletePushSubscription(browsers),
    } satisfies Partial<NotificationService>,
    runner,
    jobs: [deleteFinished(store, clock), measureWaiting(waitingDeliveries(pool), channels, deps)],
    async stop() {
      await runner.stop();
      for (const channel of channels) channel.close();
    },
  };
}

/** The name that stands for the shop in marketing to browsers. */
const senderOf = ({ contact }: PushSettings, mail: MailSettings | undefined): string =>
  mail?.sender?.name ?? (mail?.from.name || new URL(contact).hostname);

/** What became of messages is kept for a while, for questions of users and for the marketing that they got in a week. */
const deleteFinished = (store: DeliveryStore, clock: ContextDeps['clock']): ScheduledTask => ({
  name: 'notification.delete-deliveries',
  everyMinutes: 1440,
  async run(signal) {
    const before = new Date(clock() - KEPT_DAYS * DAY_MS);
    let total = 0;
    for (let deleted = DELETE_BATCH; deleted === DELETE_BATCH && !signal.aborted; total += deleted) {
      deleted = await store.deleteFinished(before, DELETE_BATCH);
    }
    return total;
  },
});

/** Shows what waits. It runs on one process of all. */
function measureWaiting(
  read: (at: Date) => Promise<readonly Waiting[]>,
  channels: readonly Pick<DeliveryChannel, 'name'>[],
  { clock, metrics }: Pick<ContextDeps, 'clock' | 'metrics'>,
): ScheduledTask {
  const setWaiting = measuredGauge(metrics, {
    name: 'stampede_deliveries_waiting',
    help: 'Notices that wait to leave, measured each minute by one process',
    labelNames: ['channel'],
  });
  const setLate = measuredGauge(metrics, {
    name: 'stampede_deliveries_late_seconds',
    help: 'By how much the oldest of them is late, with the time for which its server was away; 0 when none is',
    labelNames: ['channel'],
  });
  return {
    name: 'notification.measure-deliveries',
    everyMinutes: 1,
    async run() {
      const found = new Map((await read(new Date(clock()))).map((each) => [each.channel, each]));
      for (const { name: channel } of channels) {
        setWaiting(found.get(channel)?.count ?? 0, { channel });
        setLate(found.get(channel)?.lateSeconds ?? 0, { channel });
      }
      return found.size;
    },
  };
}
