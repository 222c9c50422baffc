import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { seedText } from '../../commands/seed/seed-text.ts';
import { runAudits } from '../audits/run-audits.ts';
import { type Composed, compose } from '../compose.ts';
import { readSettings } from '../config.ts';
import { seed } from './seed.ts';

let database: TestDatabase;
let system: Composed;

beforeAll(async () => {
  database = await testDatabase();
  const config = { ...readSettings({}), databaseUrl: database.url, jwtSecrets: ['x'.repeat(32)] };
  system = await compose(config, { log: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await system.stop();
  await database.drop();
});

test('seeding adds an owner who can log in and policies and products of every status, and the audit holds', async () => {
  const { owner, policies, products } = await seed(system.contexts.apis, Date.now());

  expect(
    policies.map(({ policy, added }) => [policy.terms?.code, policy.status, policy.currentIssueCount, added]),
  ).toEqual([
    ['DEMO-OPEN', 'ACTIVE', 7, true],
    ['DEMO-SOON', 'PENDING', 0, true],
    ['DEMO-SOLD-OUT', 'EXHAUSTED', 3, true],
    ['DEMO-DOWNLOAD', 'ACTIVE', 5, true],
    ['DEMO-PAUSED', 'PAUSED', 2, true],
    ['DEMO-ENDED', 'ENDED', 4, true],
  ]);
  expect(
    products.map(({ product, timeSale, added }) => [product.status, product.stock, timeSale?.status, added]),
  ).toEqual([
    ['ON_SALE', 400, 'ACTIVE', true],
    ['ON_SALE', 40, 'SCHEDULED', true],
    ['ON_SALE', 40, undefined, true],
    ['SOLD_OUT', 0, undefined, true],
  ]);
  const login = await system.contexts.apis.identity.logIn({ email: owner.email, password: owner.password ?? '' });
  expect(login.outcome?.$case).toBe('tokens');

  const report = await runAudits(database.url, {});
  expect(report.audits.flatMap(({ violations }) => violations)).toEqual([]);
  expect(report).toMatchObject({ ok: true });
});

test('a second run changes nothing and reports that', async () => {
  const again = await seed(system.contexts.apis, Date.now());
  expect([...again.policies, ...again.products].map(({ added }) => added)).not.toContain(true);
  expect(again.products.map(({ product, timeSale }) => [product.stock, timeSale])).toEqual([
    [400, undefined],
    [40, undefined],
    [40, undefined],
    [0, undefined],
  ]);
  expect(again.owner).toEqual({ email: 'owner@stampede.local' });
  const text = seedText(again, 'http://127.0.0.1:4000');
  expect(text).toContain('The demo data is there already.');
  expect(text).toContain(`http://127.0.0.1:4000/api/v1/coupon-policies/${again.policies[0]?.policy.id}`);
  expect(text).toContain('12900  8600, 100 left  was there  Ceramic mug, a third off today');
});

test('the next run creates a time sale that an interrupted run did not create', async () => {
  await system.database.pool.query(
    `with gone as (delete from orders.time_sales where sale_price = 44500 returning product_id, quantity)
     update orders.products set stock = stock + quantity from gone where id = product_id`,
  );
  const { products } = await seed(system.contexts.apis, Date.now());
  expect(products.map(({ timeSale, added }) => [timeSale?.salePrice, added])).toEqual([
    [undefined, false],
    [44_500n, false],
    [undefined, false],
    [undefined, false],
  ]);
});

test('the audit looks at one moment while coupons are being issued', async () => {
  const { policies } = await seed(system.contexts.apis, Date.now());
  const policyId = policies[0]?.policy.id ?? 0n;
  const issuing = Promise.all(
    Array.from({ length: 900 }, (_, i) =>
      system.contexts.apis.coupon.issueCoupon({ policyId, userId: 50_000n + BigInt(i) }),
    ),
  );
  const reports = await Promise.all([1, 2, 3, 4].map(() => runAudits(database.url, { policyId })));
  await issuing;
  expect(reports.flatMap(({ audits }) => audits.flatMap(({ violations }) => violations))).toEqual([]);
  expect((await runAudits(database.url, { policyId })).audits[0]?.figures).toEqual({ policies: 1, coupons: 907 });
});
