// one Idempotency-Key, two effects. Every other part of the promise "at most once per key" is asserted as it should be.
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { call, configOf, policyBody, SECRET } from '../attacks/support.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';

let home: TestDatabase;
let proxy: PostgresProxy;
let server: Server;
let owner: pg.Client;
beforeAll(async () => {
  home = await testDatabase();
  proxy = await postgresProxy(home.programUrl);
  server = await startServer(configOf(proxy.url));
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
});
afterAll(async () => {
  await server.stop();
  await owner.end();
  await proxy.close();
  await home.drop();
});
const token = () => {
  const iat = Math.floor(Date.now() / 1000);
  return server.tokens.sign({ sub: '1', role: 'ADMIN', iat, exp: iat + 900 });
};
const create = (key: string, name: string) =>
  call(server.url, 'POST', '/api/v1/coupon-policies', {
    token: token(),
    json: policyBody({ name, validFrom: '2026-01-01T00:00:00Z', validUntil: '2099-01-01T00:00:00Z' }),
    headers: { 'idempotency-key': key },
  });
const count = async (name: string) =>
  (await owner.query('select count(*)::int n from coupon.coupon_policies where name = $1', [name])).rows[0].n;

it('the answer to COMMIT is lost: the same key again makes a second policy', async () => {
  const before = proxy.cuts();
  proxy.atNextCommit('answer lost');
  const first = await create('k-lost', 'lost');
  expect(proxy.cuts()).toBe(before + 1);
  const stored = await count('lost');
  const kept = (await owner.query("select state from platform.idempotency_keys where key = 'k-lost'")).rows;
  const again = await create('k-lost', 'lost');
  console.log({
    first: [first.status, first.body.code],
    policiesAfterFirst: stored,
    keyAfterFirst: kept,
    again: again.status,
    policies: await count('lost'),
  });
  expect(await count('lost')).toBe(1);
});

it('the answer could not be kept (the node died, or PostgreSQL was away for a moment): 30 s later the same key makes a second', async () => {
  await owner.query(
    `create function public.die() returns trigger language plpgsql as $$ begin raise exception 'away' using errcode = '57P03'; end $$`,
  );
  await owner.query(
    `create trigger die before update on platform.idempotency_keys for each row when (new.state = 'DONE') execute function public.die()`,
  );
  const first = await create('k-died', 'died');
  await owner.query('drop trigger die on platform.idempotency_keys');
  const kept = (await owner.query("select state from platform.idempotency_keys where key = 'k-died'")).rows;
  const soon = await create('k-died', 'died');
  // 30 s pass.
  await owner.query(
    "update platform.idempotency_keys set locked_until = clock_timestamp() - interval '1 ms' where key = 'k-died'",
  );
  const again = await create('k-died', 'died');
  console.log({
    first: first.status,
    kept,
    soon: [soon.status, soon.body.code],
    again: again.status,
    policies: await count('died'),
  });
  expect(await count('died')).toBe(1);
});
