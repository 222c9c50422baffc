import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../test/support/webhook-receiver.ts';
import { webhookSecret } from '../../../platform/http/webhook-signature.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { secretBox } from '../adapters/crypto/secret-box.ts';
import { WEBHOOK_EVENTS } from '../events.ts';
import { eventually, type WebhookFixture, webhookFixture, webhookOf } from './fixture.ts';

let on: WebhookFixture;
let receiver: WebhookReceiver;
beforeEach(async () => {
  [on, receiver] = await Promise.all([webhookFixture(), startWebhookReceiver()]);
});
afterEach(async () => {
  await on.close();
  await receiver.close();
});

const issued = (key: string) => ({ topic: 'coupon.issued', key });
const used = (key: string) => ({ topic: 'coupon.used', key });
const seen = () => receiver.received.map(({ body }) => `${body.type} ${String(body.data['couponId'])}`);
const verified = (secret: string, { text, headers }: WebhookReceiver['received'][number]) =>
  new Webhook(secret).verify(text, headers as Record<string, string>);
const allDelivered = async (id: bigint, count: number) =>
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === count);

test('an event goes to each webhook that wants its topic, signed as the public verifier expects', async () => {
  const all = await on.add(`${receiver.url}/all`);
  const some = await on.add(`${receiver.url}/some`, ['coupon.used']);
  await on.publish(issued('1'), used('1'));
  await allDelivered(all.id, 2);
  await allDelivered(some.id, 1);
  const at = (path: string) => receiver.received.filter((each) => each.path === path);
  expect(at('/all').map(({ body }) => body.type)).toEqual(['coupon.issued', 'coupon.used']);
  expect(at('/some').map(({ body }) => body.type)).toEqual(['coupon.used']);
  for (const each of at('/all')) expect(verified(all.secret, each)).toEqual(each.body);
  for (const each of at('/some')) {
    expect(verified(some.secret, each)).toEqual(each.body);
    expect(() => verified(all.secret, each)).toThrow();
  }
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(3);
});

test('an event that is delivered to the consumer twice is sent once', async () => {
  const { id } = await on.add(receiver.url);
  const batch = on.delivered([issued('1'), issued('2')]);
  await on.consume(batch);
  await on.consume(batch);
  await allDelivered(id, 2);
  expect(await on.deliveries(id)).toHaveLength(2);
});

test('a user of another issuer is named by the external id, too, and an event waits while it is not known', async () => {
  let isAway = true;
  const external = on.start({
    async externalIdsOf(userIds) {
      if (isAway) throw new Error('identity is away');
      return new Map(userIds.map((userId) => [userId, `ext:keycloak:${userId}`]));
    },
  });
  const { id } = await on.add(receiver.url);
  const batch = on.delivered([{ topic: 'coupon.issued', key: '1', data: { userId: '42' } }]);
  await expect(external.consume(batch)).rejects.toThrow('identity is away');
  isAway = false;
  await external.consume(batch);
  await allDelivered(id, 1);
  expect(receiver.received[0]?.body.data).toEqual({ couponId: '1', userId: '42', externalId: 'ext:keycloak:42' });
  await external.stop();
});

test('events before a webhook is created, and while it is disabled, are not for it', async () => {
  await on.publish(issued('1'));
  const { id } = await on.add(receiver.url);
  await on.publish(issued('2'));
  await allDelivered(id, 1);
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: false });
  await on.publish(issued('3'));
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: true });
  await on.publish(issued('4'));
  await allDelivered(id, 2);
  expect(seen()).toEqual(['coupon.issued 2', 'coupon.issued 4']);
});

test('a failed delivery keeps back later ones of its subject and no others, and is sent again with the same id', async () => {
  const { id } = await on.add(receiver.url);
  let isBroken = true;
  receiver.react = ({ body }) => (isBroken && body.data['couponId'] === '1' ? 500 : 200);
  await on.publish(issued('1'), used('1'), issued('2'), used('2'));
  await allDelivered(id, 2);
  await on.publish(used('1'), used('3'));
  await allDelivered(id, 3);
  expect(seen().filter((each) => each.endsWith(' 1'))).toEqual(['coupon.issued 1']);
  const [failed, ...kept] = await on.deliveries(id, 'PENDING');
  expect(failed).toMatchObject({ topic: 'coupon.issued', attempts: 1, lastStatus: 500, lastError: 'STATUS' });
  expect(kept.map(({ attempts }) => attempts)).toEqual([0, 0]);
  isBroken = false;
  on.advance(5_000);
  await allDelivered(id, 6);
  const ofFirst = receiver.received.filter(({ body }) => body.data['couponId'] === '1');
  expect(ofFirst.map(({ body }) => body.type)).toEqual([
    'coupon.issued',
    'coupon.issued',
    'coupon.used',
    'coupon.used',
  ]);
  const ids = ofFirst.map(({ headers }) => headers['webhook-id']);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(3);
});

test.each([
  ['responds with an error', 500, 'STATUS', 500],
  ['redirects', 302, 'REDIRECT', 302],
  ['closes the connection', 'CLOSE', 'UND_ERR_SOCKET', undefined],
  ['does not respond', 'SILENCE', 'TIMEOUT', undefined],
] as const)('a receiver that %s is tried again, and a redirect is not followed', async (_, reaction, error, status) => {
  const { id } = await on.add(receiver.url);
  receiver.react = (_webhook, before) => (before === 0 ? reaction : 200);
  await on.publish(issued('1'));
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  expect((await on.deliveries(id))[0]).toMatchObject({ status: 'PENDING', lastError: error, lastStatus: status });
  on.advance(5_000);
  await allDelivered(id, 1);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/', '/']);
});

test('a success counts when its body never ends', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = () => 'SLOW_BODY';
  await on.publish(issued('1'));
  await allDelivered(id, 1);
  expect(receiver.received).toHaveLength(1);
});

test('after five failures in a row a webhook is only probed, and all that waits is sent when it responds again', async () => {
  const { id } = await on.add(receiver.url);
  let isBroken = true;
  // One at a time, so that the number of requests is known.
  receiver.react = () => (isBroken ? 503 : 200);
  for (let nth = 1; nth <= 5; nth++) {
    await on.publish(issued(String(nth)));
    await eventually(() => receiver.received.length === nth);
    await eventually(async () => (await on.webhook(id)).failures === nth);
  }
  await on.publish(...Array.from({ length: 20 }, (_, index) => issued(String(100 + index))));
  await sleep(1_500);
  expect(receiver.received).toHaveLength(5);
  expect((await on.webhook(id)).resumesAt).toBeDefined();
  on.advance(MINUTE_MS);
  await eventually(async () => (await on.webhook(id)).failures === 6);
  await sleep(1_500);
  expect(receiver.received).toHaveLength(6);
  // As after many attempts: its own pause ends long after the receiver responds again.
  await on.database.pool.query(`
    update webhook.deliveries set due_at = due_at + interval '20 hours' where id = (select max(id) from webhook.deliveries)`);
  isBroken = false;
  on.advance(2 * MINUTE_MS);
  await allDelivered(id, 25);
  expect(await on.webhook(id)).toMatchObject({
    failures: 0,
    failingSince: undefined,
    resumesAt: undefined,
    waiting: 0,
  });
});

test('a pause that the receiver asks for is kept', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = (_, before) => (before === 0 ? { status: 429, retryAfter: '120' } : 200);
  await on.publish(issued('1'));
  await eventually(async () => (await on.webhook(id)).failures === 1);
  await on.publish(issued('2'));
  on.advance(MINUTE_MS);
  await sleep(1_500);
  expect(receiver.received).toHaveLength(1);
  on.advance(MINUTE_MS);
  await allDelivered(id, 2);
});

test('410 disables a webhook at once, with a line in the audit log, and what waits is sent when it is enabled', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = (_, before) => (before === 0 ? 410 : 200);
  await on.publish(issued('1'));
  await eventually(async () => !(await on.webhook(id)).enabled);
  expect(await on.webhook(id)).toMatchObject({ disabledReason: 'GONE', waiting: 1 });
  const { rows } = await on.database.pool.query<{ payload: string }>('select payload from platform.outbox');
  expect(rows.map(({ payload }) => payload).join()).toContain('disableWebhook');
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: true });
  await allDelivered(id, 1);
});

test('each time that a webhook is disabled by this system has an event without what may be secret, and an administrator causes none', async () => {
  const { id } = await on.add(`${receiver.url}/hooks?token=secret`);
  receiver.react = () => 410;
  for (const key of ['1', '2']) {
    await on.publish(issued(key));
    await eventually(async () => !(await on.webhook(id)).enabled);
    await on.api.updateWebhook({ ...UNCHANGED, id, enabled: true });
  }
  await eventually(async () => !(await on.webhook(id)).enabled);
  receiver.react = () => 200;
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: true });
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: false });
  const { rows } = await on.database.pool.query<{ payload: string }>(
    `select payload from platform.outbox where topics = '{webhook.disabled}' order by id`,
  );
  const events = rows.flatMap(({ payload }) => JSON.parse(payload)).map(({ common }) => common);
  expect(events).toHaveLength(3);
  for (const event of events) {
    expect(WEBHOOK_EVENTS['webhook.disabled'].data.parse(event)).toMatchObject({
      webhookId: String(id),
      origin: new URL(receiver.url).origin,
      reason: 'GONE',
    });
  }
  expect(new Set(events.map(({ auditId }) => auditId)).size).toBe(3);
  expect(JSON.stringify(rows)).not.toContain('secret');
});

test('a webhook for which more than 100,000 deliveries wait is disabled', async () => {
  const { id } = await on.add(receiver.url, ['coupon.used']);
  const fill = (from: number, to: number) =>
    on.database.pool.query(
      `insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, status, due_at, created_at)
       select $1, 'many-' || n, 'coupon.issued', 'couponId:' || n, '{}', 'PENDING', 'infinity', now() from generate_series($2::int, $3::int) as n`,
      [id, from, to],
    );
  await fill(1, 100_000);
  expect(await on.runJob('webhook.disable-full')).toBe(0);
  await fill(100_001, 100_001);
  expect(await on.runJob('webhook.disable-full')).toBe(1);
  expect(await on.webhook(id)).toMatchObject({ disabledReason: 'BACKLOG', waiting: 100_001 });
  const { rows } = await on.database.pool.query<{ payload: string }>(
    `select payload from platform.outbox where topics = '{webhook.disabled}'`,
  );
  expect(rows.map(({ payload }) => JSON.parse(payload)[0].common)).toMatchObject([{ reason: 'BACKLOG' }]);
});

test('a delivery is given up after eleven attempts, and the next one of its subject follows', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = ({ body }) => (body.type === 'coupon.issued' && body.data['couponId'] === '1' ? 500 : 200);
  await on.publish(issued('1'), used('1'));
  for (let attempt = 1; attempt <= 11; attempt++) {
    await eventually(async () => (await on.deliveries(id))[0]?.attempts === attempt);
    // A success between, so that the webhook itself is not at fault.
    await on.publish(issued('2'));
    await allDelivered(id, attempt === 11 ? 12 : attempt);
    on.advance(24 * HOUR_MS);
  }
  const [failed, next] = await on.deliveries(id);
  expect(failed).toMatchObject({ status: 'FAILED', attempts: 11 });
  expect(next).toMatchObject({ topic: 'coupon.used', status: 'DELIVERED' });
});

test('both secrets sign until the previous one ends', async () => {
  const { id, secret: first } = await on.add(receiver.url);
  const response = await on.api.rotateWebhookSecret({ id, overlapHours: 1, commandKey: undefined });
  const second = response.secret ?? '';
  expect(webhookOf(response).previousSecretUntil).toBeDefined();
  await on.publish(issued('1'));
  await allDelivered(id, 1);
  on.advance(HOUR_MS);
  await on.publish(issued('2'));
  await allDelivered(id, 2);
  const [both, one] = receiver.received;
  if (both === undefined || one === undefined) throw new Error('nothing was received');
  expect([verified(first, both), verified(second, both), verified(second, one)]).toEqual([
    both.body,
    both.body,
    one.body,
  ]);
  expect(() => verified(first, one)).toThrow();
});

test('a test event and a replay are sent at once, also while the webhook fails', async () => {
  const { id } = await on.add(receiver.url, ['coupon.issued']);
  let isBroken = true;
  receiver.react = () => (isBroken ? 500 : 200);
  for (let nth = 1; nth <= 5; nth++) {
    await on.publish(issued(String(nth)));
    await eventually(async () => (await on.webhook(id)).failures === nth);
  }
  isBroken = false;
  await on.api.testWebhook({ id, commandKey: undefined });
  await allDelivered(id, 6);
  expect(seen().at(5)).toBe('webhook.test undefined');
  const [delivery] = await on.deliveries(id);
  await on.api.replayWebhookDelivery({ id, deliveryId: delivery?.id ?? 0n, commandKey: undefined });
  await eventually(() => receiver.received.length === 12);
  expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(delivery?.messageId);
});

test('a receiver that does not respond delays no other one', async () => {
  const dead = await startWebhookReceiver();
  dead.react = () => 'SILENCE';
  // On a busy machine a receiver that responds at once may need longer than the other tests allow: it would fail, and be probed only.
  const patient = await webhookFixture({ webhooks: { timeoutMs: 50_000 } });
  const [slow, fast] = [await patient.add(dead.url), await patient.add(receiver.url)];
  const many = Array.from({ length: 200 }, (_, index) => issued(String(index + 1)));
  await patient.publish(...many);
  // On a busy machine a lease may end, and what was sent meanwhile is sent again.
  const arrived = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size;
  await eventually(() => arrived() === 200);
  expect((await patient.deliveries(slow.id, 'DELIVERED')).length).toBe(0);
  await eventually(async () => (await patient.webhook(fast.id)).waiting === 0);
  await dead.close();
  await patient.close();
});

test('personal data of a deleted user is erased, and not stored when it comes later', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = ({ body }) => (body.data['userId'] === '7' && body.type === 'user.signed_up' ? 500 : 200);
  const signedUp = (userId: string) => ({
    topic: 'user.signed_up',
    key: userId,
    data: { userId, email: 'ada@example.com' },
  });
  const deleted = (userId: string) => ({ topic: 'user.deleted', key: userId, data: { userId } });
  await on.publish(signedUp('6'), signedUp('7'));
  await allDelivered(id, 1);
  await eventually(async () => (await on.webhook(id)).failures === 1);
  await on.publish(deleted('6'), deleted('7'), deleted('8'));
  await on.publish(signedUp('8'));
  await allDelivered(id, 4);
  const stored = (await on.deliveries(id)).map(({ topic, subject, status, body }) => [
    topic,
    subject,
    status,
    body === undefined,
  ]);
  expect(stored).toEqual([
    ['user.signed_up', 'userId:6', 'DELIVERED', true],
    ['user.signed_up', 'userId:7', 'DROPPED', true],
    ...['6', '7', '8'].map((userId) => ['user.deleted', `userId:${userId}`, 'DELIVERED', false]),
  ]);
  const [erased] = await on.deliveries(id);
  const { outcome } = await on.api.replayWebhookDelivery({ id, deliveryId: erased?.id ?? 0n, commandKey: undefined });
  expect(outcome).toMatchObject({ $case: 'refusal', value: { code: 'WEBHOOK_DELIVERY_ERASED' } });
});

test('the external id of a deleted user is erased from stored bodies and not stored later, and that of the deletion is sent', async () => {
  const odd = 'ext:keycloak:a"\\,b';
  const external = on.start({ externalIdsOf: async (userIds) => new Map(userIds.map((userId) => [userId, odd])) });
  const publish = (...list: Parameters<typeof on.delivered>[0]) => external.consume(on.delivered(list));
  const { id } = await on.add(receiver.url);
  let isBroken = true;
  receiver.react = ({ body }) => (isBroken && body.data['couponId'] === '2' ? 500 : 200);
  const issuedTo = (key: string, userId = '7') => ({ ...issued(key), data: { userId, note: ',"externalId":"x"' } });
  await publish(issuedTo('1'), issuedTo('2'), issuedTo('3', '8'));
  await eventually(async () => (await on.deliveries(id)).every(({ attempts }) => attempts === 1));
  await publish({ topic: 'user.deleted', key: '7', data: { couponId: '4', userId: '7' } }, issuedTo('5'));
  isBroken = false;
  on.advance(5_000);
  await allDelivered(id, 5);
  await on.runJob('webhook.delete-old');
  const shown = (body: { readonly data: Readonly<Record<string, unknown>> }) => [
    body.data['couponId'],
    body.data['externalId'],
  ];
  const bodies = (await on.deliveries(id)).map(({ body }) => JSON.parse(body ?? ''));
  expect(bodies.map(shown)).toEqual([
    ['1', undefined],
    ['2', undefined],
    ['3', odd],
    ['4', undefined],
    ['5', undefined],
  ]);
  expect(bodies.map(({ data }) => data.note)).toEqual([
    issuedTo('1').data.note,
    issuedTo('2').data.note,
    issuedTo('3').data.note,
    undefined,
    issuedTo('5').data.note,
  ]);
  const sent = receiver.received.map(({ body }) => shown(body));
  expect(sent.filter(([couponId]) => couponId === '2')).toEqual([
    ['2', odd],
    ['2', undefined],
  ]);
  expect(sent).toContainEqual(['4', odd]);
  expect(sent).toContainEqual(['5', undefined]);
  await external.stop();
});

test('the external id of the owner of a store is sent, and erased and not stored later when the account is deleted', async () => {
  const externalIdsOf = async (userIds: readonly bigint[]) =>
    new Map(userIds.map((userId) => [userId, `ext:keycloak:${userId}`]));
  const external = on.start({ externalIdsOf });
  const changed = (storeId: string, ownerId: string) => ({
    ...{ topic: 'store.changed', key: storeId },
    data: { storeId, ownerId, userId: undefined, name: 'Cafe Sol' },
  });
  const { id } = await on.add(receiver.url);
  await external.consume(on.delivered([changed('1', '7'), changed('2', '8')]));
  await allDelivered(id, 2);
  const ownersOf = (list: readonly { readonly data: Readonly<Record<string, unknown>> }[]) =>
    list.map(({ data }) => [data['storeId'], data['ownerId'], data['ownerExternalId']]);
  const sent = [
    ['1', '7', 'ext:keycloak:7'],
    ['2', '8', 'ext:keycloak:8'],
  ];
  expect(ownersOf(receiver.received.map(({ body }) => body)).sort()).toEqual(sent);
  await external.consume(on.delivered([{ topic: 'user.deleted', key: '7', data: { userId: '7' } }, changed('3', '7')]));
  await allDelivered(id, 4);
  const stored = (await on.deliveries(id)).filter(({ topic }) => topic === 'store.changed');
  expect(ownersOf(stored.map(({ body }) => JSON.parse(body ?? ''))).sort()).toEqual([
    ['1', '7', undefined],
    ['2', '8', 'ext:keycloak:8'],
    ['3', '7', undefined],
  ]);
  await external.stop();
});

test('secrets of webhooks are encrypted with the new secret while it is given with the old one, previous ones too', async () => {
  const { id, secret } = await on.add(receiver.url);
  const rotated = await on.api.rotateWebhookSecret({ id, overlapHours: 24, commandKey: undefined });
  const both = on.start({ webhooks: { encryptionSecrets: ['the next secret', 'the secret of the test'] } });
  const reencrypt = both.jobs.find(({ name }) => name === 'webhook.reencrypt-secrets');
  const run = async () => await reencrypt?.run(new AbortController().signal);
  expect([await run(), await run()]).toEqual([1, 0]);
  const { rows } = await on.database.pool.query<{ present: Buffer; previous: Buffer }>(
    'select secret as present, previous_secret as previous from webhook.endpoints where id = $1',
    [id],
  );
  const next = secretBox(['the next secret']);
  const opened = (sealed: Buffer | undefined) =>
    webhookSecret(next.open(sealed ?? Buffer.alloc(0), id) ?? Buffer.alloc(0));
  expect([opened(rows[0]?.present), opened(rows[0]?.previous)]).toEqual([rotated.secret, secret]);
  await both.stop();
});

test('finished deliveries, and those of deleted webhooks, are deleted', async () => {
  const [kept, gone] = [await on.add(receiver.url), await on.add(receiver.url)];
  await on.publish(issued('1'));
  await allDelivered(kept.id, 1);
  await allDelivered(gone.id, 1);
  await on.api.deleteWebhook({ id: gone.id, commandKey: undefined });
  expect(await on.runJob('webhook.delete-old')).toBe(1);
  on.advance(8 * DAY_MS);
  expect(await on.runJob('webhook.delete-old')).toBe(1);
});

const UNCHANGED = { url: undefined, topics: undefined, description: undefined, commandKey: undefined };
