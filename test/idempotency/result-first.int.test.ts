// @module-tag rows
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.ts';
import { type Answer, call, configOf, openPolicy, policyBody, type Stage, stage } from '../attacks/support.ts';

// The state that a command found may have changed when it is repeated: the repeat gets the stored result.
let on: Stage;
let owner: pg.Pool;
beforeAll(async () => {
  on = await stage();
  owner = new pg.Pool({ connectionString: on.database.url });
});
afterAll(async () => {
  await owner.end();
  await on.stop();
});

/** The key of the requests of a test. */
const currentKey = (): string => `result of ${expect.getState().currentTestName}`;
const post = (path: string, json: unknown, token = on.token('1', 'ADMIN')): Promise<Answer> =>
  on.call('POST', path, {
    token,
    json,
    headers: { 'idempotency-key': currentKey() },
  });
const seen = ({ status, headers }: Answer) => [status, headers.get('idempotent-replayed')];
const coupons = async (id: string): Promise<number> =>
  (await owner.query('select count(*)::int as n from coupon.coupon_issues where policy_id = $1', [id])).rows[0].n;
const makeDownload = (id: string) =>
  owner.query(`update coupon.coupon_policies set distribution_type = 'DOWNLOAD' where id = $1`, [id]);

it('a repeated redemption returns its result after the policy got another code', async () => {
  const terms = { distributionType: 'CODE', code: 'BEFORE-2026', maxIssuePerUser: 3 };
  const id = await openPolicy(on, terms);
  const redeem = () => post('/api/v1/coupons/download', { couponCode: 'BEFORE-2026' }, on.token('77'));
  const first = await redeem();
  const changed = await on.call('PUT', `/api/v1/admin/coupon-policies/${id}`, {
    token: on.token('1', 'ADMIN'),
    json: { ...policyBody({ ...terms, code: 'AFTER-2026' }), version: 1 },
  });
  const again = await redeem();
  expect([first.status, changed.status, ...seen(again)]).toEqual([201, 200, 201, 'true']);
  expect(again.text).toBe(first.text);
});

it('a repeated generation of codes returns its result after the policy stopped accepting codes', async () => {
  const id = await openPolicy(on, { distributionType: 'CODE' });
  const generate = () => post(`/api/v1/coupon-policies/${id}/codes`, { count: 3 });
  const first = await generate();
  await makeDownload(id);
  const again = await generate();
  expect([first.status, ...seen(again)]).toEqual([202, 202, 'true']);
});

it('a repeated list returns its result after the policy stopped accepting lists', async () => {
  const id = await openPolicy(on, { distributionType: 'DIRECT' });
  const issue = () =>
    post('/api/v1/coupons/direct-issue', { couponPolicyId: id, userIds: ['42', '43'], issuedBy: 'jane' });
  const first = await issue();
  await makeDownload(id);
  const again = await issue();
  expect([first.status, ...seen(again)]).toEqual([first.status, first.status, 'true']);
  expect(await coupons(id)).toBe(2);
});

it('a list whose node stopped between its rows and its conclusion issues one coupon for each row', async () => {
  const id = await openPolicy(on, { distributionType: 'DIRECT', maxIssuePerUser: 9 });
  const json = { couponPolicyId: id, userIds: ['42', '42', '43'], issuedBy: 'joe' };
  const first = await post('/api/v1/coupons/direct-issue', json);
  const isConclusion = `key = $1 and scope not like '%(begun)'`;
  const lost = await owner.query(`delete from platform.command_results where ${isConclusion}`, [currentKey()]);
  expect(lost.rowCount).toBe(1);
  const again = await post('/api/v1/coupons/direct-issue', json);
  expect(seen(again)).toEqual([first.status, null]);
  expect(again.body.results).toEqual(first.body.results);
  expect(await coupons(id)).toBe(3);
});

it('concurrent requests with one key on two nodes have one effect, and both get its result', async () => {
  const second = await startServer(configOf(on.database.programUrl));
  try {
    const policies = await Promise.all(Array.from({ length: 20 }, () => openPolicy(on)));
    for (const [index, policyId] of policies.entries()) {
      const other = policies[(index + 1) % policies.length];
      const ask = (base: string, id: string | undefined) =>
        call(base, 'POST', '/api/v1/coupons/issue', {
          token: on.token(String(500 + index)),
          json: { policyId: id },
          headers: { 'idempotency-key': `two nodes ${index}` },
        });
      // The locks of two policies do not exclude each other: only the key does.
      const answers = await Promise.all([ask(on.url, policyId), ask(second.url, other)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    }
  } finally {
    await second.stop();
  }
});
