import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { type CheckoutServices, executeStep } from '../../src/contexts/order/application/checkout/execute-step.ts';
import { createPoint } from '../../src/contexts/point/module.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { systemClock } from '../../src/platform/kernel/clock.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { testDatabase } from '../support/postgres.ts';

const home = await testDatabase();
const database = openDatabase({ url: home.url, onError: () => {} });
const log = pino({ level: 'silent' });
const metrics = new Registry();
const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
const nextId = snowflake(() => 1, Date.now);
const { api: point, stop } = createPoint({ database, bus, clock: systemClock, nextId, metrics, log });
afterAll(async () => {
  await stop();
  await database.close();
  await home.drop();
});

let userId = 100n;
beforeEach(() => {
  userId++;
});

const unexpected = () => Promise.reject(new Error('this call is not expected'));
const others: Omit<CheckoutServices, 'point'> = {
  coupon: {
    reserveCoupon: unexpected,
    confirmReservation: unexpected,
    releaseReservation: unexpected,
    restoreCoupon: unexpected,
  },
  provider: { begin: unexpected, refund: unexpected },
};
/** Pays 3,000 points for a payment of the user's order. */
const pay = (paymentId: bigint) =>
  executeStep(
    { ...others, point },
    { kind: 'SPEND_POINTS', paymentId, userId, orderId: `${userId}:pay:${paymentId}`, amount: 3_000n },
  );
const charge = (amount: bigint, key: string) => point.chargePoints({ userId, amount, key });
async function balance(): Promise<readonly [available: bigint, held: bigint]> {
  const { available, held } = await point.getBalance({ userId });
  return [available, held];
}
it('a payment with points takes them once, however often it is retried', async () => {
  await charge(10_000n, 'a');
  for (let tries = 0; tries < 3; tries++) expect(await pay(1n)).toMatchObject({ kind: 'MONEY_IN', amount: 3_000n });
  expect(await balance()).toEqual([7_000n, 0n]);
});

it('a payment with points that was refused stays refused, and the next one is accepted', async () => {
  expect(await pay(1n)).toMatchObject({ kind: 'MONEY_REFUSED', refusal: { code: 'INSUFFICIENT_POINTS' } });
  await charge(10_000n, 'a');
  // A driver that is late: it would take points for a payment that has failed.
  expect(await pay(1n)).toMatchObject({ kind: 'MONEY_REFUSED', refusal: { code: 'INSUFFICIENT_POINTS' } });
  expect(await balance()).toEqual([10_000n, 0n]);
  expect(await pay(2n)).toMatchObject({ kind: 'MONEY_IN' });
  expect(await balance()).toEqual([7_000n, 0n]);
});

it('a payment with points takes them once for concurrent callers', async () => {
  await charge(10_000n, 'a');
  const results = await Promise.all(Array.from({ length: 20 }, () => pay(1n)));
  expect(results).toEqual(Array(20).fill(expect.objectContaining({ kind: 'MONEY_IN', amount: 3_000n })));
  expect(await balance()).toEqual([7_000n, 0n]);
});
