import { type Refusal, refuse } from '../../../platform/kernel/refusal.ts';

/** Far above any balance, and low enough that the sum of millions of amounts is below 2^63. */
export const AMOUNT_MAX = 1_000_000_000_000n;
/** An Idempotency-Key of 255 characters, with its owner as a prefix. */
const KEY_MAX = 400;
const ORDER_ID_MAX = 100;
const REASON_MAX = 500;

const isText = (text: string, min: number, max: number): boolean =>
  text.length >= min && text.length <= max && text.isWellFormed() && !/\p{Cc}/u.test(text);

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
  if (key !== undefined) require(isText(key, 1, KEY_MAX), 'key', `must be 1 to ${KEY_MAX} printable characters`);
  const idRule = `must be 1 to ${ORDER_ID_MAX} printable characters`;
  if (orderId !== undefined) require(isText(orderId, 1, ORDER_ID_MAX), 'orderId', idRule);
  if (refundId !== undefined) require(isText(refundId, 1, ORDER_ID_MAX), 'refundId', idRule);
  const reasonRule = `must be at most ${REASON_MAX} printable characters`;
  if (reason !== undefined) require(isText(reason, 0, REASON_MAX), 'reason', reasonRule);
  return Object.keys(invalid).length === 0 ? undefined : refuse('VALIDATION_FAILED', invalid);
}
