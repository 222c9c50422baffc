import { executeOnce } from '../../../../platform/kernel/command-key.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isOperator } from '../../../../platform/kernel/operator.ts';
import { type Refusal, refusalIn, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CancelTransactionRequest, stored, type TransactionResponse } from '../../api.ts';
import { type CancelCommand, chargeIdIn, isOrderEarned } from '../../domain/command.ts';
import { isFinal } from '../../domain/final-refusals.ts';
import type { Transaction } from '../../domain/postings/transaction.ts';
import { refuse } from '../../refusals.ts';
import { checkInput } from '../check-input.ts';
import type { PointLedger } from '../point-ledger.ts';
import type { LedgerReader } from '../ports.ts';
import { nameOf } from '../principal-name.ts';
import { toTransactionResponse } from '../views.ts';

/**
 * Reverses an earn, a charge or a use. Transactions never change, so it is read before the account is locked. The money of a charge that
 * was paid for goes back after the response; `onRefund` is called then.
 */
export const cancelTransaction =
  (reader: Pick<LedgerReader, 'findTransaction'>, ledger: PointLedger, onRefund: () => void) =>
  async ({ principal, transactionId, reason, commandKey }: CancelTransactionRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ reason });
    if (wrong) return toRefusalResponse(wrong);
    const found = await reader.findTransaction(transactionId);
    if (!found || !maySee(principal, found)) return toRefusalResponse(refuse('POINT_TRANSACTION_NOT_FOUND'));
    const source = cancellable(found);
    if ('code' in source) return toRefusalResponse(source);
    if (!isOperator(principal?.role) && !mayCancelOwn(source)) return toRefusalResponse(refuse('FORBIDDEN'));
    const { userId } = found;
    const details = {
      reason: reason === '' ? null : reason,
      by: nameOf(principal),
      prolongs: isOperator(principal?.role),
    };
    const response = await executeOnce(commandKey, RESPONDING, (idempotency) =>
      ledger.submitOnce({ kind: 'CANCEL', userId, source, ...details, idempotency }),
    );
    if (source.chargeId !== undefined) onRefund();
    return response;
  };

const RESPONDING = {
  type: stored.TransactionResponse,
  refused: toRefusalResponse,
  respond: toTransactionResponse,
  isStored(response: TransactionResponse) {
    const refusal = refusalIn(response);
    return refusal === undefined || isFinal(refusal);
  },
};

const maySee = (principal: Principal | undefined, { userId }: Transaction): boolean =>
  isOperator(principal?.role) || principal?.userId === userId;

function cancellable(transaction: Transaction): CancelCommand['source'] | Refusal {
  const { id, type, amount, receivable, orderId } = transaction;
  if (isOrderEarned(transaction)) {
    return refuse('VALIDATION_FAILED', {
      transactionId: 'was earned with an order; a refund of the order takes it back',
    });
  }
  if (type === 'CHARGE' || type === 'EARN' || type === 'USE') {
    return { id, type, amount, receivable, orderId, chargeId: chargeIdIn(transaction) };
  }
  return refuse('VALIDATION_FAILED', { transactionId: `is of type ${type}; a charge, earn or use can be cancelled` });
}

/** Users may not cancel points that they were given, nor a use for an order, which the order refunds. */
const mayCancelOwn = ({ type, orderId }: CancelCommand['source']): boolean =>
  type === 'CHARGE' || (type === 'USE' && orderId === null);
