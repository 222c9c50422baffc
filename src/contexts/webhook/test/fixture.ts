import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import type { EventBus, Handler } from '../../../platform/events/bus.ts';
import { id, topic } from '../../../platform/events/topic.ts';
import { readAllowedHosts } from '../../../platform/http/allowed-hosts.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import type { WebhookResponse } from '../api.ts';
import { createWebhooks, type WebhookOptions } from '../module.ts';

const data = z.object({ userId: id('A user') });
const about = (key: 'couponId' | 'userId') =>
  topic({
    summary: 'Something happened',
    key,
    data: z.object({ couponId: id('A coupon'), userId: id('A user') }),
    example: { couponId: '1', userId: '2' },
  });
export const TEST_TOPICS: WebhookOptions['topics'] = {
  'coupon.issued': about('couponId'),
  'coupon.used': about('couponId'),
  'user.signed_up': topic({ summary: 'Signed up', key: 'userId', data, example: { userId: '2' } }),
  'user.deleted': topic({ summary: 'Deleted', key: 'userId', data, example: { userId: '2' } }),
  'audit.recorded': about('userId'),
  'payment.completed.v1': { ...about('userId'), isSigned: true },
};

export interface TestEvent {
  readonly topic: string;
  readonly key: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

type Changes = Partial<Omit<WebhookOptions, 'webhooks'>> & { readonly webhooks?: Partial<WebhookOptions['webhooks']> };

/** The context on a database of its own, with a receiver that it may reach on this machine. */
export async function webhookFixture(changes: Changes = {}) {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => {} });
  const nextId = countingIds(1_000n);
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;
  let events = 0;

  /** One more process of the context. */
  function start(more: Changes = {}) {
    let consume: Handler = async () => {};
    let consumed: readonly string[] = [];
    const bus = {
      subscribe(_: string, topics: readonly string[], handler: Handler) {
        consumed = topics;
        consume = handler;
      },
    } as unknown as EventBus;
    const log = pino({ level: 'silent' });
    const metrics = new Registry();
    const { api, jobs, stop } = createWebhooks(
      { database, bus, clock, nextId, metrics, log },
      {
        topics: TEST_TOPICS,
        signInClock: Date.now,
        ...changes,
        ...more,
        webhooks: {
          allowedHosts: readAllowedHosts(['127.0.0.1']),
          encryptionSecrets: ['the secret of the test'],
          keptDays: 7,
          timeoutMs: 400,
          ...changes.webhooks,
          ...more.webhooks,
        },
      },
    );
    return { api, jobs, stop, metrics, consume: (batch: Parameters<Handler>[0]) => consume(batch), consumed };
  }
  const first = start();

  const delivered = (list: readonly TestEvent[]) =>
    list.map(({ topic, key, data: given = {} }) => ({
      topic,
      key,
      event: {
        eventId: `abc-${++events}:0`,
        eventType: topic.toUpperCase(),
        timestamp: new Date(clock()).toISOString(),
        data: { couponId: key, userId: '42', ...given },
        metadata: { correlationId: 'c', source: 'test', version: '1.0' },
      },
    }));

  return {
    database,
    url,
    ...first,
    start,
    delivered,
    clock,
    advance: (ms: number) => {
      aheadMs += ms;
    },
    publish: (...list: readonly TestEvent[]) => first.consume(delivered(list)),
    async add(to: string, topics: readonly string[] = ['*']) {
      const response = await first.api.createWebhook({
        ...{ url: to, topics, description: '', enabled: true, commandKey: undefined },
      });
      return { id: webhookOf(response).id, secret: response.secret ?? '' };
    },
    async webhook(webhookId: bigint) {
      return webhookOf(await first.api.getWebhook({ id: webhookId }));
    },
    async deliveries(webhookId: bigint, status?: string) {
      const page = { limit: 100, cursor: '' };
      const { outcome } = await first.api.listWebhookDeliveries({ id: webhookId, status, page });
      if (outcome?.$case !== 'page') throw new Error('no deliveries');
      return outcome.value.deliveries.toReversed();
    },
    async runJob(name: string): Promise<number> {
      const job = first.jobs.find((each) => each.name === name);
      if (job === undefined) throw new Error(`there is no task ${name}`);
      return await job.run(new AbortController().signal);
    },
    async close(): Promise<void> {
      await first.stop();
      await database.close();
      await drop();
    },
  };
}

export type WebhookFixture = Awaited<ReturnType<typeof webhookFixture>>;

export function webhookOf({ outcome }: WebhookResponse) {
  if (outcome?.$case !== 'webhook') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

/** Waits until the condition holds; the time limit is that of the test. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
