import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../../test/support/counting-ids.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import { NOW_MS } from '../test/commands.ts';
import { type Ask, command, history, type World, world } from '../test/histories.ts';
import { memoryPointStore } from '../test/memory/point-store.ts';
import type { LedgerDecision } from './decision.ts';

const inMemory = () => world(memoryPointStore(), countingIds());

describe('the ledger', () => {
  it('a ledger keeps every sum after any history', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const { batch, decisions, balance } = inMemory();
        let nowMs = NOW_MS;
        for (const [passed, asks] of batches) {
          nowMs += passed * DAY_MS;
          await batch(asks, nowMs, []);
          await expectSound(decisions, (userId) => balance(userId, nowMs));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('a ledger decides the same however the commands are split into batches', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(8), { maxLength: 5 }), async (batches, cuts) => {
        const [whole, split] = [inMemory(), inMemory()];
        let nowMs = NOW_MS;
        for (const [passed, asks] of batches) {
          nowMs += passed * DAY_MS;
          expect(await split.batch(asks, nowMs, cuts)).toEqual(await whole.batch(asks, nowMs, []));
        }
        const postings = (of: World) => of.decisions.flatMap((decision) => decision.postings);
        expect(postings(split)).toEqual(postings(whole));
      }),
      { numRuns: 150 },
    );
  });

  it('a repeated history returns the same outcomes and moves no points', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), async (of) => {
        const { batch, decisions } = inMemory();
        const asks = of.map((each): Ask => ({ kind: 'command', command: each }));
        await batch(asks, NOW_MS, []);
        const posted = decisions.flatMap(({ postings }) => postings).length;
        const again = await batch(asks, NOW_MS, []);
        const moved = decisions.flatMap(({ postings }) => postings).slice(posted);
        // An order may be held or refunded later for which there were no points, or nothing captured, at first.
        expect(moved.filter(({ transaction }) => transaction.orderId === null)).toEqual([]);
        for (const outcome of again) if (outcome.kind === 'done') expect(outcome.replayed).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

/** Counted from the postings alone, and compared with what the store shows. */
async function expectSound(
  decisions: readonly LedgerDecision[],
  shown: (userId: bigint) => ReturnType<World['balance']>,
): Promise<void> {
  const postings = decisions.flatMap((decision) => decision.postings);
  const keys = postings.flatMap(({ transaction: { userId, key: name } }) =>
    name === null ? [] : [`${userId} ${name}`],
  );
  expect(new Set(keys).size).toBe(keys.length);
  const lots = new Map<bigint, bigint>();
  for (const { moves } of postings) {
    for (const { lotId, amount: change } of moves) lots.set(lotId, (lots.get(lotId) ?? 0n) + change);
  }
  for (const left of lots.values()) expect(left >= 0n).toBe(true);
  for (const userId of [1n, 2n]) {
    const own = postings.filter(({ transaction }) => transaction.userId === userId);
    const sum = (account: string) =>
      own.reduce((total, { transaction, from, to, amount: moved }) => {
        const side = to === account ? moved : from === account ? -moved : 0n;
        return total + side + (account === 'USER' ? transaction.receivable : 0n);
      }, 0n);
    const owed = own.reduce((total, { transaction }) => total + transaction.receivable, 0n);
    const ownLots = own.flatMap(({ transaction }) => lots.get(transaction.id) ?? []);
    const { balance, available, pending, held, receivable } = await shown(userId);
    expect([receivable, owed >= 0n]).toEqual([owed, true]);
    expect(sum('USER')).toBe(ownLots.reduce((total, left) => total + left, 0n));
    expect(held).toBe(sum('HELD'));
    expect([balance <= sum('USER'), available >= 0n, balance === available + pending]).toEqual([true, true, true]);
    for (const { moves, transaction } of own) {
      expect(moves.reduce((total, move) => total + move.amount, 0n)).toBe(transaction.amount);
    }
  }
}
