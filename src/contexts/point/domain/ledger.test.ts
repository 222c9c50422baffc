import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryPointStore } from '../adapters/memory/point-store.ts';
import {
  adjust,
  BALANCE_MAX,
  cancel,
  capture,
  charge,
  countingIds,
  DAY_MS,
  earn,
  hold,
  NOW_MS,
  refund,
  release,
  use,
} from '../test/commands.ts';
import type { PointCommand } from './command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from './decision.ts';
import { decideLedger } from './ledger.ts';
import type { Transaction } from './transaction.ts';

/** What may be asked, before it is known which transactions there are to cancel. */
type Ask =
  | { readonly kind: 'command'; readonly command: (nowMs: number) => PointCommand }
  /** The n-th of the transactions so far that can be cancelled, and lots that exist. */
  | { readonly kind: 'cancel'; readonly nth: number; readonly prolongs: boolean }
  | { readonly kind: 'expire'; readonly userId: bigint };

const user = fc.constantFrom(1n, 2n);
const amount = fc.bigInt({ min: 1n, max: 60n });
const key = fc.constantFrom(...'abcdefghijklmnop');
const order = fc.constantFrom('o1', 'o2', 'o3');
const days = fc.integer({ min: 1, max: 12 });
const command = fc.oneof(
  fc.tuple(user, amount, key).map((args) => () => charge(...args)),
  fc
    .tuple(user, amount, key, days, fc.option(days, { nil: undefined }))
    .map(([userId, points, name, expires, pending]) => (nowMs: number) => {
      const later = pending === undefined ? undefined : pending * DAY_MS;
      return earn(userId, points, name, expires * DAY_MS + (later ?? 0), later, nowMs);
    }),
  fc.tuple(user, amount, key).map((args) => () => use(...args)),
  fc.tuple(user, amount, key).map(
    ([userId, points, name]) =>
      () =>
        adjust(userId, -points, name),
  ),
  fc.tuple(user, order, amount).map((args) => () => hold(...args)),
  fc.tuple(user, order).map((args) => () => release(...args)),
  fc.tuple(user, order).map((args) => () => capture(...args)),
  fc.tuple(user, order, fc.constantFrom('r1', 'r2'), amount).map((args) => () => refund(...args)),
);
const ask: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 8, arbitrary: command.map((of): Ask => ({ kind: 'command', command: of })) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20), prolongs: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), userId: user }) },
);
/** Groups, and how many days pass before each. */
const history = fc.array(fc.tuple(fc.nat(3), fc.array(ask, { minLength: 1, maxLength: 8 })), { maxLength: 12 });

interface World {
  /** Carries a group out, whole or split. Answers what became of each. */
  group(asks: readonly Ask[], nowMs: number, split: readonly number[]): Promise<readonly PointOutcome[]>;
  /** The latest snapshot and every decision so far. */
  readonly decisions: readonly LedgerDecision[];
  balance(userId: bigint, nowMs: number): ReturnType<ReturnType<typeof memoryPointStore>['balance']>;
}

function world(): World {
  const store = memoryPointStore();
  const nextId = countingIds(0n);
  const decisions: LedgerDecision[] = [];
  const transactions = () => decisions.flatMap(({ postings }) => postings.map((posting) => posting.transaction));
  const cancellable = ({ type }: Transaction) => type === 'CHARGE' || type === 'EARN' || type === 'USE';
  const resolve = async (asked: Ask, nowMs: number): Promise<PointCommand | undefined> => {
    if (asked.kind === 'command') return asked.command(nowMs);
    if (asked.kind === 'cancel') {
      const known = transactions().filter(cancellable);
      const source = known[asked.nth % Math.max(known.length, 1)];
      return source && cancel(source, asked.prolongs);
    }
    const lots = (await store.expired(nowMs, 100)).filter(({ userId }) => userId === asked.userId);
    return { kind: 'EXPIRE', userId: asked.userId, lotIds: lots.map(({ id }) => id) };
  };
  return {
    decisions,
    balance: (userId, nowMs) => store.balance({ userId, nowMs, soonMs: nowMs, expiringMax: 0 }),
    async group(asks, nowMs, split) {
      const commands: PointCommand[] = [];
      for (const each of asks) {
        const resolved = await resolve(each, nowMs);
        if (resolved) commands.push(resolved);
      }
      const outcomes: PointOutcome[] = [];
      for (const part of parts(commands, split)) {
        const decide = (seen: LedgerSnapshot) => decideLedger(seen, part, { nowMs, nextId, balanceMax: BALANCE_MAX });
        const decision = await store.changeGroup(part, nowMs, decide);
        decisions.push(decision);
        outcomes.push(...decision.outcomes);
      }
      return outcomes;
    },
  };
}

/** Cuts a list at the places given. */
function parts<Item>(list: readonly Item[], cuts: readonly number[]): Item[][] {
  const at = [...new Set(cuts.map((cut) => cut % (list.length + 1)))].sort((a, b) => a - b);
  return [...at, list.length]
    .map((end, index) => list.slice(at[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}

describe('a ledger', () => {
  it('keeps every sum after any history', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (groups) => {
        const { group, decisions, balance } = world();
        let nowMs = NOW_MS;
        for (const [passed, asks] of groups) {
          nowMs += passed * DAY_MS;
          await group(asks, nowMs, []);
          await expectSound(decisions, (userId) => balance(userId, nowMs));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('decides the same however the commands are split into groups', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.nat(8), { maxLength: 5 }), async (groups, cuts) => {
        const [whole, split] = [world(), world()];
        let nowMs = NOW_MS;
        for (const [passed, asks] of groups) {
          nowMs += passed * DAY_MS;
          expect(await split.group(asks, nowMs, cuts)).toEqual(await whole.group(asks, nowMs, []));
        }
        const postings = (of: World) => of.decisions.flatMap((decision) => decision.postings);
        expect(postings(split)).toEqual(postings(whole));
      }),
      { numRuns: 150 },
    );
  });

  it('does nothing twice: a history that is asked again answers what it answered and moves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), async (of) => {
        const { group, decisions } = world();
        const asks = of.map((each): Ask => ({ kind: 'command', command: each }));
        await group(asks, NOW_MS, []);
        const posted = decisions.flatMap(({ postings }) => postings).length;
        const again = await group(asks, NOW_MS, []);
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
      own.reduce((total, { from, to, amount: moved }) => {
        if (to === account) return total + moved;
        return from === account ? total - moved : total;
      }, 0n);
    const ownLots = own.flatMap(({ transaction }) => lots.get(transaction.id) ?? []);
    const { balance, available, pending, held } = await shown(userId);
    expect(sum('USER')).toBe(ownLots.reduce((total, left) => total + left, 0n));
    expect(held).toBe(sum('HELD'));
    expect([balance <= sum('USER'), available >= 0n, balance === available + pending]).toEqual([true, true, true]);
    for (const { moves, transaction } of own) {
      expect(moves.reduce((total, move) => total + move.amount, 0n)).toBe(transaction.amount);
    }
  }
}
