import { minOf, portion } from '../../../../platform/kernel/money.ts';
import { type CouponRefusal, refuse } from '../../refusals.ts';
import type { CouponTerms } from './coupon.ts';

type DiscountTerms = Pick<CouponTerms, 'discountType' | 'discountValue' | 'maxDiscountAmount'>;

/** A line of a cart, as far as a coupon looks at it. */
export interface CartLine {
  /** Null: of the platform. */
  readonly storeId: bigint | null;
  readonly amount: bigint;
}

/** What is known of an order. Without lines nothing of it is known to be of a store. */
export interface Cart {
  /** Null: unknown. */
  readonly orderAmount: bigint | null;
  /** They add up to orderAmount. */
  readonly lines?: readonly CartLine[];
}

/**
 * The part of an order that a coupon may discount: all of it, or the lines of its store. Minimum, percentage and cap go by it. Null:
 * unknown.
 */
export function eligibleAmountOf<Amount extends bigint | null>(
  { eligibleStoreId }: Pick<CouponTerms, 'eligibleStoreId'>,
  { orderAmount, lines = [] }: Cart & { readonly orderAmount: Amount },
): Amount | bigint {
  if (eligibleStoreId === null) return orderAmount;
  return lines.reduce<bigint>((sum, line) => (line.storeId === eligibleStoreId ? sum + line.amount : sum), 0n);
}

/** The discount of an eligible amount: at most that amount; percentages are rounded down and capped. */
export function discountOf(terms: DiscountTerms, eligibleAmount: bigint): bigint {
  if (terms.discountType !== 'PERCENTAGE') return minOf(terms.discountValue, eligibleAmount);
  const part = portion(eligibleAmount, terms.discountValue);
  const capped = terms.maxDiscountAmount === null ? part : minOf(part, terms.maxDiscountAmount);
  return minOf(capped, eligibleAmount);
}

/**
 * The discount of an order, or the refusal of a coupon that takes nothing off it: MINIMUM_ORDER_NOT_MET, or COUPON_NOT_APPLICABLE when
 * nothing of the order is for it, or when the discount would be 0. An unknown amount is enough for a fixed discount of no store and
 * without a minimum.
 */
export function discountFor(terms: CouponTerms, cart: Cart): bigint | CouponRefusal {
  const { minimumOrderAmount } = terms;
  const eligible = eligibleAmountOf(terms, cart);
  if (eligible === 0n)
    return refuse('COUPON_NOT_APPLICABLE', { reason: 'None of its lines is of the store of the coupon.' });
  if ((eligible ?? 0n) < minimumOrderAmount)
    return refuse('MINIMUM_ORDER_NOT_MET', { minimumOrderAmount: String(minimumOrderAmount) });
  if (eligible !== null) {
    const discount = discountOf(terms, eligible);
    return discount > 0n ? discount : refuse('COUPON_NOT_APPLICABLE', { reason: 'Its discount would be 0.' });
  }
  return terms.discountType === 'FIXED_AMOUNT'
    ? terms.discountValue
    : refuse('COUPON_NOT_APPLICABLE', { reason: 'This coupon needs the amount of the order: send orderAmount.' });
}
