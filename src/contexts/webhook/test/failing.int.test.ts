import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../test/support/webhook-receiver.ts';
import { DAY_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { eventually, type WebhookFixture, webhookFixture } from './fixture.ts';

let on: WebhookFixture;
let receiver: WebhookReceiver;
beforeEach(async () => {
  [on, receiver] = await Promise.all([webhookFixture(), startWebhookReceiver()]);
});
afterEach(async () => {
  await receiver.close();
  await on.close();
});

const issued = (key: number) => ({ topic: 'coupon.issued', key: String(key) });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => issued(index + 1));
/** Five deliveries that failed, put off for hours. */
async function failing(): Promise<bigint> {
  const { id } = await on.add(receiver.url);
  receiver.react = () => 500;
  await on.publish(...numbered(5));
  await eventually(async () => (await on.webhook(id)).failures === 5);
  await eventually(async () => (await on.deliveries(id)).every(({ attempts }) => attempts === 1));
  await on.database.pool.query(`update webhook.deliveries set due_at = now() + interval '10 hours', attempts = 7`);
  return id;
}

test('a success that was on its way does not end the pause that the receiver asked for', async () => {
  const { id } = await on.add(receiver.url);
  let succeed = () => {};
  const success = new Promise<number>((resolve) => {
    succeed = () => resolve(200);
  });
  receiver.react = ({ body }) => (body.data['couponId'] === '1' ? { status: 429, retryAfter: '600' } : success);
  await on.publish(issued(1), issued(2));
  await eventually(() => receiver.received.length === 2);
  await eventually(async () => (await on.webhook(id)).resumesAt !== undefined);
  succeed();
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 1);
  await on.publish(issued(3));
  await sleep(1_500);
  expect(receiver.received).toHaveLength(2);
});

test('what was put off for hours is sent when a probe succeeds, also when the next request fails', async () => {
  const id = await failing();
  receiver.react = ({ body }) => (body.data['couponId'] === '100' ? 500 : 200);
  await on.publish(issued(99), issued(100));
  on.advance(2 * MINUTE_MS);
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 6);
  await expect.poll(() => on.deliveries(id, 'PENDING')).toMatchObject([{ subject: 'couponId:100', attempts: 1 }]);
});

test('a failing webhook is probed with the test event, before older deliveries', async () => {
  const id = await failing();
  await on.publish(...numbered(20).slice(5));
  receiver.react = ({ body }) => (body.type === 'webhook.test' ? 200 : 500);
  await on.api.testWebhook({ id, commandKey: undefined });
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 1);
  expect(receiver.received[5]?.body.type).toBe('webhook.test');
});

test('a webhook is not disabled for days in which nothing was sent to it', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = (_, before) => (before === 1 ? 200 : 500);
  await on.publish(issued(1));
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  await on.stop();
  on.advance(4 * DAY_MS);
  expect(await on.runJob('webhook.disable-full')).toBe(0);
  const later = on.start();
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 1);
  await later.stop();
  expect(await on.webhook(id)).toMatchObject({ enabled: true, failures: 0 });
});

test('a webhook that has failed for three days, and ten times, is disabled by the next failure', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = () => 500;
  await on.publish(...numbered(12));
  await eventually(async () => (await on.webhook(id)).failures === 5);
  await on.database.pool.query('update webhook.endpoints set failures = 8');
  on.advance(3 * DAY_MS);
  await eventually(async () => (await on.webhook(id)).failures === 9);
  expect((await on.webhook(id)).enabled).toBe(true);
  on.advance(60 * MINUTE_MS);
  await eventually(async () => (await on.webhook(id)).disabledReason === 'FAILING');
});

test('a test event is sent at once to a failing webhook, also when a request that began before fails after it', async () => {
  const { id } = await on.add(receiver.url);
  let fail = () => {};
  const failure = new Promise<number>((resolve) => {
    fail = () => resolve(500);
  });
  receiver.react = ({ body }) => (body.type === 'webhook.test' ? 200 : body.data['couponId'] === '6' ? failure : 500);
  await on.publish(...numbered(6));
  await eventually(async () => (await on.webhook(id)).failures === 5);
  await on.api.testWebhook({ id, commandKey: undefined });
  fail();
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length > 0);
  expect(receiver.received[6]?.body.type).toBe('webhook.test');
});

test('a success ends the failures also when another test event is asked for before it is recorded', async () => {
  const id = await failing();
  let tests = 0;
  receiver.react = async ({ body }) => {
    if (body.type === 'webhook.test' && tests++ === 0) await on.api.testWebhook({ id, commandKey: undefined });
    return 200;
  };
  await on.api.testWebhook({ id, commandKey: undefined });
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 7);
  expect(await on.webhook(id)).toMatchObject({ failures: 0, resumesAt: undefined });
  const { rows } = await on.database.pool.query('select failing_since from webhook.endpoints where id = $1', [id]);
  expect(rows).toEqual([{ failing_since: null }]);
});
