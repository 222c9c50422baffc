import type { Clock } from '../../../../platform/kernel/clock.ts';
import { type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { CouponQuote, QuoteCouponsRequest, QuoteCouponsResponse, QuotedTerms } from '../../api.ts';
import { type Holding, refusalOfLimit } from '../../domain/issue/issue.ts';
import type { Coupon } from '../../domain/lifecycle/coupon.ts';
import type { Cart } from '../../domain/lifecycle/discount.ts';
import { couponToIssue, quoteOf } from '../../domain/lifecycle/quote.ts';
import { QUOTED_CODES_MAX, QUOTED_IDS_MAX } from '../../domain/limits.ts';
import { type CouponRefusal, refuse } from '../../refusals.ts';
import type { CodeFinder } from '../codes/code-finder.ts';
import type { FoundCode } from '../codes/ports.ts';
import { isRedeemable } from '../codes/validate-code.ts';
import { checkCart, linesOf } from '../lifecycle/cart.ts';
import type { QuoteReader } from './ports.ts';

/** Usable coupons that one quote compares. Users have some tens; a thousand would be a response of 300 kB. */
export const USABLE_MAX = 500;

/** What is the same for all coupons of a quote. */
interface Occasion {
  readonly userId: bigint;
  readonly cart: Cart;
  /** Coupons that the user has reserved. */
  readonly holds: number;
  readonly nowMs: number;
}

/**
 * Quotes coupons and codes for a cart, best first. Each outcome is that of reserving the coupon at this moment; only reserving it
 * makes sure of it.
 */
export const quoteCoupons =
  (reader: QuoteReader, finder: Pick<CodeFinder, 'find'>, clock: Clock) =>
  async (request: QuoteCouponsRequest): Promise<QuoteCouponsResponse> => {
    const { userId, lines, allUsable } = request;
    const orderAmount = lines.reduce((sum, { amount }) => sum + amount, 0n);
    const invalid = checkRequest(request) ?? checkCart({ orderAmount, lines });
    if (invalid) return toRefusalResponse(invalid);
    const [couponIds, codes] = [[...new Set(request.couponIds)], [...new Set(request.codes)]];
    const nowMs = clock();
    const now = new Date(nowMs);
    const [own, holds, found] = await Promise.all([
      allUsable ? reader.usable(userId, now, USABLE_MAX + 1) : reader.find(userId, couponIds),
      reader.countHolds(userId, now),
      Promise.all(codes.map((code) => finder.find(code))),
    ]);
    const policyIds = new Set(found.flatMap((code) => (code ? [code.policy.id] : [])));
    const holdings = await reader.holdings(userId, [...policyIds]);
    const occasion = { userId, cart: { orderAmount, ...linesOf(request) }, holds, nowMs };
    const quoted = own.slice(0, USABLE_MAX);
    const missing = new Set(allUsable ? [] : couponIds);
    for (const { coupon } of quoted) missing.delete(coupon.id);
    const quotes = [
      ...quoted.map((each) => ({
        couponId: each.coupon.id,
        ...toQuote(each.coupon, quoteOf(each, occasion.cart, holds, nowMs)),
      })),
      ...[...missing].map((couponId) => ({ couponId, ...withoutTerms(refuse('COUPON_NOT_FOUND')) })),
      ...codes.map((code, index) => {
        const known = found[index];
        return { code, ...(known ? quoteCode(known, holdings.get(known.policy.id) ?? [], occasion) : CODE_NOT_FOUND) };
      }),
    ];
    const value = { quotes: quotes.sort(bestFirst), hasMore: allUsable && own.length > USABLE_MAX };
    return { outcome: { $case: 'quotes', value } };
  };

function checkRequest({ lines, allUsable, couponIds, codes }: QuoteCouponsRequest): Refusal | undefined {
  if (lines.length === 0) return refuse('VALIDATION_FAILED', { lines: 'must be at least 1' });
  if (allUsable && couponIds.length > 0)
    return refuse('VALIDATION_FAILED', { couponIds: 'cannot be chosen among all usable ones' });
  if (couponIds.length > QUOTED_IDS_MAX)
    return refuse('VALIDATION_FAILED', { couponIds: `must be at most ${QUOTED_IDS_MAX}` });
  if (codes.length > QUOTED_CODES_MAX)
    return refuse('VALIDATION_FAILED', { codes: `must be at most ${QUOTED_CODES_MAX}` });
  return undefined;
}

type Outcome = Pick<CouponQuote, 'terms' | 'outcome'>;

const withoutTerms = (value: CouponRefusal): Outcome => ({ terms: undefined, outcome: { $case: 'refusal', value } });
const CODE_NOT_FOUND = withoutTerms(refuse('COUPON_CODE_NOT_FOUND'));

/**
 * Quotes the coupon that a code would issue to the user. One reason for every code that cannot be redeemed now, so that guessing reveals
 * no code; a user who has as many coupons as the policy allows knows of them.
 */
function quoteCode(found: FoundCode, held: readonly Holding[], { userId, cart, holds, nowMs }: Occasion): Outcome {
  const { policy } = found;
  const [first] = held;
  if (first && held.length >= policy.terms.maxIssuePerUser) return withoutTerms(refusalOfLimit(policy.terms, first));
  if (!isRedeemable(found, nowMs)) return CODE_NOT_FOUND;
  const coupon = couponToIssue(policy, userId, nowMs);
  return toQuote(coupon, quoteOf({ coupon, heldUntilMs: null }, cart, holds, nowMs));
}

const toQuote = (coupon: Coupon, quoted: bigint | CouponRefusal): Outcome => ({
  terms: toTerms(coupon),
  outcome:
    typeof quoted === 'bigint' ? { $case: 'discountAmount', value: quoted } : { $case: 'refusal', value: quoted },
});

const toTerms = ({ terms, expiresAtMs }: Coupon): QuotedTerms => ({
  name: terms.name,
  discountType: terms.discountType,
  discountValue: terms.discountValue,
  minimumOrderAmount: terms.minimumOrderAmount,
  maxDiscountAmount: terms.maxDiscountAmount ?? undefined,
  storeId: terms.eligibleStoreId ?? undefined,
  expiresAt: new Date(expiresAtMs),
});

/** The largest discount first; of equal ones the one that expires first, so that the user keeps the other. */
export function bestFirst(a: Outcome, b: Outcome): number {
  const [discountA, discountB] = [discountIn(a), discountIn(b)];
  if (discountA !== discountB) return discountA > discountB ? -1 : 1;
  return expiryOf(a) - expiryOf(b);
}

const discountIn = ({ outcome }: Outcome): bigint => (outcome?.$case === 'discountAmount' ? outcome.value : 0n);
const expiryOf = ({ terms }: Outcome): number => terms?.expiresAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
