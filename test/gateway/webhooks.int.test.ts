// @module-tag process
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAllowedHosts } from '../../src/platform/http/allowed-hosts.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { ADMIN, openPolicy, type Stage, stage, testUsers, until } from '../attacks/support.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

let on: Stage;
let receiver: WebhookReceiver;
const testUser = testUsers();
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  const webhooks = { allowedHosts: readAllowedHosts(['127.0.0.1']), encryptionSecrets: [], keptDays: 7 };
  on = await stage({ sandbox: true, webhooks });
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.react = () => 200;
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
  await receiver.close();
});

const WEBHOOKS = '/api/v1/webhooks';
const admin = () => on.token(testUser(1), 'ADMIN');
const send = (method: string, path: string, json?: object, key?: string) =>
  on.call(method, path, {
    token: admin(),
    ...(json === undefined ? {} : { json }),
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
const create = async (topics: readonly string[], key?: string) =>
  (await send('POST', WEBHOOKS, { url: receiver.url, topics }, key)).body;
const deliveriesOf = async (id: string, status: string) =>
  (await send('GET', `${WEBHOOKS}/${id}/deliveries?status=${status}`)).body.deliveries;

describe('webhooks', () => {
  it('an issued coupon arrives, signed, at the address of a webhook for it', async () => {
    const { webhookId, secret } = await create(['coupon.issued']);
    const policyId = await openPolicy(on);
    const userId = testUser(2);
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    const issued = await on.call('POST', path, { token: on.token(userId), json: {} });
    expect(issued.status).toBe(201);
    await until(async () => (await deliveriesOf(webhookId, 'DELIVERED')).length === 1);
    const [{ text, headers } = expect.unreachable()] = receiver.received;
    expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toMatchObject({
      type: 'coupon.issued',
      data: { couponId: issued.body.couponId, policyId, userId },
    });
    const [delivery] = await deliveriesOf(webhookId, 'DELIVERED');
    expect(delivery).toMatchObject({ subject: `couponId:${issued.body.couponId}`, attempts: 1, lastStatus: 200 });
    expect(delivery.body).toEqual(JSON.parse(text));
    await send('DELETE', `${WEBHOOKS}/${webhookId}`);
  });

  it('a secret is in the first response alone, and a repeat with its key makes no second webhook', async () => {
    const first = await create(['store.opened'], 'webhook-once');
    const { secret, ...rest } = first;
    expect(secret).toMatch(/^whsec_/);
    expect(await create(['store.opened'], 'webhook-once')).toEqual(rest);
    const list = (await send('GET', WEBHOOKS)).body.webhooks;
    expect(list.filter(({ webhookId }: { webhookId: string }) => webhookId === rest.webhookId)).toEqual([rest]);
    const rotate = (key: string) => send('POST', `${WEBHOOKS}/${rest.webhookId}/rotate-secret`, {}, key);
    const [rotated, repeated] = [(await rotate('rotate')).body, (await rotate('rotate')).body];
    expect([rotated.secret === secret, repeated.secret]).toEqual([false, undefined]);
    expect(Date.parse(rotated.previousSecretUntil) - on.now()).toBeGreaterThan(DAY_MS / 2);
    await send('DELETE', `${WEBHOOKS}/${rest.webhookId}`);
  });

  it('a test event arrives, a disabled webhook takes none, and 410 shows as the reason and to administrators', async () => {
    const { webhookId } = await create(['store.opened']);
    const path = `${WEBHOOKS}/${webhookId}`;
    expect((await send('POST', `${path}/test`)).status).toBe(202);
    await until(async () => receiver.received.length === 1);
    expect(receiver.received[0]?.body.type).toBe('webhook.test');
    receiver.react = () => 410;
    await send('POST', `${path}/test`);
    await until(async () => !(await send('GET', path)).body.enabled);
    expect((await send('GET', path)).body).toMatchObject({ disabledReason: 'GONE', failures: 1, waiting: 1 });
    const refused = await send('POST', `${path}/test`);
    expect([refused.status, refused.body.code]).toEqual([409, 'WEBHOOK_DISABLED']);
    const lines = async () => (await send('GET', `/api/v1/audit-log?subject=${webhookId}`)).body.lines;
    await until(async () =>
      (await lines()).some(({ operation }: { operation: string }) => operation === 'disableWebhook'),
    );
    const signedIn = (await on.call('POST', '/api/v1/auth/login', { json: ADMIN })).body;
    const inbox = async () => (await on.call('GET', '/api/v1/notifications', { token: signedIn.accessToken })).body;
    await until(async () => (await inbox()).notifications.length > 0);
    expect((await inbox()).notifications).toMatchObject([{ kind: 'WEBHOOK_DISABLED', path: `/webhooks/${webhookId}` }]);
    await send('DELETE', path);
    expect((await send('GET', path)).body.code).toBe('WEBHOOK_NOT_FOUND');
  });

  it('an address of this machine that is not listed, and an unknown topic, are refused with their fields', async () => {
    const refused = async (url: string, topic: string) =>
      (await send('POST', WEBHOOKS, { url, topics: [topic] })).body.errors?.map(
        ({ field }: { field: string }) => field,
      );
    expect(await refused('https://127.0.0.2/', '*')).toEqual(['url']);
    expect(await refused('https://shop.example.com/', 'audit.recorded')).toEqual(['topics']);
    expect(await refused('javascript:alert(1)', '*')).toEqual(['url']);
  });

  it('customers and owners have no webhooks', async () => {
    for (const role of ['CUSTOMER', 'OWNER'] as const) {
      const { status } = await on.call('GET', WEBHOOKS, { token: on.token(testUser(3), role) });
      expect([role, status]).toEqual([role, 403]);
    }
  });
});
