import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { webhookAudits } from './audits.ts';

let home: TestDatabase;
let owner: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  await owner.query(`
    insert into webhook.endpoints (id, url, topics, description, enabled, secret, created_at, updated_at)
    values (1, 'https://shop.example.com/', '{*}', '', true, 'secret', now(), now())`);
  await owner.query(DELIVERY);
  await owner.query(`insert into webhook.forgotten_users values ('userId:7', now() - interval '1 day')`);
  // What the audits look for may not be what a constraint would have kept out.
  await owner.query('alter table webhook.deliveries drop constraint deliveries_once');
  await owner.query('alter table webhook.endpoints drop constraint endpoints_disabled');
});
afterEach(async () => {
  await owner.end();
  await home.drop();
});

const DELIVERY = `
  insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, status, due_at, created_at)
  values (1, 'e-1:0', 'user.signed_up', 'userId:8', '{}', 'PENDING', now(), now())`;

const violations = async () => {
  const found: string[] = [];
  for (const audit of webhookAudits) found.push(...(await audit.run(owner, {})).violations);
  return found;
};

it('the audits of webhooks accept what the context writes', async () => expect(await violations()).toEqual([]));

it.each([
  ['a second delivery of an event', DELIVERY, 'webhook 1 has 2 deliveries of event e-1:0'],
  [
    'a reason of an enabled webhook',
    `update webhook.endpoints set disabled_reason = 'GONE', disabled_at = now()`,
    'webhook 1: enabled is t, the reason is GONE',
  ],
  [
    'a process that sends to a disabled webhook',
    `update webhook.endpoints set enabled = false, disabled_reason = 'GONE', disabled_at = now(), lease = gen_random_uuid()`,
    'webhook 1 is disabled, and a process sends to it',
  ],
  [
    'what is kept of a deleted user',
    `update webhook.deliveries set subject = 'userId:7'`,
    expect.stringMatching(/^delivery \d+ of webhook 1 has what was deleted of userId:7$/),
  ],
  [
    'the external id of a deleted user',
    `update webhook.deliveries set topic = 'coupon.issued', identified_user = 'userId:7'`,
    expect.stringMatching(/^delivery \d+ of webhook 1 has what was deleted of userId:7$/),
  ],
])('the audits of webhooks find %s', async (_, fault, violation) => {
  await owner.query(fault);
  expect(await violations()).toEqual([violation]);
});
