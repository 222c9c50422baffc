import { minOf } from '../../../../platform/kernel/money.ts';
import type { LotMove } from '../postings/transaction.ts';
import { comesBefore, type Lot } from './lot.ts';

/** A user's spendable lots, in the order of spending. */
export interface LotQueue {
  /** The sum of all lots. */
  available(): bigint;
  /** Adds or replaces the lot. Removes it when it is not spendable. */
  put(lot: Lot, spendable: boolean): void;
  /** Returns the moves that spend `amount`; undefined when there is less. Changes nothing. */
  plan(amount: bigint): readonly LotMove[] | undefined;
}

export function lotQueue(): LotQueue {
  const ordered: Lot[] = [];
  const known = new Map<bigint, Lot>();
  let available = 0n;

  /** Returns the index of the lot, or where to insert it. */
  function placeOf(lot: Lot): number {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comesBefore(ordered[middle] as Lot, lot)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    available: () => available,
    put(lot, spendable) {
      const before = known.get(lot.id);
      if (before) {
        available -= before.remaining;
        ordered.splice(placeOf(before), 1);
        known.delete(lot.id);
      }
      if (!spendable) return;
      available += lot.remaining;
      ordered.splice(placeOf(lot), 0, lot);
      known.set(lot.id, lot);
    },
    plan(amount) {
      if (amount > available) return undefined;
      const moves: LotMove[] = [];
      let left = amount;
      for (const lot of ordered) {
        if (left === 0n) break;
        const taken = minOf(lot.remaining, left);
        moves.push({ lotId: lot.id, amount: -taken });
        left -= taken;
      }
      return moves;
    },
  };
}
