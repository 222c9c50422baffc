// @module-tag process
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, until } from '../attacks/support.ts';

/** Holds the policy's row, so that whatever issues under it stays in flight until the returned function is called. */
async function holdPolicy(on: Stage, policyId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from coupon.coupon_policies where id = $1 for update', [policyId]);
  return async () => {
    await client.query('commit');
    await client.end();
  };
}

const batchSessionsWait = async (on: Stage): Promise<boolean> => {
  const client = new pg.Client({ connectionString: on.database.url });
  await client.connect();
  const { rows } = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and application_name = 'stampede-lane' and wait_event_type = 'Lock'`,
  );
  await client.end();
  return rows.length > 0;
};

const connections = async (on: Stage): Promise<number> => {
  const { text } = await on.call('GET', '/metrics');
  return Number(/^stampede_http_connections (\d+)$/m.exec(text)?.[1]);
};

describe('stopping', () => {
  it('a stop responds to every accepted request, ends streams, and accepts no new connections', async () => {
    const on = await stage();
    const policyId = await openPolicy(on);
    const stream = await fetch(`${on.url}/api/v1/coupons/policies/${policyId}/stock/stream`);
    const release = await holdPolicy(on, policyId);
    const issues = Array.from({ length: 50 }, (_, user) =>
      on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(String(600 + user)) }),
    );
    await until(() => batchSessionsWait(on));
    // All are accepted, in addition to the connections of the stream and of this query.
    await until(async () => (await connections(on)) >= issues.length + 2);
    const stopped = on.stop();
    await sleep(200);
    await release();
    const answers = await Promise.all(issues);
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    await stopped;
    expect(await stream.text()).toContain('event: stock');
    await expect(fetch(`${on.url}/healthz`)).rejects.toThrow();
  });

  it('a stop does not wait for idle keep-alive connections', async () => {
    const on = await stage();
    const { port, hostname } = new URL(on.url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const closed = once(idle, 'close');
    await on.stop();
    await closed;
  });

  it('a server is not ready from the first moment of its stop', async () => {
    const on = await stage();
    const policyId = await openPolicy(on);
    const { port, hostname } = new URL(on.url);
    // The connection was accepted before the stop, its request comes after it: only the listener is closed.
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const release = await holdPolicy(on, policyId);
    const issue = on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token('700') });
    await until(() => batchSessionsWait(on));
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n');
    await sleep(50);
    const stopped = on.stop();
    socket.write('\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 503 /);
    await release();
    expect((await issue).status).toBe(201);
    await stopped;
  });

  it('a second stop has no effect', async () => {
    const on = await stage();
    await Promise.all([on.server.stop(), on.server.stop()]);
    await on.stop();
  });
});
