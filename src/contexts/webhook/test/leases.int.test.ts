import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../test/support/webhook-receiver.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import { postgresDeliveryQueue } from '../adapters/postgres/delivery-queue.ts';
import { LEASE_MS } from '../application/deliver/endpoint-lease.ts';
import { serveEndpoint } from '../application/deliver/serve-endpoint.ts';
import { HEALTHY } from '../domain/health.ts';
import { eventually, type WebhookFixture, webhookFixture } from './fixture.ts';

const UNCHANGED = {
  url: undefined,
  topics: undefined,
  description: undefined,
  enabled: undefined,
  commandKey: undefined,
};
/** As many as are on their way to one endpoint at the same time. */
const CONCURRENCY = 32;

let on: WebhookFixture;
let receiver: WebhookReceiver;
beforeEach(async () => {
  [on, receiver] = await Promise.all([webhookFixture({ webhooks: { timeoutMs: 10_000 } }), startWebhookReceiver()]);
});
afterEach(async () => {
  await receiver.close();
  await on.close();
});

const issued = (key: string) => ({ topic: 'coupon.issued', key });
const many = (count: number) => Array.from({ length: count }, (_, index) => issued(String(index + 1)));

function queueOf() {
  return postgresDeliveryQueue({ pool: on.database.pool, nextId: () => 1n, onEvents: () => {} });
}

/** The lease of the only endpoint, `afterMs` from now. */
async function leaseAfter(afterMs: number) {
  const queue = queueOf();
  const atMs = on.clock() + afterMs;
  const [leased] = await queue.acquire(new Date(atMs), new Date(atMs + LEASE_MS), [], 1);
  if (leased === undefined) throw new Error('nothing was leased');
  const renew = () => queue.renew(leased, new Date(atMs + 1), new Date(atMs + 1 + LEASE_MS));
  const record = async (id: bigint) => {
    const result = { id, status: 'DELIVERED', lastStatus: 200, lastError: null, dueAt: null } as const;
    return await queue.record(leased, { results: [result], health: HEALTHY, isRecovered: false }, new Date(atMs));
  };
  return {
    leased,
    renew,
    record,
    release: () => queue.release(leased),
    renewAt: (at: number) => queue.renew(leased, new Date(at), new Date(at + LEASE_MS)),
  };
}

test('a process whose lease another one has can neither renew it, record, nor release it', async () => {
  await on.stop();
  const { id } = await on.add(receiver.url);
  await on.publish(issued('1'));
  const first = await leaseAfter(0);
  const second = await leaseAfter(LEASE_MS + 1);
  const [delivery] = await on.deliveries(id);
  expect(await first.renewAt(on.clock() + LEASE_MS + 2)).toBeUndefined();
  expect(await first.record(delivery?.id ?? 0n)).toBe(false);
  expect((await on.deliveries(id))[0]).toMatchObject({ status: 'PENDING', attempts: 0 });
  await first.release();
  expect(await second.renew()).toBeDefined();
  expect(await second.record(delivery?.id ?? 0n)).toBe(true);
});

test('another URL ends the lease, so that what was sent to the earlier one is not recorded', async () => {
  await on.stop();
  const { id } = await on.add(receiver.url);
  await on.publish(issued('1'));
  const held = await leaseAfter(0);
  await on.api.updateWebhook({ ...UNCHANGED, id, url: `${receiver.url}/other` });
  expect(await held.renew()).toBeUndefined();
  const [delivery] = await on.deliveries(id);
  expect(await held.record(delivery?.id ?? 0n)).toBe(false);
});

test('a process that was suspended for longer than its lease begins no request, and records what it has sent while no other process leased the endpoint', async () => {
  await on.stop();
  const { id } = await on.add(receiver.url);
  await on.publish(...many(CONCURRENCY + 8));
  const { leased } = await leaseAfter(0);
  let suspendedMs = 0;
  const responses: (() => void)[] = [];
  const served = serveEndpoint(
    leased,
    {
      queue: queueOf(),
      send: () => new Promise((respond) => responses.push(() => respond({ kind: 'DELIVERED', status: 200 }))),
      clock: () => on.clock() + suspendedMs,
      elapsedMs: () => performance.now() + suspendedMs,
      onAttempt: () => {},
      onDisabled: () => {},
      listen: () => () => {},
    },
    new AbortController().signal,
  );
  await eventually(() => responses.length === CONCURRENCY);
  suspendedMs = LEASE_MS + 1;
  for (const respond of responses.slice()) respond();
  await served;
  expect(responses).toHaveLength(CONCURRENCY);
  expect(await on.deliveries(id, 'DELIVERED')).toHaveLength(CONCURRENCY);
});

/** Publishes more than are on their way at once, and returns what lets them all have their responses. */
async function withRequestsOnTheirWay(): Promise<() => void> {
  let respond = () => {};
  const responded = new Promise<number>((resolve) => {
    respond = () => resolve(200);
  });
  receiver.react = () => responded;
  await on.publish(...many(CONCURRENCY + 8));
  await eventually(() => receiver.received.length === CONCURRENCY);
  return respond;
}

test('after an administrator has disabled a webhook, only what was on its way arrives', async () => {
  const { id } = await on.add(receiver.url);
  const respond = await withRequestsOnTheirWay();
  await on.api.updateWebhook({ ...UNCHANGED, id, enabled: false });
  await sleep(1_500);
  respond();
  await sleep(500);
  expect(receiver.received).toHaveLength(CONCURRENCY);
});

test('after a secret was replaced without an overlap, requests are signed with the new one', async () => {
  const { id } = await on.add(receiver.url);
  const respond = await withRequestsOnTheirWay();
  const { secret = '' } = await on.api.rotateWebhookSecret({ id, overlapHours: 0, commandKey: undefined });
  await sleep(1_500);
  respond();
  await eventually(() => receiver.received.length === CONCURRENCY + 8);
  for (const { text, headers } of receiver.received.slice(CONCURRENCY))
    new Webhook(secret).verify(text, headers as Record<string, string>);
});

test('a webhook of which nothing can be sent, because a delivery waits for one that is put off, is not leased', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = () => 500;
  await on.publish(issued('1'));
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  await on.database.pool.query(`
    update webhook.deliveries set due_at = now() + interval '1 day';
    create table leases (at timestamptz);
    create function count_lease() returns trigger language plpgsql as $$ begin insert into leases values (now()); return null; end $$;
    create trigger count_leases after update of lease on webhook.endpoints for each row when (new.lease is not null) execute function count_lease();
  `);
  await on.publish({ topic: 'coupon.used', key: '1' });
  await sleep(1_500);
  expect((await on.database.pool.query('select from leases')).rowCount).toBe(0);
});

test('another URL makes due what was put off for the earlier one', async () => {
  const { id } = await on.add(receiver.url);
  receiver.react = ({ body: _ }, before) => (before === 0 ? 500 : 200);
  await on.publish(issued('1'));
  await eventually(async () => (await on.deliveries(id))[0]?.attempts === 1);
  await on.database.pool.query(`update webhook.deliveries set due_at = now() + interval '1 day'`);
  await on.api.updateWebhook({ ...UNCHANGED, id, url: `${receiver.url}/other` });
  await eventually(async () => (await on.deliveries(id, 'DELIVERED')).length === 1);
});

test('what waits for long is deleted where the webhook is disabled, and kept where it is enabled', async () => {
  await on.stop();
  const [enabled, disabled] = [await on.add(`${receiver.url}/enabled`), await on.add(`${receiver.url}/disabled`)];
  await on.publish(issued('1'));
  await on.api.updateWebhook({ ...UNCHANGED, id: disabled.id, enabled: false });
  on.advance(8 * DAY_MS);
  expect(await on.runJob('webhook.delete-old')).toBe(1);
  expect([await on.deliveries(enabled.id), await on.deliveries(disabled.id)].map(({ length }) => length)).toEqual([
    1, 0,
  ]);
});
