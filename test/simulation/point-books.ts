import type { PointStore } from '../../src/contexts/point/application/ports.ts';
import type { Charge, ChargeRefund } from '../../src/contexts/point/domain/charges/charge.ts';
import { type Account, userKey } from '../../src/contexts/point/domain/decision.ts';
import type { OrderEarning } from '../../src/contexts/point/domain/earnings/order-earning.ts';
import type { Hold } from '../../src/contexts/point/domain/holds/hold.ts';
import type { Lot } from '../../src/contexts/point/domain/lots/lot.ts';
import type { Posting } from '../../src/contexts/point/domain/postings/transaction.ts';
import { memoryPointStore } from '../../src/contexts/point/test/memory/point-store.ts';
import type { Clock } from '../../src/platform/kernel/clock.ts';
import { pointTimeProblems } from './time-problems.ts';

/** The ledger, and what was written into it. */
export interface PointBooks {
  readonly store: PointStore;
  readonly accounts: ReadonlyMap<bigint, Account>;
  readonly postings: readonly Posting[];
  hold(userId: bigint, orderId: string): Hold | undefined;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly charges: ReadonlyMap<bigint, Charge>;
  readonly chargeRefunds: ReadonlyMap<bigint, ChargeRefund>;
  /** By user and order. */
  readonly earnings: ReadonlyMap<string, OrderEarning>;
}

/** `clock`: the database's. A node decides by its estimate of it, and the store has the last word. */
export function pointBooks(clock: Clock, complain: (problem: string) => void): PointBooks {
  const store = memoryPointStore();
  const accounts = new Map<bigint, Account>();
  const holds = new Map<string, Hold>();
  const postings: Posting[] = [];
  const lots = new Map<bigint, Lot>();
  const charges = new Map<bigint, Charge>();
  const chargeRefunds = new Map<bigint, ChargeRefund>();
  const earnings = new Map<string, OrderEarning>();
  return {
    accounts,
    holds,
    postings,
    charges,
    chargeRefunds,
    earnings,
    hold: (userId, orderId) => holds.get(userKey(userId, orderId)),
    store: {
      ...store,
      async changeBatch(commands, decide, nowMs) {
        const changed = await store.changeBatch(commands, (seen, _, fresh) => decide(seen, clock(), fresh), nowMs);
        const { decision } = changed;
        for (const problem of pointTimeProblems(commands, decision, lots, clock())) complain(problem);
        for (const lot of [...decision.newLots, ...decision.changedLots]) lots.set(lot.id, lot);
        for (const account of decision.accounts) accounts.set(account.userId, account);
        for (const hold of decision.holds) holds.set(userKey(hold.userId, hold.orderId), hold);
        for (const charge of decision.charges) charges.set(charge.id, charge);
        for (const refund of decision.chargeRefunds) chargeRefunds.set(refund.id, refund);
        for (const earning of decision.earnings) earnings.set(userKey(earning.userId, earning.orderId), earning);
        postings.push(...decision.postings);
        return changed;
      },
    },
  };
}
