import { OWNED_KEY_MAX } from '../../../platform/kernel/idempotency-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { isText, textRule } from '../../../platform/kernel/text.ts';
import { AMOUNT_MAX, ORDER_ID_MAX, REASON_MAX } from '../domain/limits.ts';
import { refuse } from '../refusals.ts';

/** Refused: VALIDATION_FAILED, with each field that is out of its range. Undefined fields are not checked. */
export function checkInput(input: {
  readonly userId?: bigint;
  readonly amount?: bigint;
  readonly key?: string;
  readonly orderId?: string | undefined;
  readonly refundId?: string;
  readonly reason?: string;
}): Refusal | undefined {
  const { userId, amount, key, orderId, refundId, reason } = input;
  const invalid: Record<string, string> = {};
  const require = (isValid: boolean, field: string, rule: string) => {
    if (!isValid) invalid[field] = rule;
  };
  if (userId !== undefined) require(userId > 0n, 'userId', 'must be the id of a user');
  if (amount !== undefined) require(amount >= 1n && amount <= AMOUNT_MAX, 'amount', `must be 1 to ${AMOUNT_MAX}`);
  if (key !== undefined) require(isText(key, 1, OWNED_KEY_MAX), 'key', textRule(1, OWNED_KEY_MAX));
  const idRule = textRule(1, ORDER_ID_MAX);
  if (orderId !== undefined) require(isText(orderId, 1, ORDER_ID_MAX), 'orderId', idRule);
  if (refundId !== undefined) require(isText(refundId, 1, ORDER_ID_MAX), 'refundId', idRule);
  if (reason !== undefined) require(isText(reason, 0, REASON_MAX), 'reason', textRule(0, REASON_MAX));
  return Object.keys(invalid).length === 0 ? undefined : refuse('VALIDATION_FAILED', invalid);
}
