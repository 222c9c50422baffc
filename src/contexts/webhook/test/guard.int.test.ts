import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../test/support/webhook-receiver.ts';
import { readAllowedHosts } from '../../../platform/http/allowed-hosts.ts';
import { eventually, type WebhookFixture, webhookFixture } from './fixture.ts';

let on: WebhookFixture;
let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await on.close();
  await receiver.close();
});

const create = (url: string, topics: readonly string[] = ['*']) =>
  on.api.createWebhook({ url, topics, description: '', enabled: true, commandKey: undefined });
const refusedField = async (url: string, topics?: readonly string[]) => {
  const { outcome } = await create(url, topics);
  return outcome?.$case === 'refusal' && outcome.value.code === 'VALIDATION_FAILED'
    ? Object.keys(outcome.value.details)
    : outcome?.$case;
};

test('docs/attacks.md 51: an address of this machine, of a private network or of a cloud’s metadata is refused, in every notation', async () => {
  on = await webhookFixture({ webhooks: { allowedHosts: undefined } });
  const hosts = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]'];
  for (const host of hosts) expect([host, await refusedField(`https://${host}/`)]).toEqual([host, ['url']]);
  expect(await refusedField('http://shop.example.com/')).toEqual(['url']);
});

test('docs/attacks.md 51: a name that leads to this machine is not connected to, and the delivery says why', async () => {
  on = await webhookFixture({ webhooks: { allowedHosts: undefined } });
  const { id } = await on.add(`https://localhost:${receiver.port}/`);
  await on.publish({ topic: 'coupon.issued', key: '1' });
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  expect((await on.deliveries(id))[0]).toMatchObject({ status: 'PENDING', lastError: 'ADDRESS_REFUSED' });
  expect(receiver.received).toEqual([]);
});

test('docs/attacks.md 51: a receiver in the own network is reached by http when its name is listed, and others there are not', async () => {
  on = await webhookFixture({ webhooks: { allowedHosts: readAllowedHosts(['localhost']) } });
  const { id } = await on.add(`http://localhost:${receiver.port}/`);
  expect(await refusedField(`http://127.0.0.1:${receiver.port}/`)).toEqual(['url']);
  await on.publish({ topic: 'coupon.issued', key: '1' });
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 1);
});

test('a host that the operator allows no more is reached no more', async () => {
  on = await webhookFixture();
  const { id } = await on.add(receiver.url);
  await on.stop();
  const next = on.start({ webhooks: { allowedHosts: undefined } });
  await next.consume(on.delivered([{ topic: 'coupon.issued', key: '1' }]));
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  await next.stop();
  expect((await on.deliveries(id))[0]?.lastError).toBe('ADDRESS_REFUSED');
  expect(receiver.received).toEqual([]);
});

test('topics that are unknown, private or signed are refused', async () => {
  on = await webhookFixture();
  for (const topic of ['coupon.lost', 'audit.recorded', 'payment.completed.v1'])
    expect([topic, await refusedField(receiver.url, [topic])]).toEqual([topic, ['topics']]);
});

test('a webhook whose secret cannot be decrypted is sent nothing unsigned', async () => {
  on = await webhookFixture();
  const { id } = await on.add(receiver.url);
  await on.database.pool.query(`update webhook.endpoints set secret = 'lost'`);
  await on.publish({ topic: 'coupon.issued', key: '1' });
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  expect((await on.deliveries(id))[0]?.lastError).toBe('SECRET_UNREADABLE');
  expect(receiver.received).toEqual([]);
});

test('a secret is in no row and in no later response', async () => {
  on = await webhookFixture();
  const { id, secret } = await on.add(receiver.url);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const { rows } = await on.database.pool.query<{ secret: Buffer; text: string }>(
    'select secret, e::text as text from webhook.endpoints as e',
  );
  expect(rows[0]?.secret.includes(key)).toBe(false);
  expect(rows[0]?.text).not.toContain(key.toString('hex'));
  expect((await on.api.getWebhook({ id })).secret).toBeUndefined();
});

test('there are at most a hundred webhooks', async () => {
  on = await webhookFixture();
  await on.add(receiver.url);
  await on.database.pool.query(
    `insert into webhook.endpoints (id, url, topics, description, enabled, secret, created_at, updated_at)
     select n, 'https://shop.example.com/', '{*}', '', true, 'secret', now(), now() from generate_series(1, 99) as n`,
  );
  expect((await create(receiver.url)).outcome).toMatchObject({ value: { code: 'WEBHOOK_LIMIT_REACHED' } });
});
