import { MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import type { PointRefusal } from '../../refusals.ts';

/** How long the customer may take to pay. */
export const CHARGE_LIFE_MS = 10 * MINUTE_MS;
/** How many unpaid charges a user may have. */
export const OPEN_CHARGES_MAX = 3;

export const CHARGE_STATUSES = ['PENDING', 'COMPLETED', 'REFUNDED', 'FAILED', 'EXPIRED'] as const;

/** Points that a customer pays for at the payment provider. Its id is also that of the payment there. */
export interface Charge {
  readonly id: bigint;
  readonly userId: bigint;
  readonly amount: bigint;
  /** ISO 4217, of the time when it was opened. Its refunds are in it, too. */
  readonly currency: string;
  /** Unique for the user. */
  readonly key: string;
  readonly contentHash: string;
  readonly state: ChargeState;
  /** The provider's own reference, once it is known. */
  readonly providerRef: string | null;
  /** The payment id of the provider's reports, where it is not the charge's. */
  readonly reportedId: bigint | null;
  /** Where the customer pays. Present when the first response contained it. */
  readonly providerUrl: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** When it was paid, declined or expired. */
  readonly settledAtMs: number | null;
  /** When the scheduler continues. Infinity = never. */
  readonly resumeAtMs: number;
  /** How often the present step has failed. */
  readonly attempts: number;
  /** Changes with each write, so that a lost COMMIT can be looked up. */
  readonly revision: bigint;
}

export type ChargeState =
  /** `REQUEST_PAYMENT`: the provider has to be asked. Null: the customer has to pay. */
  | { readonly status: 'PENDING'; readonly step: 'REQUEST_PAYMENT' | null }
  /** `balance`: after the points were credited. */
  | { readonly status: 'COMPLETED' | 'REFUNDED'; readonly transactionId: bigint; readonly balance: bigint }
  | { readonly status: 'FAILED'; readonly refusal: PointRefusal }
  | { readonly status: 'EXPIRED' };

/** Money of a charge that goes back. A payment is refunded once and whole. */
export interface ChargeRefund {
  readonly id: bigint;
  readonly chargeId: bigint;
  readonly userId: bigint;
  /** Names the payment within its charge: OWN, or the id of a payment that was not requested. Unique, so that it is refunded once. */
  readonly reference: string;
  /** The id by which the provider knows the payment. */
  readonly paymentId: bigint;
  /** Unique within the charge. Added when a later report is the first to contain it. */
  readonly providerRef: string | null;
  readonly amount: bigint;
  /** A code, or the reason of a cancellation. */
  readonly reason: string;
  readonly createdAtMs: number;
  /** Null: not refunded yet. */
  readonly doneAtMs: number | null;
  /** When the scheduler tries again. Infinity when it is done. */
  readonly resumeAtMs: number;
  readonly attempts: number;
  readonly revision: bigint;
}

/** The reference of the payment that was requested for the charge. */
export const OWN_PAYMENT = 'own';

export const isOpen = ({ state }: Charge): boolean => state.status === 'PENDING';

/** Is the payment still to be requested from the provider? */
export const needsRequest = ({ state }: Charge): boolean => state.status === 'PENDING' && state.step !== null;

/** The points for which room under the balance cap is kept. */
export const reservedBy = (charge: Charge | undefined): bigint => (charge && isOpen(charge) ? charge.amount : 0n);

/** The charge as its first response showed it: PENDING when it was to be paid at a URL, otherwise as it was settled. */
export function asFirstReturned(charge: Charge): Charge {
  if (charge.providerUrl !== null) {
    return { ...charge, state: { status: 'PENDING', step: null }, settledAtMs: null };
  }
  return charge.state.status === 'REFUNDED' ? { ...charge, state: { ...charge.state, status: 'COMPLETED' } } : charge;
}
