// @module-tag rows
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { oneDatabase } from '../../src/app/databases.ts';
import { checkoutRush } from '../../src/commands/rush/checkout/checkout-rush.ts';
import { couponRush } from '../../src/commands/rush/coupon/coupon-rush.ts';
import { figuresOf } from '../../src/commands/rush/figures.ts';
import type { Rush, RushContext } from '../../src/commands/rush/rush.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { timeSaleRush } from '../../src/commands/rush/timesale/time-sale-rush.ts';
import { SECRET, type Stage, stage } from '../attacks/support.ts';

const CONNECTIONS = 32;
let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.stop());

async function rushOf<Data>(firstUser: bigint, prepare: (context: RushContext) => Promise<Rush<Data>>) {
  const url = new URL(on.url);
  const databaseUrl = on.database.url;
  const stored = { databases: oneDatabase(databaseUrl), shards: { own: undefined, of: {} } };
  const rush = await prepare({
    system: { url, ...stored, kafka: undefined, jwtSecrets: [SECRET] },
    tokens: on.server.tokens,
    connections: CONNECTIONS,
    nowMs: Date.now(),
    firstUser,
    say() {},
  });
  const history = await sendAll(rush.profile, { urls: [url], connections: CONNECTIONS });
  const wrong = (await rush.check(history, stored)).filter(({ ok }) => !ok);
  const audit = await runAudits(databaseUrl, rush.audit.scope);
  return { wrong, figures: figuresOf(history, rush), broken: audit.audits.filter(({ ok }) => !ok) };
}

const EXACT = { wrong: [], broken: [] };

it('a rush issues exactly the coupons of the policy', async () => {
  const done = await rushOf(1_000_000n, couponRush(300, 40));
  expect(done).toMatchObject(EXACT);
  expect(done.figures).toMatchObject({ errors: 0, answers: { issued: { count: 40 }, 'sold out': { count: 260 } } });
});

it('a rush sells exactly the units of a time sale, one to each user, also to those who order twice', async () => {
  const done = await rushOf(2_000_000n, timeSaleRush(300, 40));
  expect(done).toMatchObject(EXACT);
  expect(done.figures).toMatchObject({ errors: 0, answers: { ordered: { count: 40 } } });
});

it('with enough units only second orders of a user are refused', async () => {
  const done = await rushOf(3_000_000n, timeSaleRush(100, 120));
  expect(done).toMatchObject(EXACT);
  expect(done.figures).toMatchObject({
    errors: 0,
    answers: { ordered: { count: 100 }, 'out of stock': { count: 0 }, 'over the limit': { count: 5 } },
  });
});

it('a rush of checkouts, some with a coupon, leaves consistent books', async () => {
  const done = await rushOf(4_000_000n, checkoutRush(120));
  expect(done).toMatchObject(EXACT);
  expect(done.figures).toMatchObject({ errors: 0, answers: { ordered: { count: 120 }, paid: { count: 120 } } });
});
