import { nextRetry } from '../../../../platform/kernel/retry.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { chargeOutcome } from '../outcome.ts';
import { type Charge, type ChargeRefund, OWN_PAYMENT } from './charge.ts';
import type { ChargeResult, PaymentNames } from './charge-command.ts';

interface MoneyBack {
  readonly amount: bigint;
  readonly reason: string;
}

const isOwn = ({ id, providerRef, reportedId }: Charge, names: PaymentNames): boolean =>
  names.paymentId === id ||
  names.paymentId === reportedId ||
  (providerRef !== null && names.providerRef === providerRef);

/** The names of the payment that the charge asked for, as far as they are known. */
export const ownNames = ({ id, providerRef }: Charge): PaymentNames => ({ paymentId: id, providerRef });

/**
 * Adds the names of a report to the charge when they are names of its own payment; undefined when they are of another one. An earlier name
 * stays.
 */
export function asOwn(charge: Charge, names: PaymentNames): Charge | undefined {
  if (!isOwn(charge, names)) return undefined;
  const providerRef = charge.providerRef ?? names.providerRef;
  const reportedId = charge.reportedId ?? (names.paymentId === charge.id ? null : names.paymentId);
  const isKnown = providerRef === charge.providerRef && reportedId === charge.reportedId;
  return isKnown ? charge : { ...charge, providerRef, reportedId };
}

/**
 * Returns the refund of a payment, found by any of its names: a report may lack the provider's reference, and one that is repeated may have
 * it. The reference is added to the refund that was stored without it.
 */
export function refundOf(work: LedgerUnitOfWork, charge: Charge, names: PaymentNames): ChargeRefund | undefined {
  const refunds = work.refundsOf(charge.id);
  const isOwnPayment = isOwn(charge, names);
  const providerRef = isOwnPayment ? charge.providerRef : names.providerRef;
  const withRef = providerRef === null ? undefined : refunds.find((refund) => refund.providerRef === providerRef);
  const found = refunds.find(
    (refund) => refund.paymentId === names.paymentId || (isOwnPayment && refund.reference === OWN_PAYMENT),
  );
  if (!found || withRef || found.providerRef !== null || providerRef === null) return found ?? withRef;
  return work.saveChargeRefund({ ...found, providerRef });
}

/**
 * Stores that a payment goes back; the scheduler asks the provider. One of 0, or that goes back already, needs no refund. Returns whether it
 * was stored.
 */
export function refundMoney(work: LedgerUnitOfWork, charge: Charge, names: PaymentNames, money: MoneyBack): boolean {
  if (money.amount === 0n || refundOf(work, charge, names)) return false;
  const { amount, reason } = money;
  const isOwnPayment = isOwn(charge, names);
  const { paymentId, providerRef } = isOwnPayment ? ownNames(charge) : names;
  const reference = isOwnPayment ? OWN_PAYMENT : String(paymentId);
  work.saveChargeRefund({
    id: work.nextId(),
    chargeId: charge.id,
    userId: charge.userId,
    reference,
    paymentId,
    providerRef,
    amount,
    reason,
    createdAtMs: work.nowMs,
    doneAtMs: null,
    resumeAtMs: work.nowMs,
    attempts: 0,
  });
  return true;
}

/** The points of a paid charge were taken back: so goes its money. */
export function refundCharge(work: LedgerUnitOfWork, chargeId: bigint, reason: string): void {
  const charge = work.charge(chargeId);
  if (charge?.state.status !== 'COMPLETED') throw new Error(`charge ${chargeId} is not COMPLETED`);
  const refunded = work.saveCharge({ ...charge, state: { ...charge.state, status: 'REFUNDED' } });
  refundMoney(work, refunded, ownNames(refunded), { amount: charge.amount, reason });
}

export function refundTried(
  work: LedgerUnitOfWork,
  charge: Charge,
  { kind, refundId }: Extract<ChargeResult, { refundId: bigint }>,
): PointOutcome {
  const refund = work.refundsOf(charge.id).find(({ id }) => id === refundId);
  if (!refund || refund.doneAtMs !== null) return chargeOutcome(charge);
  if (kind === 'REFUND_FAILED') {
    work.saveChargeRefund({ ...refund, ...nextRetry(refund.attempts, work.nowMs) });
    return chargeOutcome(charge);
  }
  work.saveChargeRefund({ ...refund, doneAtMs: work.nowMs, resumeAtMs: Number.POSITIVE_INFINITY });
  return chargeOutcome(charge, { isChanged: true });
}
