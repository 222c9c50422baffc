import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KillableProcess, killableProcess, ProcessDied } from '../../../../test/checkout/killable-process.ts';
import { provider } from '../../../../test/checkout/provider.ts';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { createNotifier } from '../../../platform/kernel/notifier.ts';
import { Unavailable } from '../../../platform/kernel/refusal.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import type { ChargeResponse } from '../api.ts';
import { getCharge } from '../application/charges/get-charge.ts';
import { reportCharge } from '../application/charges/report-charge.ts';
import { startCharge } from '../application/charges/start-charge.ts';
import { pointLedger } from '../application/point-ledger.ts';
import { cancelTransaction } from '../application/postings/cancel-transaction.ts';
import { resumeCharges } from '../application/scheduled/resume-charges.ts';
import { CHARGE_LIFE_MS } from '../domain/charges/charge.ts';
import { BALANCE_MAX, NOW_MS } from './commands.ts';
import { expectSound, nodeOver } from './open-stores.ts';

const USER = 7n;
const ADMIN = { userId: 1n, role: 'ADMIN' };
const nextId = countingIds(1_001n);

let home: TestDatabase;
let shared: ReturnType<typeof nodeOver>;
let outside: ReturnType<typeof provider>;
const clock = { ms: NOW_MS };
const ledgers: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  home = await testDatabase();
  clock.ms = NOW_MS;
  shared = nodeOver(home.programUrl, nextId, clock);
  outside = provider();
});
afterEach(async () => {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.stop()));
  await shared.database.close();
  await expectSound(home.url);
  await home.drop();
});

/** A node. Everything that it can change goes through a process that may die. */
function node(process: KillableProcess = killableProcess(Number.POSITIVE_INFINITY), currency = 'KRW') {
  const ledger = pointLedger({
    storeFor: () => process.killable({ changeBatch: shared.store.changeBatch }),
    clock: () => clock.ms,
    nextId,
    balanceMax: BALANCE_MAX,
    classify: (error) => (error instanceof ProcessDied ? 'poison' : classifyFailure(error)),
    batchMax: 16,
  });
  ledgers.push(ledger);
  const deps = { ledger, provider: process.killable(outside), currency, onStepFailure: () => {} };
  const withTimeout = <Result>(work: Promise<Result>) => work;
  const { run } = resumeCharges({
    ...deps,
    reader: shared.store,
    now: async () => clock.ms,
    withTimeout,
    changed: createNotifier(),
  });
  return {
    start: (amount: bigint, key = 'a') => startCharge({ ...deps, withTimeout })({ userId: USER, amount, key }),
    startWithoutProvider: startCharge({ ...deps, provider: undefined, withTimeout }),
    get: (chargeId: bigint) => getCharge(shared.store)({ principal: ADMIN, chargeId }),
    report: (chargeId: bigint, amount: bigint, paymentId = chargeId, status = 'COMPLETED') =>
      reportCharge({ ledger, reader: shared.store, onRefund: () => {} })({ chargeId, paymentId, status, amount }),
    cancel: (transactionId: bigint) =>
      cancelTransaction(shared.store, ledger, () => {})({ principal: ADMIN, transactionId, reason: 'by mistake' }),
    resume: () => run(new AbortController().signal),
  };
}

const chargeIn = ({ outcome }: ChargeResponse) => {
  if (outcome?.$case !== 'charge') throw new Error(`no charge: ${outcome?.value.code}`);
  return outcome.value;
};
const said = ({ outcome, replayed }: ChargeResponse) => [
  outcome?.$case === 'charge' ? outcome.value.status : outcome?.value.code,
  replayed,
];
const balance = async () =>
  (await shared.store.balance({ userId: USER, nowMs: clock.ms, soonMs: clock.ms, expiringMax: 0 })).balance;

describe('a charge that is paid for', () => {
  it('a charge is PENDING with a link, and a repeat gets that response also after it was paid', async () => {
    const first = await node().start(500n);
    const { id, providerUrl } = chargeIn(first);
    expect([said(first), providerUrl]).toEqual([['PENDING', false], `https://pay.example/pay_${id}`]);
    expect(said(await node().report(id, 500n))).toEqual(['COMPLETED', false]);
    expect(await node().start(500n)).toEqual({ ...first, replayed: true });
    expect(chargeIn(await node().get(id))).toMatchObject({
      status: 'COMPLETED',
      balance: 500n,
      providerUrl: undefined,
    });
    expect([await balance(), outside.asked()]).toEqual([500n, 1]);
  });

  it('a charge keeps the currency of the node that opened it, also at a node with another one', async () => {
    const first = await node(undefined, 'USD').start(500n);
    expect(chargeIn(first).currency).toBe('USD');
    const { id } = chargeIn(first);
    expect(chargeIn(await node().start(500n)).currency).toBe('USD');
    expect(chargeIn(await node().report(id, 500n)).currency).toBe('USD');
    expect(chargeIn(await node().get(id)).currency).toBe('USD');
    expect(chargeIn(await node().start(500n, 'b')).currency).toBe('KRW');
  });

  it('a charge that the provider takes at once is COMPLETED with the balance, and so is its repeat after a cancellation', async () => {
    outside.behave('COMPLETE');
    const first = await node().start(500n);
    expect(chargeIn(first)).toMatchObject({ status: 'COMPLETED', balance: 500n });
    await node().cancel(chargeIn(first).transactionId ?? 0n);
    expect(await node().start(500n)).toEqual({ ...first, replayed: true });
    expect(said(await node().get(chargeIn(first).id))).toEqual(['REFUNDED', false]);
  });

  it('a charge that the provider declines is refused, and so is its repeat', async () => {
    outside.behave('DECLINE');
    expect(said(await node().start(500n))).toEqual(['PAYMENT_DECLINED', false]);
    outside.behave('COMPLETE');
    expect(said(await node().start(500n))).toEqual(['PAYMENT_DECLINED', true]);
    expect(await balance()).toBe(0n);
  });

  it('docs/attacks.md 73: a charge without a provider is refused, and leaves nothing', async () => {
    const { outcome } = await node().startWithoutProvider({ userId: USER, amount: 500n, key: 'a' });
    expect(outcome?.value).toMatchObject({ code: 'PAYMENT_PROVIDER_REQUIRED' });
    expect(await shared.store.nextChargeMs()).toBeUndefined();
  });

  it('a charge whose provider is away is retried with its key or by the scheduler, and ends when its time is over', async () => {
    outside.behave('AWAY');
    await expect(node().start(500n)).rejects.toThrow(Unavailable);
    await expect(node().start(500n)).rejects.toThrow(Unavailable);
    clock.ms += 10_000;
    await node().resume();
    outside.behave('LATER');
    clock.ms += 60_000;
    await node().resume();
    expect(outside.asked()).toBe(1);
    expect(said(await node().start(500n))).toEqual(['PENDING', true]);
    outside.behave('AWAY');
    await expect(node().start(300n, 'b')).rejects.toThrow(Unavailable);
    clock.ms += CHARGE_LIFE_MS;
    await node().resume();
    expect(said(await node().start(300n, 'b'))).toEqual(['CHARGE_EXPIRED', true]);
    expect(await shared.store.nextChargeMs()).toBeUndefined();
  });

  it('money that cannot be used goes back once the provider accepts it, however often it is reported', async () => {
    const { id } = chargeIn(await node().start(500n));
    await Promise.all([node().report(id, 400n), node().report(id, 400n), node().report(id, 70n, 99n)]);
    outside.behave('AWAY');
    await node().resume();
    expect(outside.refunded.size).toBe(0);
    outside.behave('LATER');
    clock.ms += 60_000;
    await Promise.all([node().resume(), node().resume()]);
    await node().report(id, 500n);
    await node().resume();
    expect([...outside.refunded].sort()).toEqual(
      [
        [id, 400n],
        [99n, 70n],
      ].sort(),
    );
    expect(chargeIn(await node().get(id))).toMatchObject({
      status: 'FAILED',
      failure: 'PAYMENT_AMOUNT_MISMATCH',
      refunds: [{ status: 'COMPLETED' }, { status: 'COMPLETED' }],
    });
    expect(await balance()).toBe(0n);
  });

  it('a report of an unknown charge is refused, and a failure of another payment changes nothing', async () => {
    expect(said(await node().report(5n, 500n))).toEqual(['CHARGE_NOT_FOUND', false]);
    const { id } = chargeIn(await node().start(500n));
    expect(said(await node().report(id, 0n, 99n, 'FAILED'))).toEqual(['PENDING', true]);
    expect(said(await node().report(id, 0n, id, 'FAILED'))).toEqual(['FAILED', false]);
  });

  it('another user does not find a charge, and its user does', async () => {
    const { id } = chargeIn(await node().start(500n));
    const asked = (userId: bigint) =>
      getCharge(shared.store)({ principal: { userId, role: 'CUSTOMER' }, chargeId: id });
    expect([said(await asked(8n)), said(await asked(USER))]).toEqual([
      ['CHARGE_NOT_FOUND', false],
      ['PENDING', false],
    ]);
  });
});

describe('docs/attacks.md 72: a node that is killed', () => {
  it.each([1, 2, 3])(
    'a node that is killed after call %i of a charge leaves one charge and one payment',
    async (calls) => {
      const process = killableProcess(calls);
      await node(process)
        .start(500n)
        .catch(() => {});
      expect(process.calls()).toBe(calls);
      const repeat = await node().start(500n);
      expect(said(repeat)).toEqual(['PENDING', true]);
      const { id } = chargeIn(repeat);
      await node().report(id, 500n);
      expect([await balance(), outside.asked()]).toEqual([500n, 1]);
    },
  );

  it.each([1, 2, 3])(
    'a node that is killed after call %i of a charge is made up for by the scheduler',
    async (calls) => {
      outside.behave('COMPLETE');
      await node(killableProcess(calls))
        .start(500n)
        .catch(() => {});
      clock.ms += 15_000;
      await node().resume();
      expect([await balance(), outside.asked()]).toEqual([500n, 1]);
      expect(said(await node().start(500n))).toEqual(['COMPLETED', true]);
    },
  );

  it.each([1, 2])('a node that is killed after call %i of a refund returns the money once', async (calls) => {
    const { id } = chargeIn(await node().start(500n));
    await node().report(id, 500n);
    const { transactionId } = chargeIn(await node().get(id));
    await node().cancel(transactionId ?? 0n);
    const process = killableProcess(calls);
    await node(process)
      .resume()
      .catch(() => {});
    expect(process.calls()).toBe(calls);
    clock.ms += 60_000;
    await node().resume();
    expect([...outside.refunded]).toEqual([[id, 500n]]);
    expect(chargeIn(await node().get(id))).toMatchObject({ status: 'REFUNDED', refunds: [{ status: 'COMPLETED' }] });
    expect(await balance()).toBe(0n);
  });
});
