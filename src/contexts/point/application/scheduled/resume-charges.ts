import type { ScheduledTask } from '../../../../platform/context.ts';
import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { Notifier } from '../../../../platform/kernel/notifier.ts';
import type { WithTimeout } from '../../../../platform/kernel/steps-timeout.ts';
import { resumeDue } from '../../../../platform/scheduling/resume-due.ts';
import { type Charge, type ChargeRefund, needsRequest } from '../../domain/charges/charge.ts';
import { type ChargeDeps, requestPayment } from '../charges/request-payment.ts';
import { submitResult } from '../charges/submit-result.ts';
import type { ChargeReader } from '../ports.ts';

export interface ResumeChargesDeps extends ChargeDeps {
  readonly reader: Pick<ChargeReader, 'dueCharges' | 'dueChargeRefunds' | 'nextChargeMs'>;
  readonly now: TimeSource;
  readonly withTimeout: WithTimeout;
  /** Notified when money has to go back. */
  readonly changed: Notifier;
}

/**
 * Asks the provider again for payments whose request has ended, ends charges that were not paid in time, and refunds money. What fails is
 * tried again later, after growing delays; refunds without an end.
 */
export const resumeCharges = (deps: ResumeChargesDeps): ScheduledTask => ({
  name: 'point.resume-charges',
  everyMinutes: 1,
  dueTimes: { next: deps.reader.nextChargeMs, changed: deps.changed },
  run: (signal) =>
    resumeDue(
      [
        async (nowMs, limit) =>
          (await deps.reader.dueCharges(nowMs, limit)).map((charge) => () => resumeCharge(deps, charge, nowMs)),
        async (nowMs, limit) =>
          (await deps.reader.dueChargeRefunds(nowMs, limit)).map((refund) => () => refundPayment(deps, refund)),
      ],
      deps,
      signal,
    ),
});

async function resumeCharge(deps: ResumeChargesDeps, charge: Charge, nowMs: number): Promise<boolean> {
  if (nowMs >= charge.expiresAtMs) return (await submitResult(deps.ledger, charge, { kind: 'TIME_OUT' })).changed;
  if (needsRequest(charge)) await requestPayment(deps, charge);
  return true;
}

async function refundPayment(deps: ResumeChargesDeps, refund: ChargeRefund): Promise<boolean> {
  const { id: refundId, chargeId, userId, paymentId, providerRef, amount } = refund;
  const charge = { id: chargeId, userId };
  try {
    await deps.provider.refund({ refundId, paymentId, providerRef, amount });
  } catch (failure) {
    deps.onStepFailure(failure, chargeId);
    await submitResult(deps.ledger, charge, { kind: 'REFUND_FAILED', refundId });
    return false;
  }
  return (await submitResult(deps.ledger, charge, { kind: 'REFUND_DONE', refundId })).changed;
}
