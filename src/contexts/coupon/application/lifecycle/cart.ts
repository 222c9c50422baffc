import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { CartLine as CartLineMessage } from '../../api.ts';
import type { Cart } from '../../domain/lifecycle/discount.ts';
import { CART_LINES_MAX } from '../../domain/limits.ts';
import { refuse } from '../../refusals.ts';

interface RequestedCart {
  readonly orderAmount?: bigint | undefined;
  readonly lines: readonly CartLineMessage[];
}

/** Refused: VALIDATION_FAILED for amounts below 1, too many lines, and lines that do not add up to the amount of the order. */
export function checkCart({ orderAmount, lines }: RequestedCart): Refusal | undefined {
  if (orderAmount !== undefined && orderAmount < 1n)
    return refuse('VALIDATION_FAILED', { orderAmount: 'must be above 0' });
  if (lines.length === 0) return undefined;
  if (lines.length > CART_LINES_MAX) return refuse('VALIDATION_FAILED', { lines: `must be at most ${CART_LINES_MAX}` });
  if (lines.some(({ amount }) => amount < 1n))
    return refuse('VALIDATION_FAILED', { lines: 'must have amounts above 0' });
  const sum = lines.reduce((total, { amount }) => total + amount, 0n);
  return sum === orderAmount ? undefined : refuse('VALIDATION_FAILED', { orderAmount: 'must be the sum of the lines' });
}

/** The lines of the message as a command has them; none when only the amount is known. */
export const linesOf = ({ lines }: RequestedCart): Pick<Cart, 'lines'> =>
  lines.length === 0 ? {} : { lines: lines.map(({ storeId = null, amount }) => ({ storeId, amount })) };
