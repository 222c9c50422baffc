import { isIP } from 'node:net';
import { Counter } from 'prom-client';
import { AUDIT_TOPIC } from '../../platform/audit/audit-topic.ts';
import type { Context, ContextDeps, ContextModule, ScheduledTask } from '../../platform/context.ts';
import type { Topics } from '../../platform/events/topic.ts';
import { type AllowedHosts, readAllowedHosts } from '../../platform/http/allowed-hosts.ts';
import { guardedHttp } from '../../platform/http/guarded-http.ts';
import type { Clock } from '../../platform/kernel/clock.ts';
import { measuredGauge } from '../../platform/telemetry/measured-gauge.ts';
import type { IdentityService } from '../identity/api.ts';
import { secretBox } from './adapters/crypto/secret-box.ts';
import { webhookAudits } from './adapters/postgres/audits/audits.ts';
import { postgresDeliveryIntake } from './adapters/postgres/delivery-intake.ts';
import { postgresDeliveryQueue } from './adapters/postgres/delivery-queue.ts';
import { postgresDeliveryStore } from './adapters/postgres/delivery-store.ts';
import { postgresEndpointStore } from './adapters/postgres/endpoint-store.ts';
import { measureWebhooks } from './adapters/postgres/measure.ts';
import { oldDeliveries } from './adapters/postgres/old-deliveries.ts';
import { WEBHOOK_REFUSALS, type WebhookService } from './api.ts';
import { webhookRunner } from './application/deliver/runner.ts';
import { sendRequest } from './application/deliver/send-request.ts';
import { listWebhookDeliveries, replayWebhookDelivery, testWebhook } from './application/deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  updateWebhook,
} from './application/endpoints.ts';
import { INTAKE_BATCH_MAX, onEvents } from './application/on-events.ts';
import { CONSUMER, type ExternalIdsOf } from './application/ports.ts';
import { reencryptSecrets } from './application/reencrypt-secrets.ts';
import { deleteOldDeliveries, disableFull } from './application/tasks.ts';
import { failureCause } from './domain/attempt.ts';
import { DISABLED_REASONS, type DisabledReason } from './domain/endpoint.ts';
import { publicTopics } from './domain/topics.ts';
import { WEBHOOK_EVENTS } from './events.ts';

export const webhookContext = {
  name: 'webhook',
  schema: 'webhook',
  contract: async () => (await import('../../gen/wire/stampede/webhook/v1/webhook.ts')).WebhookServiceDefinition,
  refusals: WEBHOOK_REFUSALS,
  publishes: WEBHOOK_EVENTS,
  alsoPublishes: [AUDIT_TOPIC],
  consumes: (topics: Topics) => publicTopics(topics),
  audits: webhookAudits,
  create: (kit, { identity }) => createWebhooks(kit, { ...kit, externalIdsOf: externalIdsFrom(identity) }),
} as const satisfies Context<ContextDeps & WebhookOptions, WebhookParts, ContextModule<WebhookService>>;

/** The contexts that this one calls. */
export interface WebhookParts {
  readonly identity: Pick<IdentityService, 'getExternalIds'>;
}

const externalIdsFrom =
  (identity: WebhookParts['identity']): ExternalIdsOf =>
  async (userIds) => {
    const { externalIds } = await identity.getExternalIds({ userIds: [...userIds] });
    return new Map(externalIds.map(({ userId, externalId }) => [userId, externalId]));
  };

/** A receiver responds within this time. */
const REQUEST_MS = 10_000;
/** Several endpoints may have one origin: each is bounded on its own. */
const CONNECTIONS = 1_000;

export interface WebhookOptions {
  readonly webhooks: {
    /** Undefined: none beyond the internet. */
    readonly allowedHosts?: AllowedHosts | undefined;
    /** The first one encrypts the secrets of endpoints, each decrypts. */
    readonly encryptionSecrets: readonly string[];
    readonly keptDays: number;
    /** How long a receiver may take. Default: 10 s. */
    readonly timeoutMs?: number;
    /** Further authorities that may have signed a receiver's certificate, PEM. */
    readonly ca?: string;
  };
  readonly topics: Topics;
  /** Of signatures: what receivers compare with their clocks. */
  readonly signInClock: Clock;
  /** Called after a commit that wrote events, to wake the relay. */
  readonly onEvents?: () => void;
  /** Default: no user has one. */
  readonly externalIdsOf?: ExternalIdsOf;
}

const NO_HOSTS = readAllowedHosts([]);
const NO_EXTERNAL_IDS: ExternalIdsOf = async () => new Map();

/** Events as requests to endpoints. Subscribes to events, so it is created before the bus starts. */
export function createWebhooks(deps: ContextDeps, options: WebhookOptions): ContextModule<WebhookService> {
  const { database, bus, clock, metrics, log, nextId } = deps;
  const { webhooks, topics, signInClock, onEvents: wakeRelay = () => {}, externalIdsOf = NO_EXTERNAL_IDS } = options;
  const { pool } = database;
  const hosts = webhooks.allowedHosts ?? NO_HOSTS;
  if (hosts === undefined) throw new Error('no hosts are a valid list of hosts');
  const store = postgresEndpointStore(pool);
  const queue = postgresDeliveryQueue({ pool, nextId, onEvents: wakeRelay });
  const box = secretBox(webhooks.encryptionSecrets);
  const http = guardedHttp({
    timeoutMs: webhooks.timeoutMs ?? REQUEST_MS,
    isAllowed: hosts.mayReach,
    mayBePlain: hosts.isExempt,
    connections: CONNECTIONS,
    ...(webhooks.ca === undefined ? {} : { ca: webhooks.ca }),
  });
  const attempts = new Counter({
    name: 'stampede_webhook_attempts_total',
    help: 'Requests to endpoints of webhooks from this process: DELIVERED, FAILED (tried again or given up), GONE (410); cause says why one failed',
    labelNames: ['outcome', 'cause'],
    registers: [metrics],
  });
  const onDisabled = (endpointId: bigint, reason: DisabledReason): void =>
    log.error({ webhookId: String(endpointId), reason }, 'a webhook was disabled; fix its receiver, then enable it');
  const runner = webhookRunner({
    ...{ queue, clock, log, onDisabled },
    send: sendRequest({ http, box, wallClock: signInClock, userAgent: 'Stampede-Webhooks/1' }),
    elapsedMs: () => performance.now(),
    onAttempt: (attempt) => attempts.inc({ outcome: attempt.kind, cause: failureCause(attempt) }),
  });
  const onChanged = (): void => runner.notify();
  const names = publicTopics(topics);
  const intake = postgresDeliveryIntake(pool);
  bus.subscribe(
    CONSUMER,
    names,
    onEvents({ intake, topics, externalIdsOf, clock, onStored: onChanged }),
    INTAKE_BATCH_MAX,
  );
  runner.start();
  const literal = { mayName: (host: string) => isIP(host) === 0 || hosts.mayReach(host, host) };
  const endpoints = {
    ...{ store, box, clock, nextId, onChanged, topics: new Set(names) },
    hosts: { isExempt: hosts.isExempt, ...literal },
  };
  const deliveries = { endpoints: store, deliveries: postgresDeliveryStore(pool), clock, nextId, onChanged };
  const reencrypting = {
    ...{ store, box, log, hasOlder: webhooks.encryptionSecrets.length > 1 },
    onUnreadable: measuredGauge(metrics, {
      name: 'stampede_webhook_secrets_unreadable',
      help: 'Webhooks with a secret that cannot be decrypted, looked at each minute by one process',
    }),
  };
  const tasks = { queue, old: oldDeliveries(pool), keptDays: webhooks.keptDays, clock, onDisabled };
  return {
    api: {
      createWebhook: createWebhook(endpoints),
      getWebhook: getWebhook(endpoints),
      listWebhooks: listWebhooks(endpoints),
      updateWebhook: updateWebhook(endpoints),
      deleteWebhook: deleteWebhook(endpoints),
      rotateWebhookSecret: rotateWebhookSecret(endpoints),
      testWebhook: testWebhook(deliveries),
      listWebhookDeliveries: listWebhookDeliveries(deliveries),
      replayWebhookDelivery: replayWebhookDelivery(deliveries),
    },
    jobs: [deleteOldDeliveries(tasks), disableFull(tasks), reencryptSecrets(reencrypting), measureTask(deps)],
    async stop() {
      await runner.stop();
      await http.close();
    },
  };
}

/** Shows what waits and which endpoints fail. It runs on one process of all. */
function measureTask({ database, clock, metrics }: Pick<ContextDeps, 'database' | 'clock' | 'metrics'>): ScheduledTask {
  const measure = measureWebhooks(database.pool);
  const setWaiting = measuredGauge(metrics, {
    name: 'stampede_webhook_deliveries_waiting',
    help: 'Deliveries to enabled endpoints of webhooks that wait, measured each minute by one process',
  });
  const setLate = measuredGauge(metrics, {
    name: 'stampede_webhook_deliveries_late_seconds',
    help: 'By how much the oldest of them is late; 0 when none is',
  });
  const setFailing = measuredGauge(metrics, {
    name: 'stampede_webhook_endpoints_failing',
    help: 'Enabled endpoints whose last request failed',
  });
  const setDisabled = measuredGauge(metrics, {
    name: 'stampede_webhook_endpoints_disabled',
    help: 'Endpoints that are disabled',
    labelNames: ['reason'],
  });
  return {
    name: 'webhook.measure',
    everyMinutes: 1,
    async run() {
      const measured = await measure(new Date(clock()));
      setWaiting(measured.waiting);
      setLate(measured.lateSeconds);
      setFailing(measured.failing);
      for (const reason of DISABLED_REASONS)
        setDisabled(measured.disabled.find((each) => each.reason === reason)?.count ?? 0, { reason });
      return measured.waiting;
    },
  };
}
