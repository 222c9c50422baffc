// @module-tag rows
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { type Answer, configOf, type Stage, stage } from '../attacks/support.ts';
import { mailSettings } from '../support/mail.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { pushSettings } from '../support/push.ts';
import { attemptOf } from './fixtures.ts';
import { keyedOperations, sameBodies, send } from './keyed-operations.ts';

// What a repeat gets while the first request with its key is still running: on the same node and on another one.
let proxy: PostgresProxy;
let node: Server;
let other: Stage;
let owner: pg.Pool;
beforeAll(async () => {
  other = await stage({ sandbox: true, mail: mailSettings(), push: pushSettings() });
  proxy = await postgresProxy(other.database.programUrl);
  node = await startServer(configOf(proxy.url, { sandbox: true, mail: mailSettings(), push: pushSettings() }));
  owner = new pg.Pool({ connectionString: other.database.url });
});
afterAll(async () => {
  await node.stop();
  await owner.end();
  await proxy.close();
  await other.stop();
});

const ONLY = process.env['IDEMPOTENCY_ONLY'] ?? '';
const toldToWait = ({ status, body, headers }: Answer) => [status, body?.code, Number(headers.get('retry-after')) >= 1];
const TOLD_TO_WAIT = [409, 'IDEMPOTENCY_KEY_IN_USE', true];
const replayed = ({ status, headers }: Answer) => [status, headers.get('idempotent-replayed')];

it('every operation refuses a repeat at once with 409 and Retry-After while the first request is processed', async () => {
  const operations = (await keyedOperations(other)).filter(({ id }) => id.includes(ONLY));
  expect(operations.length).toBeGreaterThan(ONLY === '' ? 40 : 0);
  const failures: unknown[] = [];
  for (const { id, method, status: usual } of operations) {
    const attempt = await attemptOf(id, other, owner);
    const { status = usual } = attempt;
    const key = `in use ${id}`;
    const committed = proxy.withholdCommit(key, 1);
    const asked = send(node.url, method, attempt, key);
    await committed;
    const meanwhile = await send(node.url, method, attempt, key);
    proxy.passOn();
    const first = await asked;
    const later = await send(node.url, method, attempt, key);
    const seen = {
      id,
      meanwhile: toldToWait(meanwhile),
      first: first.status,
      later: replayed(later),
      same: sameBodies(attempt.varying, [first, later]),
      effects: await attempt.effects(),
    };
    const wanted = { id, meanwhile: TOLD_TO_WAIT, first: status, later: [status, 'true'], same: true, effects: 1 };
    if (JSON.stringify(seen) !== JSON.stringify(wanted)) failures.push(seen);
  }
  expect(failures).toEqual([]);
});

describe('a repeat on another node', () => {
  it('a repeat on another node of an operation with its own transaction is refused at once with 409 and Retry-After', async () => {
    const id = 'POST /api/v1/products';
    const attempt = await attemptOf(id, other, owner);
    const locked = await lock('lock table orders.products in exclusive mode');
    const asked = send(node.url, 'POST', attempt, 'in use elsewhere');
    await untilWaiting(1);
    const meanwhile = await send(other.url, 'POST', attempt, 'in use elsewhere');
    await locked.release();
    const first = await asked;
    const later = await send(other.url, 'POST', attempt, 'in use elsewhere');
    expect([toldToWait(meanwhile), first.status, replayed(later)]).toEqual([TOLD_TO_WAIT, 201, [201, 'true']]);
    expect([later.body, await attempt.effects()]).toEqual([first.body, 1]);
  });

  // Decided in batches under locks: the repeat waits for the row as any other command does. A second issue is refused by then, so
  // only a result that is read under the locks can be its response.
  it.each([
    [
      'issues a coupon',
      'POST /api/v1/coupons/policies/{policyId}/issue',
      `update coupon.coupon_policies set max_issue_per_user = 1;
       select from coupon.coupon_policies for no key update`,
    ],
    ['uses a coupon', 'POST /api/v1/coupons/{couponId}/use', 'select from coupon.coupon_issues for no key update'],
    ['reverses a transaction', 'POST /api/v1/points/cancel', 'select from point.accounts for no key update'],
    ['refunds an order', 'POST /api/v1/orders/{orderId}/refund', 'select from orders.orders for no key update'],
  ])(
    'a repeat on another node of a command that %s waits for the first one and gets its result',
    async (_, id, lockRows) => {
      const operation = (await keyedOperations(other)).find((each) => each.id === id);
      const attempt = await attemptOf(id, other, owner);
      const key = `first of two ${id}`;
      const locked = await lock(lockRows);
      const asked = send(node.url, 'POST', attempt, key);
      await untilWaiting(1);
      const repeat = send(other.url, 'POST', attempt, key);
      await untilWaiting(2);
      await locked.release();
      const [first, second] = await Promise.all([asked, repeat]);
      expect([replayed(first), replayed(second)]).toEqual([
        [operation?.status, null],
        [operation?.status, 'true'],
      ]);
      expect([second.body, await attempt.effects()]).toEqual([first.body, 1]);
    },
  );
});

/** Holds locks until they are released. */
async function lock(text: string): Promise<{ release(): Promise<void> }> {
  const client = await owner.connect();
  await client.query('begin');
  await client.query(text);
  return {
    async release() {
      await client.query('commit');
      client.release();
    },
  };
}

/** Until so many sessions of this database wait for a lock. */
async function untilWaiting(sessions: number): Promise<void> {
  const sql = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await owner.query(sql)).rows[0].n < sessions) await sleep(20);
}
