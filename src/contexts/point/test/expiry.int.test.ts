import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../platform/kernel/durations.ts';
import { classifyFailure } from '../../../platform/postgres/batch-transaction.ts';
import { pointLedger } from '../application/point-ledger.ts';
import { announceExpiry } from '../application/scheduled/announce-expiry.ts';
import { expireLots } from '../application/scheduled/expire-lots.ts';
import { forgetRefusals } from '../application/scheduled/forget-refusals.ts';
import { BALANCE_MAX, charge, earn, NOW_MS, use } from './commands.ts';
import { type OpenStores, STORES } from './open-stores.ts';

describe.each(STORES)('due lots of points on %s', (_, open) => {
  async function stage(work: (on: OpenStores, clock: { ms: number }) => Promise<void>): Promise<void> {
    const opened = await open();
    await work(opened, opened.clock);
    await opened.close();
  }
  const ledgerOf = (opened: OpenStores, clock: { ms: number }, node = 0) =>
    pointLedger({
      storeFor: () => opened.nodes[node] ?? opened.nodes[0],
      clock: () => clock.ms,
      nextId: opened.nextId,
      balanceMax: BALANCE_MAX,
      classify: classifyFailure,
      batchMax: 256,
    });
  const { signal } = new AbortController();

  it('the lots of many users expire in batches, on two nodes at the same time, each lot once', () =>
    stage(async (opened, clock) => {
      const [one, two] = [ledgerOf(opened, clock), ledgerOf(opened, clock, 1)];
      const users = Array.from({ length: 60 }, (_, n) => BigInt(n + 1));
      const commands = users.flatMap((userId) =>
        Array.from({ length: 20 }, (_, n) => earn(userId, 3n, `e${n}`, n < 18 ? DAY_MS : 2 * DAY_MS)),
      );
      await Promise.all(
        [...commands, ...users.map((userId) => charge(userId, 5n, 'c'))].map((each) => one.submit(each)),
      );
      clock.ms += DAY_MS;
      const runs = [one, two].map((ledger, node) =>
        expireLots(opened.nodes[node] ?? opened.nodes[0], ledger, () => clock.ms)(signal),
      );
      const done = await Promise.all(runs);
      expect(Math.max(...done)).toBeGreaterThan(0);
      for (const userId of users) {
        const shown = await opened.nodes[2].balance({ userId, nowMs: clock.ms, soonMs: clock.ms, expiringMax: 0 });
        expect(shown).toMatchObject({ balance: 11n, available: 11n });
        const history = await opened.nodes[2].history({ userId, limit: 100 });
        const ended = history.filter(({ type }) => type === 'EXPIRE').reduce((sum, { amount }) => sum + amount, 0n);
        expect(ended).toBe(-54n);
      }
      expect(await expireLots(opened.nodes[0], one, () => clock.ms)(signal)).toBe(0);
      await Promise.all([one.stop(), two.stop()]);
    }));

  it('the expiry of lots stops after the batch in which it was stopped', () =>
    stage(async (opened, clock) => {
      const ledger = ledgerOf(opened, clock);
      await ledger.submit(earn(1n, 3n, 'e', DAY_MS));
      clock.ms += DAY_MS;
      expect(await expireLots(opened.nodes[0], ledger, () => clock.ms)(AbortSignal.abort())).toBe(0);
      await ledger.stop();
    }));

  it('points that expire in 30 and in 7 days are announced once for each user and day, and late after an outage', () =>
    stage(async (opened, clock) => {
      const ledger = ledgerOf(opened, clock);
      const announce = announceExpiry(opened.nodes[0], () => clock.ms);
      // Noon in Seoul: 30 days and 11 hours from now is still that day, 12 hours the next one.
      await Promise.all([
        ledger.submit(earn(1n, 10n, 'a', 30 * DAY_MS)),
        ledger.submit(earn(1n, 5n, 'b', 30 * DAY_MS + 11 * HOUR_MS)),
        ledger.submit(earn(1n, 1n, 'c', 30 * DAY_MS + 12 * HOUR_MS)),
        ledger.submit(earn(2n, 7n, 'a', 30 * DAY_MS)),
        ledger.submit(earn(3n, 7n, 'a', 31 * DAY_MS)),
        ledger.submit(charge(4n, 7n, 'a')),
      ]);
      expect(await announce(signal)).toBe(2);
      expect(await announce(signal)).toBe(0);
      clock.ms += DAY_MS;
      expect(await announce(signal)).toBe(2);
      // 25 days later no node ran for two days: 30 and 31 days from the start are late by now.
      clock.ms = NOW_MS + 25 * DAY_MS;
      expect(await announce(signal)).toBe(4);
      expect(await announce(signal)).toBe(0);
      await ledger.stop();
    }));

  it('refusals of points are deleted after a day', () =>
    stage(async (opened, clock) => {
      const ledger = ledgerOf(opened, clock);
      await Promise.all(['a', 'b', 'c'].map((key) => ledger.submit(use(1n, 5n, key))));
      const forget = forgetRefusals(opened.nodes[0], () => clock.ms);
      clock.ms += DAY_MS;
      expect(await forget(signal)).toBe(0);
      clock.ms += 1;
      expect([await forget(signal), await forget(signal)]).toEqual([3, 0]);
      await ledger.stop();
    }));
});
