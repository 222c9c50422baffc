import { nextRetry } from '../../../../platform/kernel/retry.ts';
import { type PointRefusal, refuse } from '../../refusals.ts';
import { keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { chargeOutcome, refused } from '../outcome.ts';
import { type Charge, isOpen, needsRequest, OWN_PAYMENT } from './charge.ts';
import type { ChargeCommand, ChargeResult, PaymentNames } from './charge-command.ts';
import { refundMoney, refundTried } from './charge-refunds.ts';

type Of<Kind extends ChargeResult['kind']> = Extract<ChargeResult, { readonly kind: Kind }>;

/** Applies what the provider returned or reported, or the end of a charge's time. Refused: CHARGE_NOT_FOUND. */
export function chargeResult(
  work: LedgerUnitOfWork,
  { chargeId, result }: Extract<ChargeCommand, { kind: 'CHARGE_RESULT' }>,
  limit: bigint,
): PointOutcome {
  const charge = work.charge(chargeId);
  if (!charge) return refused(refuse('CHARGE_NOT_FOUND'));
  switch (result.kind) {
    case 'PAYMENT_REQUESTED':
      return paymentRequested(work, charge, result);
    case 'MONEY_IN':
      return isOwn(charge, result) ? ownMoney(work, charge, result, limit) : otherMoney(work, charge, result);
    case 'MONEY_REFUSED':
      return moneyRefused(work, charge, result);
    case 'REQUEST_FAILED':
      return requestFailed(work, charge);
    case 'TIME_OUT':
      if (!isOpen(charge) || work.nowMs < charge.expiresAtMs) return chargeOutcome(charge);
      return chargeOutcome(expireCharge(work, charge), { isChanged: true });
    case 'REFUND_DONE':
    case 'REFUND_FAILED':
      return refundTried(work, charge, result);
  }
}

/** Schedules a retry, at the latest when the charge ends. */
function requestFailed(work: LedgerUnitOfWork, charge: Charge): PointOutcome {
  if (!needsRequest(charge)) return chargeOutcome(charge);
  const { attempts, resumeAtMs } = nextRetry(charge.attempts, work.nowMs);
  const next = { attempts, resumeAtMs: Math.min(resumeAtMs, charge.expiresAtMs) };
  return chargeOutcome(work.saveCharge({ ...charge, ...next }));
}

/** Ends a charge that was not paid in time. Money that arrives later is refunded. */
export const expireCharge = (work: LedgerUnitOfWork, charge: Charge): Charge =>
  settle(work, charge, { status: 'EXPIRED' });

function settle(work: LedgerUnitOfWork, charge: Omit<Charge, 'revision'>, state: Charge['state']): Charge {
  const ended = { settledAtMs: work.nowMs, resumeAtMs: Number.POSITIVE_INFINITY, attempts: 0 };
  return work.saveCharge({ ...charge, state, ...ended });
}

const isOwn = ({ id, providerRef }: Charge, names: PaymentNames): boolean =>
  names.paymentId === id || (providerRef !== null && names.providerRef === providerRef);

/** An earlier reference stays. */
const withRef = (charge: Charge, providerRef: string | null): Charge =>
  charge.providerRef === null && providerRef !== null ? { ...charge, providerRef } : charge;

/**
 * The customer has to pay now. A charge that has ended meanwhile only stores the reference: the customer must no longer pay at the URL, and
 * a charge with a URL counts as one whose first response contained it.
 */
function paymentRequested(work: LedgerUnitOfWork, charge: Charge, result: Of<'PAYMENT_REQUESTED'>): PointOutcome {
  const named = withRef(charge, result.providerRef);
  if (needsRequest(charge)) {
    const asked = { state: { status: 'PENDING', step: null }, attempts: 0, resumeAtMs: charge.expiresAtMs } as const;
    const { providerUrl } = result;
    return chargeOutcome(work.saveCharge({ ...named, ...asked, providerUrl }), { isChanged: true });
  }
  return chargeOutcome(named === charge ? charge : work.saveCharge(named));
}

/**
 * Credits the points when the charge waits for the money, the amount is that of the charge and there is room for it. Any other money is
 * refunded, so that none is lost. Earned and returned points are not capped, so they may have taken the room.
 */
function ownMoney(work: LedgerUnitOfWork, charge: Charge, result: Of<'MONEY_IN'>, limit: bigint): PointOutcome {
  const { id, userId, amount } = charge;
  const named = withRef(charge, result.providerRef);
  const isKnown = 'transactionId' in charge.state || work.refundOf(id, OWN_PAYMENT) !== undefined;
  if (isKnown) return chargeOutcome(named === charge ? charge : work.saveCharge(named));
  if (!isOpen(charge)) {
    const saved = named === charge ? charge : work.saveCharge(named);
    refundMoney(work, saved, { ...result, reference: OWN_PAYMENT, reason: 'NOT_AWAITED' });
    return chargeOutcome(saved, { isChanged: true });
  }
  const refusal = refusalOf(work, charge, result.amount, limit);
  if (refusal) {
    const failed = settle(work, named, { status: 'FAILED', refusal });
    refundMoney(work, failed, { ...result, reference: OWN_PAYMENT, reason: refusal.code });
    return chargeOutcome(failed, { isChanged: true });
  }
  const { id: transactionId, balance } = work.post({
    userId,
    type: 'CHARGE',
    from: 'ISSUER',
    to: 'USER',
    amount,
    lots: { availableAtMs: null, expiresAtMs: Number.POSITIVE_INFINITY },
    parts: { key: keys.paid(id), contentHash: charge.contentHash },
  });
  return chargeOutcome(settle(work, named, { status: 'COMPLETED', transactionId, balance }), { isChanged: true });
}

function refusalOf(work: LedgerUnitOfWork, charge: Charge, paid: bigint, limit: bigint): PointRefusal | undefined {
  const { userId, amount } = charge;
  if (paid !== amount) {
    return refuse('PAYMENT_AMOUNT_MISMATCH', { total: String(amount), paid: String(paid) });
  }
  // What other charges keep room for does not count against one that was opened before them.
  const { charging } = work.account(userId);
  return work.refusalAbove(userId, amount - charging, limit);
}

/** A payment that was not requested, for example a second one for the same charge. */
function otherMoney(work: LedgerUnitOfWork, charge: Charge, result: Of<'MONEY_IN'>): PointOutcome {
  const reference = result.providerRef ?? String(result.paymentId);
  if (work.refundOf(charge.id, reference)) return chargeOutcome(charge);
  refundMoney(work, charge, { ...result, reference, reason: 'NOT_AWAITED' });
  return chargeOutcome(charge, { isChanged: true });
}

function moneyRefused(work: LedgerUnitOfWork, charge: Charge, result: Of<'MONEY_REFUSED'>): PointOutcome {
  if (!isOwn(charge, result) || !isOpen(charge)) return chargeOutcome(charge);
  const named = withRef(charge, result.providerRef);
  return chargeOutcome(settle(work, named, { status: 'FAILED', refusal: result.refusal }), { isChanged: true });
}
