import type { ChargeRefund as ChargeRefundView, Charge as ChargeView } from '../../api.ts';
import type { Charge, ChargeRefund } from '../../domain/charges/charge.ts';

export function toChargeView(charge: Charge, refunds: readonly ChargeRefund[]): ChargeView {
  const { id, userId, amount, currency, state, providerUrl, createdAtMs, expiresAtMs, settledAtMs } = charge;
  const credit = 'transactionId' in state ? state : undefined;
  return {
    id,
    userId,
    status: state.status,
    amount,
    currency,
    transactionId: credit?.transactionId,
    balance: credit?.balance,
    providerUrl: state.status === 'PENDING' ? (providerUrl ?? undefined) : undefined,
    failure: state.status === 'FAILED' ? state.refusal.code : undefined,
    createdAt: new Date(createdAtMs),
    expiresAt: new Date(expiresAtMs),
    settledAt: settledAtMs === null ? undefined : new Date(settledAtMs),
    refunds: refunds.map(toRefundView),
  };
}

const toRefundView = ({ id, amount, reason, doneAtMs, createdAtMs }: ChargeRefund): ChargeRefundView => ({
  id,
  amount,
  reason,
  status: doneAtMs === null ? 'PENDING' : 'COMPLETED',
  createdAt: new Date(createdAtMs),
});
