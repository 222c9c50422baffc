import { nextRetry } from '../../../../platform/kernel/retry.ts';
import { type PointRefusal, refuse } from '../../refusals.ts';
import { keys } from '../command.ts';
import type { PointOutcome } from '../decision.ts';
import type { LedgerUnitOfWork } from '../ledger-unit-of-work.ts';
import { chargeOutcome, refused } from '../outcome.ts';
import { type Charge, isOpen, needsRequest } from './charge.ts';
import type { ChargeCommand, ChargeResult } from './charge-command.ts';
import { asOwn, ownNames, refundMoney, refundOf, refundTried } from './charge-refunds.ts';

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
      return moneyIn(work, charge, result, limit);
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

/**
 * The customer has to pay now. A charge that has ended meanwhile only stores the reference: the customer must no longer pay at the URL, and
 * a charge with a URL counts as one whose first response contained it.
 */
function paymentRequested(work: LedgerUnitOfWork, charge: Charge, result: Of<'PAYMENT_REQUESTED'>): PointOutcome {
  const named = charge.providerRef === null ? { ...charge, providerRef: result.providerRef } : charge;
  if (isOpen(charge) && refundOf(work, named, ownNames(named))) return wentBack(work, named);
  if (needsRequest(charge)) {
    const asked = { state: { status: 'PENDING', step: null }, attempts: 0, resumeAtMs: charge.expiresAtMs } as const;
    const { providerUrl } = result;
    return chargeOutcome(work.saveCharge({ ...named, ...asked, providerUrl }), { isChanged: true });
  }
  return chargeOutcome(named === charge ? charge : work.saveCharge(named));
}

function moneyIn(work: LedgerUnitOfWork, charge: Charge, result: Of<'MONEY_IN'>, limit: bigint): PointOutcome {
  const own = asOwn(charge, result);
  if (own) return ownMoney(work, charge, own, result, limit);
  // A payment that was not requested, for example a second one for the same charge.
  const isChanged = refundMoney(work, charge, result, { amount: result.amount, reason: 'NOT_AWAITED' });
  return chargeOutcome(charge, { isChanged });
}

/** Ends an open charge whose payment was reported, and refunded, before its names were known to be of this charge. */
function wentBack(work: LedgerUnitOfWork, charge: Charge): PointOutcome {
  const refusal = refuse('PAYMENT_DECLINED', { reason: 'the money went back' });
  return chargeOutcome(settle(work, charge, { status: 'FAILED', refusal }), { isChanged: true });
}

/**
 * Credits the points when the charge waits for the money, the amount is that of the charge and there is room for it. Any other money is
 * refunded, so that none is lost. Earned and returned points are not capped, so they may have taken the room. `named`: the charge with the
 * names of this report.
 */
function ownMoney(
  work: LedgerUnitOfWork,
  charge: Charge,
  named: Charge,
  result: Of<'MONEY_IN'>,
  limit: bigint,
): PointOutcome {
  const { id, userId, amount } = charge;
  const isBack = refundOf(work, named, result) !== undefined;
  if (isBack && isOpen(charge)) return wentBack(work, named);
  if (isBack || 'transactionId' in charge.state)
    return chargeOutcome(named === charge ? charge : work.saveCharge(named));
  if (!isOpen(charge)) {
    const saved = named === charge ? charge : work.saveCharge(named);
    refundMoney(work, saved, result, { amount: result.amount, reason: 'NOT_AWAITED' });
    return chargeOutcome(saved, { isChanged: true });
  }
  const refusal = refusalOf(work, charge, result.amount, limit);
  if (refusal) {
    const failed = settle(work, named, { status: 'FAILED', refusal });
    refundMoney(work, failed, result, { amount: result.amount, reason: refusal.code });
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

function moneyRefused(work: LedgerUnitOfWork, charge: Charge, result: Of<'MONEY_REFUSED'>): PointOutcome {
  const named = asOwn(charge, result);
  if (!named || !isOpen(charge)) return chargeOutcome(charge);
  return chargeOutcome(settle(work, named, { status: 'FAILED', refusal: result.refusal }), { isChanged: true });
}
