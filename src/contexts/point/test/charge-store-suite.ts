import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { CHARGE_LIFE_MS, type Charge } from '../domain/charges/charge.ts';
import type { PointCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import { refuse } from '../refusals.ts';
import {
  BALANCE_MAX,
  cancel,
  charge,
  chargeResult,
  earn,
  hold,
  moneyIn,
  NOW_MS,
  openCharge,
  release,
  use,
} from './commands.ts';
import type { OpenStores } from './open-stores.ts';

const USER = 7n;
const END_MS = NOW_MS + CHARGE_LIFE_MS;
const TIME_OUT = { kind: 'TIME_OUT' } as const;
const DECLINED = refuse('PAYMENT_DECLINED', { reason: 'no funds' });

/** What every store keeps of charges that are paid for, races included. After each test the caller's `close` audits everything. */
export function chargeStoreSuite(open: () => Promise<OpenStores>): void {
  let stores: OpenStores;
  beforeEach(async () => {
    stores = await open();
  });
  afterEach(() => stores.close());

  async function run(commands: readonly PointCommand[], node = 0, nowMs = NOW_MS): Promise<readonly PointOutcome[]> {
    const store = stores.nodes[node % stores.nodes.length] ?? stores.nodes[0];
    stores.clock.ms = nowMs;
    const rules = { nowMs, nextId: stores.nextId, balanceMax: BALANCE_MAX };
    return (await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), nowMs)).decision.outcomes;
  }
  const codes = (outcomes: readonly PointOutcome[]) =>
    outcomes.map((outcome) => {
      if (outcome.kind === 'refused') return outcome.refusal.code;
      return outcome.kind === 'charge' ? outcome.charge.state.status : outcome.kind;
    });
  async function chargeOf(command: PointCommand, nowMs = NOW_MS): Promise<Charge> {
    const [outcome] = await run([command], 0, nowMs);
    if (outcome?.kind !== 'charge') throw new Error(`no charge: ${outcome?.kind}`);
    return outcome.charge;
  }
  const opening = (amount: bigint, key: string, nowMs = NOW_MS) => chargeOf(openCharge(USER, amount, key), nowMs);
  const balance = async (nowMs = NOW_MS) =>
    (await stores.nodes[1].balance({ userId: USER, nowMs, soonMs: nowMs, expiringMax: 0 })).balance;
  async function found({ id }: Charge) {
    const known = await stores.nodes[2].findCharge(id);
    if (!known) throw new Error(`charge ${id} is missing`);
    return known;
  }
  const refundsOf = async (of: Charge) =>
    (await found(of)).refunds.map(({ amount, reason, reference }) => [amount, reason, reference]);
  const declined = ({ id, userId }: Charge) =>
    chargeResult(userId, id, { kind: 'MONEY_REFUSED', paymentId: id, providerRef: null, refusal: DECLINED });
  const requested = ({ id, userId }: Charge) =>
    chargeResult(userId, id, {
      kind: 'PAYMENT_REQUESTED',
      providerRef: `pay_${id}`,
      providerUrl: `https://pay.example/${id}`,
    });
  async function creditOf(of: Charge) {
    const { state } = (await found(of)).charge;
    const credit = 'transactionId' in state && (await stores.nodes[0].findTransaction(state.transactionId));
    if (!credit) throw new Error(`charge ${of.id} credited nothing`);
    return credit;
  }

  it('a charge credits its points when its money is in, and not before', async () => {
    const first = await opening(500n, 'a');
    expect(first).toMatchObject({ userId: USER, amount: 500n, state: { status: 'PENDING', step: 'REQUEST_PAYMENT' } });
    expect(await balance()).toBe(0n);
    const providerUrl = `https://pay.example/${first.id}`;
    expect(await chargeOf(requested(first))).toMatchObject({ providerUrl, state: { status: 'PENDING', step: null } });
    const paid = await chargeOf(moneyIn(first));
    expect(paid).toMatchObject({
      state: { status: 'COMPLETED', balance: 500n },
      providerRef: `pay_${first.id}`,
      settledAtMs: NOW_MS,
    });
    expect([await balance(), (await found(first)).charge]).toEqual([500n, paid]);
  });

  it('a key opens one charge, and returns it as it is now', async () => {
    const [first, again, other] = await run([
      openCharge(USER, 500n, 'a'),
      openCharge(USER, 500n, 'a'),
      openCharge(USER, 501n, 'a'),
    ]);
    expect(again).toEqual({ ...first, changed: false, replayed: true });
    expect(codes([...(other ? [other] : []), ...(await run([openCharge(USER, 501n, 'a')], 1))])).toEqual(
      Array(2).fill('IDEMPOTENCY_KEY_REUSED'),
    );
    const known = await opening(500n, 'a');
    await run([moneyIn(known)]);
    expect(await opening(500n, 'a')).toMatchObject({ id: known.id, state: { status: 'COMPLETED' } });
  });

  describe('room under the cap', () => {
    it('room is kept for open charges, against direct charges and other open ones, until they end', async () => {
      const first = await opening(600_000n, 'a');
      const tooMany = [openCharge(USER, 400_001n, 'b'), charge(USER, 400_001n, 'c')];
      expect(codes(await run(tooMany, 1))).toEqual(Array(2).fill('POINT_LIMIT_EXCEEDED'));
      await run([charge(USER, 400_000n, 'd')]);
      expect(codes(await run([moneyIn(first)]))).toEqual(['COMPLETED']);
      expect(await balance()).toBe(BALANCE_MAX);
    });

    it('room of a charge whose time is over is free for another one, before a task has ended it', async () => {
      const first = await opening(BALANCE_MAX, 'a');
      const second = await opening(BALANCE_MAX, 'b', END_MS);
      expect((await found(first)).charge.state).toEqual({ status: 'EXPIRED' });
      expect(codes(await run([moneyIn(second)], 0, END_MS))).toEqual(['COMPLETED']);
    });

    it('room that earned or returned points have taken is gone, and the money goes back', async () => {
      await run([charge(USER, 400_000n, 'a'), hold(USER, 'o', 400_000n)]);
      const late = await opening(600_000n, 'b');
      await run([earn(USER, 1n, 'c'), release(USER, 'o')]);
      expect(codes(await run([moneyIn(late)]))).toEqual(['FAILED']);
      expect(await refundsOf(late)).toEqual([[600_000n, 'POINT_LIMIT_EXCEEDED', 'own']]);
      expect(await balance()).toBe(400_001n);
    });

    it('room that is kept for later charges does not count against the first one', async () => {
      const first = await opening(300_000n, 'a');
      await run([openCharge(USER, 600_000n, 'b'), earn(USER, 200_000n, 'c')]);
      expect(codes(await run([moneyIn(first)]))).toEqual(['COMPLETED']);
      expect([await balance(), await refundsOf(first)]).toEqual([500_000n, []]);
    });

    it('a user has at most three open charges, and a fourth one may be opened when one has ended', async () => {
      const first = await opening(1n, 'a');
      await run([openCharge(USER, 1n, 'b'), openCharge(USER, 1n, 'c')]);
      expect(codes(await run([openCharge(USER, 1n, 'd'), openCharge(8n, 1n, 'd')], 1))).toEqual([
        'OPEN_CHARGE_LIMIT_EXCEEDED',
        'PENDING',
      ]);
      await run([moneyIn(first)]);
      expect(codes(await run([openCharge(USER, 1n, 'd')]))).toEqual(['PENDING']);
    });
  });

  describe('money', () => {
    it('money that is reported again, by any node, changes nothing', async () => {
      const first = await opening(500n, 'a');
      const reports = Array.from({ length: 30 }, (_, node) => run([moneyIn(first), moneyIn(first)], node));
      expect(new Set(codes((await Promise.all(reports)).flat()))).toEqual(new Set(['COMPLETED']));
      expect([await balance(), await refundsOf(first)]).toEqual([500n, []]);
    });

    it.each([499n, 501n])('money of another amount goes back once, and credits nothing: %s', async (paid) => {
      const first = await opening(500n, 'a');
      const outcomes = await run([moneyIn(first, paid), moneyIn(first, paid), moneyIn(first)]);
      expect(codes(outcomes)).toEqual(Array(3).fill('FAILED'));
      expect([await balance(), await refundsOf(first)]).toEqual([0n, [[paid, 'PAYMENT_AMOUNT_MISMATCH', 'own']]]);
    });

    it('money that arrives after the end goes back once', async () => {
      const first = await opening(500n, 'a');
      expect(codes(await run([chargeResult(USER, first.id, TIME_OUT)], 0, END_MS - 1))).toEqual(['PENDING']);
      expect(codes(await run([chargeResult(USER, first.id, TIME_OUT)], 0, END_MS))).toEqual(['EXPIRED']);
      await run([moneyIn(first), moneyIn(first)], 1, END_MS);
      await run([moneyIn(first)], 2, END_MS);
      expect([await balance(END_MS), await refundsOf(first)]).toEqual([0n, [[500n, 'NOT_AWAITED', 'own']]]);
    });

    it('money of a second payment goes back, and the first one stays', async () => {
      const first = await opening(500n, 'a');
      const twice = moneyIn(first, 500n, { paymentId: 99n, providerRef: 'pay_2' });
      await run([moneyIn(first), twice, twice]);
      await run([twice], 1);
      expect([await balance(), await refundsOf(first)]).toEqual([500n, [[500n, 'NOT_AWAITED', '99']]]);
    });

    it.each([
      ['without its reference, and with it later', [null, 'pay_2', null]],
      ['with its reference, and without it later', ['pay_2', null, 'pay_2']],
    ])('a payment that was not requested goes back once when it is reported %s', async (_, refs) => {
      const first = await opening(500n, 'a');
      const report = (providerRef: string | null) => moneyIn(first, 500n, { paymentId: 99n, providerRef });
      await Promise.all(refs.map((ref, node) => run([report(ref)], node)));
      await run(refs.map(report), 1);
      await run([moneyIn(first, 500n, { paymentId: 98n, providerRef: 'pay_2' }), moneyIn(first)]);
      expect([await balance(), await refundsOf(first)]).toEqual([500n, [[500n, 'NOT_AWAITED', '99']]]);
      expect((await found(first)).refunds).toMatchObject([{ paymentId: 99n, providerRef: 'pay_2' }]);
    });

    it('a payment that the provider reports as "own" is not that of the charge', async () => {
      const first = await opening(500n, 'a');
      await run([moneyIn(first, 20n, { paymentId: 99n, providerRef: 'own' }), moneyIn(first)]);
      expect([await balance(), await refundsOf(first)]).toEqual([500n, [[20n, 'NOT_AWAITED', '99']]]);
    });

    it('money that went back before its name was known to be that of the charge credits nothing', async () => {
      const first = await opening(500n, 'a');
      const strange = moneyIn(first, 500n, { paymentId: 99n, providerRef: `pay_${first.id}` });
      await run([strange]);
      expect(codes(await run([requested(first), moneyIn(first), strange], 1))).toEqual(Array(3).fill('FAILED'));
      expect([await balance(), await refundsOf(first)]).toEqual([0n, [[500n, 'NOT_AWAITED', '99']]]);
    });

    it('money that the provider names by its own reference is that of the charge', async () => {
      const first = await opening(500n, 'a');
      await run([requested(first)]);
      const named = moneyIn(first, 500n, { paymentId: 99n, providerRef: `pay_${first.id}` });
      expect(codes(await run([named, moneyIn(first)]))).toEqual(['COMPLETED', 'COMPLETED']);
      await run([moneyIn(first, 500n, { paymentId: 99n })], 1);
      expect([await balance(), await refundsOf(first)]).toEqual([500n, []]);
    });

    it('money that went back before its name was that of the charge ends it, also without the response of the provider', async () => {
      const first = await opening(500n, 'a');
      await run([moneyIn(first, 500n, { paymentId: 99n, providerRef: 'pay_1' })]);
      expect(codes(await run([moneyIn(first, 500n, { providerRef: 'pay_1' }), moneyIn(first)], 1))).toEqual(
        Array(2).fill('FAILED'),
      );
      expect([await balance(), await refundsOf(first)]).toEqual([0n, [[500n, 'NOT_AWAITED', '99']]]);
    });

    it('money that arrives after a decline goes back by the reference of the request', async () => {
      const first = await opening(500n, 'a');
      await run([requested(first)]);
      expect(codes(await run([declined(first), moneyIn(first)]))).toEqual(['FAILED', 'FAILED']);
      expect([await balance(), await refundsOf(first)]).toEqual([0n, [[500n, 'NOT_AWAITED', 'own']]]);
      expect((await found(first)).refunds).toMatchObject([{ paymentId: first.id, providerRef: `pay_${first.id}` }]);
    });
  });

  describe('cancellations', () => {
    it('the cancellation of a paid charge takes its points and refunds its money, once', async () => {
      const first = await opening(500n, 'a');
      await run([requested(first), moneyIn(first)]);
      const credit = await creditOf(first);
      expect(codes(await run([cancel(credit), cancel(credit)]))).toEqual(['done', 'done']);
      expect(codes(await run([cancel(credit), moneyIn(first)], 1))).toEqual(['done', 'REFUNDED']);
      expect(await refundsOf(first)).toEqual([[500n, 'CANCELLED', 'own']]);
      expect((await found(first)).refunds).toMatchObject([{ paymentId: first.id, providerRef: `pay_${first.id}` }]);
      expect(await balance()).toBe(0n);
    });

    it('the cancellation of a paid charge is refused when a part of it was spent, and no money goes back', async () => {
      const first = await opening(500n, 'a');
      await run([moneyIn(first), use(USER, 1n, 'u')]);
      expect(codes(await run([cancel(await creditOf(first))]))).toEqual(['INSUFFICIENT_POINTS']);
      expect([await balance(), await refundsOf(first)]).toEqual([499n, []]);
    });
  });

  it('a refund waits for the scheduler until the provider has accepted it, and is tried later after a failure', async () => {
    const first = await opening(500n, 'a');
    await run([moneyIn(first, 1n)]);
    const [refund] = await stores.nodes[1].dueChargeRefunds(NOW_MS, 10);
    if (!refund) throw new Error('no refund is due');
    const tried = (kind: 'REFUND_DONE' | 'REFUND_FAILED', node = 0) =>
      run([chargeResult(USER, first.id, { kind, refundId: refund.id })], node);
    await tried('REFUND_FAILED');
    expect(await stores.nodes[1].dueChargeRefunds(NOW_MS + 1_999, 10)).toEqual([]);
    expect(await stores.nodes[1].dueChargeRefunds(NOW_MS + 2_000, 10)).toMatchObject([{ id: refund.id, attempts: 1 }]);
    expect(await stores.nodes[1].nextChargeMs()).toBe(NOW_MS + 2_000);
    await Promise.all([tried('REFUND_DONE', 1), tried('REFUND_DONE', 2), tried('REFUND_FAILED')]);
    expect((await found(first)).refunds).toMatchObject([{ doneAtMs: NOW_MS, amount: 1n }]);
    expect(await stores.nodes[1].nextChargeMs()).toBeUndefined();
  });

  it('a request that failed is due again later, and at the latest when the charge ends', async () => {
    const first = await opening(500n, 'a');
    expect(await stores.nodes[1].dueCharges(NOW_MS + 14_999, 10)).toEqual([]);
    const failed = chargeResult(USER, first.id, { kind: 'REQUEST_FAILED' });
    await run([failed]);
    expect(await stores.nodes[1].dueCharges(NOW_MS + 2_000, 10)).toMatchObject([{ id: first.id, attempts: 1 }]);
    await run(Array(20).fill(failed), 0, END_MS - 1_000);
    expect(await stores.nodes[1].nextChargeMs()).toBe(END_MS);
    await run([requested(first), failed], 0, END_MS - 1_000);
    expect((await found(first)).charge).toMatchObject({ attempts: 0, resumeAtMs: END_MS });
  });

  describe('races on three nodes', () => {
    it('of thirty concurrent charges three are opened, and one for each key', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, n) => run([openCharge(USER, 10n, `k${n % 15}`)], n)),
      );
      const opened = outcomes.flat().flatMap((outcome) => (outcome.kind === 'charge' ? [outcome.charge.id] : []));
      expect(new Set(opened).size).toBe(3);
    });

    it('of money and the end of the time that race, points are credited or the money goes back', async () => {
      const charges: Charge[] = [];
      for (let user = 100n; user < 112n; user++) charges.push(await chargeOf(openCharge(user, 10n, 'k')));
      await Promise.all(
        charges.flatMap((each, n) => [
          run([moneyIn(each)], n, END_MS),
          run([chargeResult(each.userId, each.id, TIME_OUT)], n + 1, END_MS),
        ]),
      );
      for (const each of charges) {
        const { charge: now, refunds } = await found(each);
        const isPaid = now.state.status === 'COMPLETED';
        expect([now.state.status, refunds.length]).toEqual(isPaid ? ['COMPLETED', 0] : ['EXPIRED', 1]);
      }
    });
  });

  it('money is conserved in every history: what came in is credited or goes back', async () => {
    const step = fc.record({
      what: fc.constantFrom('open', 'pay', 'pay', 'pay too much', 'pay twice', 'end', 'decline', 'cancel', 'spend'),
      nth: fc.nat(5),
      minutes: fc.constantFrom(0, 0, 0, 4, 11),
      amount: fc.bigInt({ min: 1n, max: 300_000n }),
    });
    let users = 1_000n;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        users += 1n;
        const user = users;
        let nowMs = NOW_MS;
        const charges: Charge[] = [];
        /** By payment: what it brought, however often it is reported. */
        const money = new Map<string, bigint>();
        for (const [index, { what, nth, minutes, amount }] of steps.entries()) {
          nowMs += minutes * MINUTE_MS;
          const at = charges[nth % Math.max(charges.length, 1)];
          const pay = async (payment: string, paid: bigint, names = {}) => {
            const first = money.get(payment) ?? paid;
            money.set(payment, first);
            if (at) await run([moneyIn(at, first, names)], index, nowMs);
          };
          if (what === 'open') {
            const [outcome] = await run([openCharge(user, amount, `k${index}`)], index, nowMs);
            if (outcome?.kind === 'charge') charges.push(outcome.charge);
          } else if (what === 'spend') await run([use(user, amount, `u${index}`)], index, nowMs);
          else if (at === undefined) continue;
          else if (what === 'pay') await pay(`${at.id}`, at.amount, { providerRef: nth % 2 ? `pay_${at.id}` : null });
          else if (what === 'pay too much') await pay(`${at.id}`, at.amount + 1n);
          else if (what === 'pay twice') {
            await pay(`${at.id} twice`, at.amount, { paymentId: 5n, providerRef: minutes ? 'pay_5' : null });
          } else if (what === 'end') await run([chargeResult(user, at.id, TIME_OUT)], index, nowMs);
          else if (what === 'decline') await run([declined(at)], index, nowMs);
          else if ('transactionId' in (await found(at)).charge.state) {
            await run([cancel(await creditOf(at))], index, nowMs);
          }
        }
        let kept = 0n;
        let back = 0n;
        for (const each of charges) {
          const { charge: now, refunds } = await found(each);
          if (now.state.status === 'COMPLETED') kept += now.amount;
          for (const { amount } of refunds) back += amount;
        }
        expect(kept + back).toBe([...money.values()].reduce((sum, paid) => sum + paid, 0n));
      }),
      { numRuns: 25 },
    );
  });
}
