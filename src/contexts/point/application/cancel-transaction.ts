import type { Principal } from '../../../gen/stampede/common/v1/common.ts';
import { TransactionResponse } from '../../../gen/stampede/point/v1/point.ts';
import { executeOnce } from '../../../platform/kernel/command-key.ts';
import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';
import type { CancelTransactionRequest } from '../api.ts';
import type { CancelCommand } from '../domain/command.ts';
import type { Transaction } from '../domain/transaction.ts';
import { transactionAnswer, transactionRefused } from './answers.ts';
import { checkInput } from './check-input.ts';
import type { PointLedger } from './point-ledger.ts';
import type { LedgerReader } from './ports.ts';
import { isStaff, nameOf } from './staff.ts';

/** Reverses an earn, a charge or a use. What it reverses never changes, so it is read before the account is locked. */
export const cancelTransaction =
  (reader: Pick<LedgerReader, 'findTransaction'>, ledger: PointLedger) =>
  async ({ principal, transactionId, reason, commandKey }: CancelTransactionRequest): Promise<TransactionResponse> => {
    const wrong = checkInput({ reason });
    if (wrong) return transactionRefused(wrong);
    const found = await reader.findTransaction(transactionId);
    if (!found || !maySee(principal, found)) return transactionRefused(refuse('POINT_TRANSACTION_NOT_FOUND'));
    const source = cancellable(found);
    if ('code' in source) return transactionRefused(source);
    if (!isStaff(principal) && !mayCancelOwn(source)) return transactionRefused(refuse('FORBIDDEN'));
    const { userId } = found;
    const said = { reason: reason === '' ? null : reason, by: nameOf(principal), prolongs: isStaff(principal) };
    return await executeOnce(commandKey, RESPONDING, (keep) =>
      ledger.submitOnce({ kind: 'CANCEL', userId, source, ...said, keep }),
    );
  };

const RESPONDING = {
  type: TransactionResponse,
  refused: transactionRefused,
  respond: transactionAnswer,
  // That a charge was spent is final for this key, as it is for keys of the ledger.
  isKept: ({ outcome }: TransactionResponse) =>
    outcome?.$case === 'transaction' || outcome?.value.code === 'INSUFFICIENT_POINTS',
};

const maySee = (principal: Principal | undefined, { userId }: Transaction): boolean =>
  isStaff(principal) || principal?.userId === userId;

function cancellable({ id, type, amount, orderId }: Transaction): CancelCommand['source'] | Refusal {
  if (type === 'CHARGE' || type === 'EARN' || type === 'USE') return { id, type, amount, orderId };
  return refuse('VALIDATION_FAILED', { transactionId: `is of type ${type}; a charge, earn or use can be cancelled` });
}

/** A present is its giver's to take back, and what was spent for an order is for the order to give back. */
const mayCancelOwn = ({ type, orderId }: CancelCommand['source']): boolean =>
  type === 'CHARGE' || (type === 'USE' && orderId === null);
