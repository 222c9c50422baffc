import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { type LedgerSnapshot, userKey } from '../decision.ts';
import { type Charge, type ChargeRefund, isOpen, reservedBy } from './charge.ts';

/** The charges and refunds on which the commands of one batch are decided. */
export interface ChargeBook {
  charge(id: bigint): Charge | undefined;
  chargeOfKey(userId: bigint, key: string): Charge | undefined;
  /** The oldest first. */
  openCharges(userId: bigint): readonly Charge[];
  /** Writes a charge, and keeps or frees the room for it. */
  saveCharge(charge: Omit<Charge, 'revision'>): Charge;
  refundsOf(chargeId: bigint): readonly ChargeRefund[];
  saveChargeRefund(refund: Omit<ChargeRefund, 'revision'>): ChargeRefund;
}

/** `reserve` changes the room that is kept for the charges of a user. */
export function chargeBook(
  snapshot: Pick<LedgerSnapshot, 'charges' | 'chargeRefunds'>,
  nextId: IdSource,
  reserve: (userId: bigint, change: bigint) => void,
) {
  const charges = new Map(snapshot.charges);
  const refunds = new Map(snapshot.chargeRefunds);
  const byKey = new Map([...charges.values()].map((charge) => [userKey(charge.userId, charge.key), charge.id]));
  const refundsOf = (chargeId: bigint) => [...refunds.values()].filter((refund) => refund.chargeId === chargeId);
  const book: ChargeBook = {
    charge: (id) => charges.get(id),
    chargeOfKey: (userId, key) => charges.get(byKey.get(userKey(userId, key)) ?? 0n),
    openCharges: (userId) =>
      [...charges.values()]
        .filter((charge) => charge.userId === userId && isOpen(charge))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    saveCharge(charge) {
      const saved = { ...charge, revision: nextId() };
      const change = reservedBy(saved) - reservedBy(charges.get(charge.id));
      if (change !== 0n) reserve(charge.userId, change);
      charges.set(saved.id, saved);
      byKey.set(userKey(saved.userId, saved.key), saved.id);
      return saved;
    },
    refundsOf,
    saveChargeRefund(refund) {
      const saved = { ...refund, revision: nextId() };
      refunds.set(saved.id, saved);
      return saved;
    },
  };
  return {
    book,
    changes: () => ({
      charges: [...charges.values()].filter((charge) => snapshot.charges.get(charge.id) !== charge),
      chargeRefunds: [...refunds.values()].filter((refund) => snapshot.chargeRefunds.get(refund.id) !== refund),
    }),
  };
}
