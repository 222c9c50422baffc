import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { PointCommand } from '../domain/command.ts';
import type { PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import { VALID_AFTER_REFUND_MS } from '../domain/lots/lot-returns.ts';
import type { Transaction } from '../domain/postings/transaction.ts';
import {
  adjust,
  BALANCE_MAX,
  cancel,
  capture,
  charge,
  earn,
  hold,
  NOW_MS,
  refund,
  release,
  spend,
  use,
} from './commands.ts';
import type { OpenStores } from './open-stores.ts';

const USER = 7n;

/** What every store of points keeps, races included. After each test the caller's `close` looks at all sums. */
export function pointStoreSuite(open: () => Promise<OpenStores>): void {
  let opened: OpenStores;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  async function run(commands: readonly PointCommand[], node = 0, nowMs = NOW_MS): Promise<readonly PointOutcome[]> {
    const store = opened.nodes[node % opened.nodes.length] ?? opened.nodes[0];
    const rules = { nowMs, nextId: opened.nextId, balanceMax: BALANCE_MAX };
    return (await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), nowMs)).decision.outcomes;
  }
  async function done(command: PointCommand, nowMs = NOW_MS): Promise<Transaction> {
    const [outcome] = await run([command], 0, nowMs);
    if (outcome?.kind !== 'done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
    return outcome.transaction;
  }
  const codes = (outcomes: readonly PointOutcome[]) =>
    outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind));
  const balance = (nowMs = NOW_MS, userId = USER) =>
    opened.nodes[0].balance({ userId, nowMs, soonMs: nowMs + 30 * DAY_MS, expiringMax: 10 });

  it('the balance of an unknown user is 0', async () => {
    expect(await balance()).toEqual({
      balance: 0n,
      available: 0n,
      pending: 0n,
      held: 0n,
      receivable: 0n,
      expiringSoon: [],
    });
  });

  it('a balance changes at once, and the history is listed newest first', async () => {
    await run([charge(USER, 1_000n, 'a'), use(USER, 300n, 'b', 'order-1'), charge(8n, 5n, 'a')]);
    expect(await balance()).toMatchObject({ balance: 700n, available: 700n });
    const history = await opened.nodes[1].history({ userId: USER, limit: 10 });
    expect(history.map(({ type, amount, balance: after }) => [type, amount, after])).toEqual([
      ['USE', -300n, 700n],
      ['CHARGE', 1_000n, 1_000n],
    ]);
    const [used] = history;
    expect(used).toMatchObject({ userId: USER, orderId: 'order-1', createdAtMs: NOW_MS });
    const before = await opened.nodes[1].history({ userId: USER, before: used?.id, limit: 10 });
    expect(before).toEqual(history.slice(1));
    expect(await opened.nodes[2].findTransaction(used?.id ?? 0n)).toEqual(used);
    expect(await opened.nodes[2].findTransaction(1n)).toBeUndefined();
  });

  describe('keys', () => {
    it('keys return the first transaction for a repeat, in the same batch and in a later one', async () => {
      const [first, again, other] = await run([
        charge(USER, 100n, 'k'),
        charge(USER, 100n, 'k'),
        charge(USER, 200n, 'k'),
      ]);
      const later = await run([charge(USER, 100n, 'k'), charge(USER, 200n, 'k'), use(USER, 100n, 'k')], 1);
      expect(first).toMatchObject({ kind: 'done', replayed: false });
      expect([again, later[0]]).toEqual([
        { ...first, replayed: true },
        { ...first, replayed: true },
      ]);
      expect(codes([...(other ? [other] : []), ...later.slice(1)])).toEqual([
        'IDEMPOTENCY_KEY_REUSED',
        'IDEMPOTENCY_KEY_REUSED',
        'IDEMPOTENCY_KEY_REUSED',
      ]);
      expect(await balance()).toMatchObject({ balance: 100n });
    });

    it('keys belong to one user', async () => {
      expect(codes(await run([charge(USER, 100n, 'k'), charge(8n, 200n, 'k')]))).toEqual(['done', 'done']);
    });

    it('keys keep a refusal until it is deleted, also when there are enough points later', async () => {
      const [refused] = await run([use(USER, 50n, 'k'), use(USER, 50n, 'k')]);
      expect(refused).toMatchObject({ refusal: { code: 'INSUFFICIENT_POINTS', details: { available: '0' } } });
      await run([charge(USER, 100n, 'c')]);
      expect(await run([use(USER, 50n, 'k')], 1)).toEqual([{ ...refused, replayed: true }]);
      expect(codes(await run([use(USER, 51n, 'k'), use(USER, 50n, 'l')]))).toEqual(['IDEMPOTENCY_KEY_REUSED', 'done']);
      expect(await opened.nodes[0].forgetRefusals(NOW_MS, 10)).toBe(0);
      expect(await opened.nodes[0].forgetRefusals(NOW_MS + 1, 10)).toBe(1);
      expect(codes(await run([use(USER, 50n, 'k')]))).toEqual(['done']);
    });
  });

  describe('limits', () => {
    it('limits let a charge reach the maximum balance and not exceed it, with held points counted', async () => {
      const outcomes = await run([
        charge(USER, BALANCE_MAX, 'a'),
        charge(USER, 1n, 'b'),
        hold(USER, 'order-1', 400n),
        charge(USER, 1n, 'c'),
        use(USER, 1n, 'd'),
        charge(USER, 1n, 'e'),
      ]);
      expect(codes(outcomes)).toEqual(['done', 'POINT_LIMIT_EXCEEDED', 'hold', 'POINT_LIMIT_EXCEEDED', 'done', 'done']);
      expect(outcomes[1]).toMatchObject({ refusal: { details: { balance: '1000000', limit: '1000000' } } });
    });

    it('limits refuse points that would expire before they are available', async () => {
      const outcomes = await run([earn(USER, 1n, 'a', 0), earn(USER, 1n, 'b', DAY_MS, DAY_MS), earn(USER, 1n, 'c', 1)]);
      expect(codes(outcomes)).toEqual(['VALIDATION_FAILED', 'VALIDATION_FAILED', 'done']);
    });

    it('limits never let an adjustment take more than the balance', async () => {
      expect(codes(await run([adjust(USER, 10n, 'a'), adjust(USER, -11n, 'b'), adjust(USER, -10n, 'c')]))).toEqual([
        'done',
        'INSUFFICIENT_POINTS',
        'done',
      ]);
      expect(await balance()).toMatchObject({ balance: 0n });
    });
  });

  describe('lots', () => {
    it('lots are spent by the earliest expiry, then the oldest, and never before they are available or after they expired', async () => {
      await run([
        earn(USER, 10n, 'never'),
        earn(USER, 10n, 'late', 9 * DAY_MS),
        earn(USER, 10n, 'soon', 2 * DAY_MS),
        earn(USER, 10n, 'soon too', 2 * DAY_MS),
        earn(USER, 10n, 'pending', 3 * DAY_MS, DAY_MS),
        earn(USER, 10n, 'gone', 1_000),
      ]);
      const later = NOW_MS + 1_000;
      expect(await balance(later)).toEqual({
        balance: 50n,
        available: 40n,
        pending: 10n,
        held: 0n,
        receivable: 0n,
        expiringSoon: [
          { amount: 10n, expiresAt: new Date(NOW_MS + 2 * DAY_MS) },
          { amount: 10n, expiresAt: new Date(NOW_MS + 2 * DAY_MS) },
          { amount: 10n, expiresAt: new Date(NOW_MS + 3 * DAY_MS) },
          { amount: 10n, expiresAt: new Date(NOW_MS + 9 * DAY_MS) },
        ],
      });
      expect(await done(use(USER, 25n, 'u'), later)).toMatchObject({ amount: -25n, balance: 25n });
      const { expiringSoon } = await balance(later);
      expect(expiringSoon.map(({ amount }) => amount)).toEqual([10n, 5n]);
      const refused = await run([use(USER, 16n, 'v')], 1, later);
      expect(refused).toMatchObject([{ refusal: { details: { available: '15' } } }]);
      // A day later the pending ones are there, and go first.
      await run([use(USER, 16n, 'w')], 1, NOW_MS + DAY_MS);
      expect((await balance(NOW_MS + DAY_MS)).expiringSoon).toEqual([]);
      expect(await balance(NOW_MS + DAY_MS)).toMatchObject({ balance: 9n, available: 9n, pending: 0n });
    });

    it('lots are all found when a spend needs several', async () => {
      await run([charge(USER, 10n, 'a'), charge(USER, 10n, 'b'), charge(USER, 10n, 'c')]);
      expect(codes(await run([use(USER, 25n, 'u')], 1))).toEqual(['done']);
      expect(codes(await run([use(USER, 5n, 'v')], 2))).toEqual(['done']);
    });

    it('lots are found when a batch needs many, including those that it earns itself', async () => {
      await run(Array.from({ length: 30 }, (_, n) => earn(USER, 1n, `e${n}`, (n + 1) * DAY_MS)));
      const batch = [use(USER, 12n, 'a'), earn(USER, 5n, 'f', 13 * DAY_MS), use(USER, 12n, 'b'), use(USER, 12n, 'c')];
      expect(codes(await run([...batch, use(USER, 11n, 'd')], 1))).toEqual([
        'done',
        'done',
        'done',
        'INSUFFICIENT_POINTS',
        'done',
      ]);
      expect(await balance()).toMatchObject({ balance: 0n, available: 0n });
    });

    it('lots expire once, and the balance never includes what expired', async () => {
      const [lot] = await run([earn(USER, 100n, 'a', DAY_MS), use(USER, 30n, 'b')]);
      const id = lot?.kind === 'done' ? lot.transaction.id : 0n;
      const expire: PointCommand = { kind: 'EXPIRE', userId: USER, lotIds: [id] };
      const later = NOW_MS + DAY_MS;
      expect(await run([expire])).toEqual([{ kind: 'nothing' }]);
      expect(await opened.nodes[0].expired(later - 1, 10)).toEqual([]);
      expect(await opened.nodes[0].expired(later, 10)).toMatchObject([{ id, userId: USER }]);
      expect(await balance(later)).toMatchObject({ balance: 0n, available: 0n });
      const [first, second] = await run([expire, expire], 0, later);
      expect(first).toMatchObject({ transaction: { type: 'EXPIRE', amount: -70n, balance: 0n } });
      expect(second).toEqual({ kind: 'nothing' });
      expect(await run([expire], 1, later)).toEqual([{ kind: 'nothing' }]);
      expect(await opened.nodes[0].expired(later, 10)).toEqual([]);
    });
  });

  describe('cancellations', () => {
    it('the cancellation of a use returns points to the same lots, once, valid for at least 7 days', async () => {
      await run([earn(USER, 10n, 'a', 2 * DAY_MS), earn(USER, 10n, 'b', 20 * DAY_MS)]);
      const used = await done(use(USER, 15n, 'u'));
      const later = NOW_MS + 3 * DAY_MS;
      const [first, again] = await run([cancel(used), cancel(used)], 0, later);
      expect(first).toMatchObject({ transaction: { type: 'CANCEL', amount: 15n, sourceId: used.id }, replayed: false });
      expect(again).toEqual({ ...first, replayed: true });
      expect(await run([cancel(used)], 1, later)).toEqual([{ ...first, replayed: true }]);
      expect((await balance(later)).expiringSoon).toEqual([
        { amount: 10n, expiresAt: new Date(later + VALID_AFTER_REFUND_MS) },
        { amount: 10n, expiresAt: new Date(NOW_MS + 20 * DAY_MS) },
      ]);
    });

    it('the cancellation of a use by its user keeps the expiry of the lots', async () => {
      await run([earn(USER, 10n, 'a', 2 * DAY_MS)]);
      await run([cancel(await done(use(USER, 10n, 'u')), false)]);
      expect((await balance()).expiringSoon).toEqual([{ amount: 10n, expiresAt: new Date(NOW_MS + 2 * DAY_MS) }]);
      const used = await done(use(USER, 10n, 'v'));
      await run([cancel(used, false)], 0, NOW_MS + 2 * DAY_MS);
      expect(await balance(NOW_MS + 2 * DAY_MS)).toMatchObject({ balance: 0n, available: 0n });
    });

    it('the cancellation of a charge takes its own lot, and is refused when a part of that was spent', async () => {
      await run([earn(USER, 10n, 'first', DAY_MS), charge(USER, 10n, 'other')]);
      const whole = await done(charge(USER, 100n, 'a'));
      const spent = await done(charge(USER, 50n, 'b'));
      await run([use(USER, 125n, 'u')]);
      expect(codes(await run([cancel(whole), cancel(spent)], 1))).toEqual([
        'INSUFFICIENT_POINTS',
        'INSUFFICIENT_POINTS',
      ]);
      const fresh = await done(charge(USER, 70n, 'c'));
      const [outcome] = await run([cancel(fresh)]);
      expect(outcome).toMatchObject({ transaction: { type: 'CANCEL', amount: -70n, balance: 45n } });
    });

    it('the cancellation of an earn takes what is left of it, and books what was spent as owed by the user', async () => {
      const earned = await done(earn(USER, 100n, 'a'));
      await run([charge(USER, 30n, 'b'), use(USER, 60n, 'u')]);
      const [first, again] = await run([cancel(earned), cancel(earned)]);
      expect(first).toMatchObject({
        transaction: { type: 'CANCEL', amount: -40n, receivable: 60n, balance: 30n, sourceId: earned.id },
        replayed: false,
      });
      expect([again, ...(await run([cancel(earned)], 1))]).toEqual(Array(2).fill({ ...first, replayed: true }));
      expect(await balance()).toMatchObject({ balance: 30n, available: 30n, receivable: 60n });
    });

    it('points earned later repay what the user owes, and points that were charged or returned do not', async () => {
      const earned = await done(earn(USER, 100n, 'a'));
      const used = await done(use(USER, 100n, 'u'));
      await run([cancel(earned), charge(USER, 10n, 'b'), cancel(used), adjust(USER, 5n, 'c')]);
      expect(await balance()).toMatchObject({ balance: 115n, receivable: 100n });
      const part = await done(earn(USER, 70n, 'd'));
      expect(part).toMatchObject({ amount: 0n, receivable: -70n, balance: 115n });
      const rest = await done(earn(USER, 50n, 'e', 20 * DAY_MS, DAY_MS));
      expect(rest).toMatchObject({ amount: 20n, receivable: -30n, balance: 135n });
      expect(await balance()).toMatchObject({ balance: 135n, pending: 20n, receivable: 0n });
      expect(await done(earn(USER, 1n, 'f'))).toMatchObject({ amount: 1n, receivable: 0n });
      // What they repaid is owed again when they are taken back.
      expect(await done(cancel(part))).toMatchObject({ amount: 0n, receivable: 70n });
      expect(await done(cancel(rest))).toMatchObject({ amount: -20n, receivable: 30n });
      expect(await balance()).toMatchObject({ balance: 116n, receivable: 100n });
    });

    it('the cancellation of an earn books no expired points as owed, and is refused when all of them expired', async () => {
      const earned = await done(earn(USER, 100n, 'a', DAY_MS));
      const unused = await done(earn(USER, 10n, 'b', DAY_MS));
      await run([use(USER, 25n, 'u')]);
      const later = NOW_MS + DAY_MS;
      await run([{ kind: 'EXPIRE', userId: USER, lotIds: [earned.id, unused.id] }], 0, later);
      expect(await done(cancel(earned), later)).toMatchObject({ amount: 0n, receivable: 25n });
      expect(codes(await run([cancel(unused)], 1, later))).toEqual(['INSUFFICIENT_POINTS']);
      expect(await balance(later)).toMatchObject({ balance: 0n, receivable: 25n });
    });

    it('a cancellation in the batch of a spend never leaves the spend short of available lots', async () => {
      const lots = await Promise.all([1, 2, 3, 4].map((n) => done(charge(USER, 10n, `c${n}`))));
      const [first] = lots.sort((a, b) => (a.id < b.id ? -1 : 1));
      if (!first) throw new Error('no lot');
      expect(codes(await run([cancel(first), use(USER, 20n, 'u')]))).toEqual(['done', 'done']);
      expect(codes(await run([use(USER, 11n, 'v'), use(USER, 10n, 'w')]))).toEqual(['INSUFFICIENT_POINTS', 'done']);
    });
  });

  describe('holds', () => {
    it('a hold is captured, and given back in parts in the reverse order of spending', async () => {
      await run([earn(USER, 10n, 'a', 2 * DAY_MS), charge(USER, 90n, 'b')]);
      const [held, again] = await run([hold(USER, 'o', 60n), hold(USER, 'o', 60n)]);
      expect(held).toMatchObject({ hold: { amount: 60n, state: { status: 'HELD' } } });
      expect(again).toEqual(held);
      expect(await balance()).toMatchObject({ balance: 40n, held: 60n, expiringSoon: [] });
      expect(codes(await run([hold(USER, 'o', 61n), refund(USER, 'o', 'r', 1n)]))).toEqual([
        'HOLD_CONFLICT',
        'HOLD_CONFLICT',
      ]);
      await run([capture(USER, 'o'), capture(USER, 'o')], 1);
      expect(await balance()).toMatchObject({ balance: 40n, held: 0n });
      const outcomes = await run([
        refund(USER, 'o', 'r1', 45n),
        refund(USER, 'o', 'r1', 45n),
        refund(USER, 'o', 'r1', 44n),
        refund(USER, 'o', 'r2', 16n),
        release(USER, 'o'),
      ]);
      expect(codes(outcomes)).toEqual(['hold', 'hold', 'HOLD_CONFLICT', 'HOLD_CONFLICT', 'HOLD_CONFLICT']);
      expect(await balance()).toMatchObject({ balance: 85n, expiringSoon: [] });
      const [rest] = await run([refund(USER, 'o', 'r2', 15n)], 2);
      expect(rest).toMatchObject({ hold: { state: { status: 'CAPTURED', refunded: 60n } } });
      expect((await balance()).expiringSoon).toEqual([
        { amount: 10n, expiresAt: new Date(NOW_MS + VALID_AFTER_REFUND_MS) },
      ]);
    });

    it('a hold for immediate capture is spent at once, and given back in parts like any other', async () => {
      await run([earn(USER, 10n, 'a', 2 * DAY_MS), charge(USER, 90n, 'b')]);
      const [spent, again] = await run([spend(USER, 'o', 60n), spend(USER, 'o', 60n)]);
      expect(spent).toMatchObject({ hold: { amount: 60n, state: { status: 'CAPTURED', refunded: 0n } } });
      expect(again).toEqual(spent);
      expect(await balance()).toMatchObject({ balance: 40n, held: 0n });
      await run([hold(USER, 'set aside', 5n)]);
      const others = [spend(USER, 'o', 61n), capture(USER, 'o'), release(USER, 'o'), spend(USER, 'set aside', 5n)];
      expect(codes(await run(others))).toEqual(['HOLD_CONFLICT', 'hold', 'HOLD_CONFLICT', 'HOLD_CONFLICT']);
      await run([refund(USER, 'o', 'r1', 45n), refund(USER, 'o', 'r1', 45n)]);
      expect(await balance()).toMatchObject({ balance: 80n, held: 5n });
      await run([refund(USER, 'o', 'r2', 15n)]);
      expect((await balance()).expiringSoon).toEqual([
        { amount: 10n, expiresAt: new Date(NOW_MS + VALID_AFTER_REFUND_MS) },
      ]);
    });

    it('a hold that was refused for immediate capture stays refused, whatever is charged later', async () => {
      await run([charge(USER, 10n, 'a')]);
      expect(codes(await run([spend(USER, 'o', 11n)]))).toEqual(['INSUFFICIENT_POINTS']);
      await run([charge(USER, 90n, 'b')]);
      const late = [spend(USER, 'o', 11n), hold(USER, 'o', 11n), release(USER, 'o'), spend(USER, 'p', 100n)];
      const outcomes = await run(late);
      expect(codes(outcomes)).toEqual(['INSUFFICIENT_POINTS', 'HOLD_CONFLICT', 'hold', 'hold']);
      expect(outcomes[0]).toMatchObject({ refusal: { details: { available: '10' } } });
      expect(await balance()).toMatchObject({ balance: 0n, held: 0n });
    });

    it('a released hold returns to lots that keep their expiry, and cannot be placed again', async () => {
      await run([earn(USER, 10n, 'a', 2 * DAY_MS), hold(USER, 'o', 10n)]);
      const [released, again, late] = await run([release(USER, 'o'), release(USER, 'o'), hold(USER, 'o', 10n)], 1);
      expect(released).toMatchObject({ hold: { state: { status: 'RELEASED' } } });
      expect(again).toEqual(released);
      expect(codes([...(late ? [late] : []), ...(await run([capture(USER, 'o')]))])).toEqual([
        'HOLD_CONFLICT',
        'HOLD_CONFLICT',
      ]);
      expect((await balance()).expiringSoon).toEqual([{ amount: 10n, expiresAt: new Date(NOW_MS + 2 * DAY_MS) }]);
    });

    it('a hold that was released before it arrives is refused, and an unknown one is not captured', async () => {
      await run([charge(USER, 10n, 'a')]);
      expect(codes(await run([capture(USER, 'o'), release(USER, 'o'), hold(USER, 'o', 5n)]))).toEqual([
        'HOLD_NOT_FOUND',
        'hold',
        'HOLD_CONFLICT',
      ]);
      expect(await balance()).toMatchObject({ balance: 10n, held: 0n });
    });

    it('a hold without enough points is refused, and accepted later when there are enough', async () => {
      expect(codes(await run([hold(USER, 'o', 5n), charge(USER, 5n, 'a'), hold(USER, 'o', 5n)]))).toEqual([
        'INSUFFICIENT_POINTS',
        'done',
        'hold',
      ]);
    });
  });

  describe('races on three nodes', () => {
    it('docs/attacks.md 5: of fifty spends of the full balance one succeeds', async () => {
      await run([charge(USER, 1_000n, 'a')]);
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => run([use(USER, 1_000n, `u${n}`)], n)));
      const returned = codes(outcomes.flat()).sort();
      expect(returned).toEqual([...Array(49).fill('INSUFFICIENT_POINTS'), 'done']);
      expect(await balance()).toMatchObject({ balance: 0n });
    });

    it('docs/attacks.md 18: concurrent requests with one key have one effect', async () => {
      const outcomes = (
        await Promise.all(Array.from({ length: 30 }, (_, n) => run([charge(USER, 5n, 'k')], n)))
      ).flat();
      const ids = new Set(outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.transaction.id : 0n)));
      expect(ids.size).toBe(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'done' && !outcome.replayed)).toHaveLength(1);
      expect(await balance()).toMatchObject({ balance: 5n });
    });

    it('what a user owes is repaid once by concurrent earns on several nodes', async () => {
      const earned = await done(earn(USER, 100n, 'a'));
      await run([use(USER, 100n, 'u'), cancel(earned)]);
      await Promise.all(Array.from({ length: 30 }, (_, n) => run([earn(USER, 10n, `e${n}`)], n)));
      expect(await balance()).toMatchObject({ balance: 200n, receivable: 0n });
    });

    it('a hold is either captured or released by concurrent nodes', async () => {
      await run([charge(USER, 1_000n, 'a')]);
      const orders = Array.from({ length: 20 }, (_, n) => `o${n}`);
      await run(orders.map((order) => hold(USER, order, 10n)));
      const returned = await Promise.all(
        orders.flatMap((order, n) => [run([capture(USER, order)], n), run([release(USER, order)], n + 1)]),
      );
      const kinds = codes(returned.flat());
      expect(kinds.filter((kind) => kind === 'hold')).toHaveLength(20);
      expect(kinds.filter((kind) => kind === 'HOLD_CONFLICT')).toHaveLength(20);
      expect(await balance()).toMatchObject({ held: 0n });
    });

    it('concurrent batches of the same new users neither deadlock nor lose anything', async () => {
      const users = Array.from({ length: 12 }, (_, n) => BigInt(100 + n));
      const batches = Array.from({ length: 24 }, (_, n) => {
        const mine = n % 2 === 0 ? users : users.toReversed();
        return run(
          mine.map((userId) => charge(userId, 1n, `g${n}`)),
          n,
        );
      });
      expect(codes((await Promise.all(batches)).flat())).toEqual(Array(24 * 12).fill('done'));
      for (const userId of users) expect(await balance(NOW_MS, userId)).toMatchObject({ balance: 24n });
    });
  });
}
