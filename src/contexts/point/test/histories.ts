import fc from 'fast-check';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { PointStore } from '../application/ports.ts';
import type { PointCommand } from '../domain/command.ts';
import type { LedgerDecision, LedgerSnapshot, PointOutcome } from '../domain/decision.ts';
import { decideLedger } from '../domain/ledger.ts';
import type { Transaction } from '../domain/postings/transaction.ts';
import { adjust, BALANCE_MAX, cancel, capture, charge, earn, hold, refund, release, spend, use } from './commands.ts';

/** What may be asked, before it is known which transactions there are to cancel. */
export type Ask =
  | { readonly kind: 'command'; readonly command: (nowMs: number) => PointCommand }
  /** The n-th of the transactions so far that can be cancelled, and lots that exist. */
  | { readonly kind: 'cancel'; readonly nth: number; readonly prolongs: boolean }
  | { readonly kind: 'expire'; readonly userId: bigint };

const user = fc.constantFrom(1n, 2n);
const amount = fc.bigInt({ min: 1n, max: 60n });
const key = fc.constantFrom(...'abcdefghijklmnop');
const order = fc.constantFrom('o1', 'o2', 'o3');
const days = fc.integer({ min: 1, max: 12 });
export const command = fc.oneof(
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
  fc.tuple(user, order, amount).map((args) => () => spend(...args)),
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
export const history = fc.array(fc.tuple(fc.nat(3), fc.array(ask, { minLength: 1, maxLength: 8 })), { maxLength: 12 });

export interface World {
  /** Carries a batch out, whole or split. Answers what became of each. */
  batch(asks: readonly Ask[], nowMs: number, split: readonly number[]): Promise<readonly PointOutcome[]>;
  /** The latest snapshot and every decision so far. */
  readonly decisions: readonly LedgerDecision[];
  balance(userId: bigint, nowMs: number): ReturnType<PointStore['balance']>;
}

export function world(store: PointStore, nextId: () => bigint): World {
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
    async batch(asks, nowMs, split) {
      const commands: PointCommand[] = [];
      for (const each of asks) {
        const resolved = await resolve(each, nowMs);
        if (resolved) commands.push(resolved);
      }
      const outcomes: PointOutcome[] = [];
      for (const part of parts(commands, split)) {
        const decide = (seen: LedgerSnapshot) => decideLedger(seen, part, { nowMs, nextId, balanceMax: BALANCE_MAX });
        const { decision } = await store.changeBatch(part, decide, nowMs);
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
