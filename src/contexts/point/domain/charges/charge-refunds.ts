import { nextRetry } from '../../../../platform/kernel/retry.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { chargeOutcome } from '../outcome.ts';
import { type Charge, OWN_PAYMENT } from './charge.ts';
import type { ChargeResult } from './charge-command.ts';

interface MoneyBack {
  readonly reference: string;
  readonly paymentId: bigint;
  readonly providerRef: string | null;
  readonly amount: bigint;
  readonly reason: string;
}

/** Stores that a payment goes back; the scheduler asks the provider. A payment of 0 needs no refund. */
export function refundMoney(work: LedgerUnitOfWork, charge: Charge, money: MoneyBack): void {
  if (money.amount === 0n) return;
  const { reference, paymentId, amount, reason } = money;
  // The provider's reference of the charge's own payment may be known from an earlier response.
  const providerRef = money.providerRef ?? (reference === OWN_PAYMENT ? charge.providerRef : null);
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
}

/** The points of a paid charge were taken back: so goes its money. */
export function refundCharge(work: LedgerUnitOfWork, chargeId: bigint, reason: string): void {
  const charge = work.charge(chargeId);
  if (charge?.state.status !== 'COMPLETED') throw new Error(`charge ${chargeId} is not COMPLETED`);
  const refunded = work.saveCharge({ ...charge, state: { ...charge.state, status: 'REFUNDED' } });
  const { id: paymentId, providerRef, amount } = charge;
  refundMoney(work, refunded, { reference: OWN_PAYMENT, paymentId, providerRef, amount, reason });
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
