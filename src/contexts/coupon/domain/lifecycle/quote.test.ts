import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COUPON, HOLD_MS, RESERVED, r1, snapshotOf, used } from '../../test/lifecycle-situation.ts';
import { NOW_MS, policy, terms } from '../../test/policies.ts';
import type { Coupon, Reservation } from './coupon.ts';
import type { Cart } from './discount.ts';
import { decideLifecycle } from './lifecycle.ts';
import type { LifecycleOutcome } from './lifecycle-decision.ts';
import { couponToIssue, quoteOf } from './quote.ts';
import { RESERVATIONS_MAX } from './reserve.ts';

/** Few values, so that limits are met exactly, and from both sides. */
const amount = fc.bigInt({ min: 1n, max: 6n }).map((steps) => steps * 500n);
const storeId = fc.constantFrom(null, 3n, 4n);
const anyTerms = fc
  .record({
    discountType: fc.constantFrom('FIXED_AMOUNT' as const, 'PERCENTAGE' as const),
    discountValue: fc.constantFrom(1n, 1_500n, 3_333n, 10_000n),
    minimumOrderAmount: fc.oneof(fc.constant(0n), amount),
    maxDiscountAmount: fc.option(amount, { nil: null }),
    eligibleStoreId: storeId,
    isSuspended: fc.constantFrom(false, false, false, true),
  })
  .map((changed) => ({ ...COUPON.terms, ...changed }));
const anyCart = fc.array(fc.record({ storeId, amount }), { minLength: 1, maxLength: 4 }).map(
  (
    lines,
  ): Cart & {
    readonly orderAmount: bigint;
  } => ({ orderAmount: lines.reduce((sum, line) => sum + line.amount, 0n), lines }),
);
const expiresAtMs = fc.constantFrom(NOW_MS - 1, NOW_MS, NOW_MS + 1, NOW_MS + 86_400_000);
const anySituation = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ state: { status: 'ISSUED' } as const, reservation: undefined }) },
  expiresAtMs.map((endsAtMs) => ({ state: RESERVED, reservation: r1('PENDING', { expiresAtMs: endsAtMs }) })),
  fc.constant({ state: used(null), reservation: undefined }),
  fc.constant({ state: { status: 'EXPIRED' } as const, reservation: undefined }),
  fc.constant({ state: { status: 'CANCELLED', returned: true } as const, reservation: undefined }),
);

const reserveNow = (
  coupon: Coupon,
  reservation: Reservation | undefined,
  held: readonly Reservation[],
  cart: Cart & { readonly orderAmount: bigint },
): LifecycleOutcome | undefined => {
  const snapshot = snapshotOf({ coupon, ...(reservation && { reservation }) });
  const reservations = new Map([...snapshot.reservations, ...held.map((each) => [each.id, each] as const)]);
  const command = {
    kind: 'RESERVE' as const,
    reservationId: 'new',
    couponId: coupon.id,
    userId: coupon.userId,
    orderId: null,
    ...cart,
  };
  return decideLifecycle({ ...snapshot, reservations }, [command], NOW_MS, HOLD_MS).outcomes[0];
};

it('a quote is what reserving the coupon takes off, and refuses for the same reason', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      anyTerms,
      anyCart,
      anySituation,
      expiresAtMs,
      fc.constantFrom(0, 0, 0, RESERVATIONS_MAX - 1, RESERVATIONS_MAX),
      (couponTerms, cart, { state, reservation }, couponEndsAtMs, others) => {
        const coupon: Coupon = { ...COUPON, terms: couponTerms, state, expiresAtMs: couponEndsAtMs };
        const held = Array.from({ length: others }, (_, index) =>
          r1('PENDING', { id: `other-${index}`, couponId: BigInt(100 + index), orderId: null }),
        );
        const heldUntilMs = reservation?.expiresAtMs ?? null;
        const holds = others + (heldUntilMs !== null && heldUntilMs > NOW_MS ? 1 : 0);
        const quoted = quoteOf({ coupon, heldUntilMs }, cart, holds, NOW_MS);
        const outcome = reserveNow(coupon, reservation, held, cart);
        if (typeof quoted === 'bigint') {
          seen.add('discount');
          expect(outcome).toMatchObject({ kind: 'done', reservation: { discountAmount: quoted } });
        } else {
          seen.add(quoted.code);
          expect(outcome).toEqual({ kind: 'refused', refusal: quoted });
        }
      },
    ),
    { numRuns: 3_000 },
  );
  // Every rule was met.
  expect([...seen].sort()).toEqual([
    'COUPON_ALREADY_USED',
    'COUPON_EXPIRED',
    'COUPON_NOT_APPLICABLE',
    'COUPON_NOT_AVAILABLE',
    'MINIMUM_ORDER_NOT_MET',
    'POLICY_SUSPENDED',
    'RESERVATION_CONFLICT',
    'discount',
  ]);
});

it('the coupon that a policy would issue has its discount, store and expiry', () => {
  const expireAt = new Date(NOW_MS + 1);
  const share = { discountType: 'PERCENTAGE' as const, discountValue: 1_000n, maxDiscountAmount: 700n };
  const offered = policy(9n, { terms: terms({ ...share, storeId: 3n, validDays: undefined, expireAt }) });
  const coupon = couponToIssue(offered, 7n, NOW_MS);
  const lines = [
    { storeId: 3n, amount: 5_000n },
    { storeId: null, amount: 90_000n },
  ];
  const quote = (nowMs: number) => quoteOf({ coupon, heldUntilMs: null }, { orderAmount: 95_000n, lines }, 0, nowMs);
  expect(quote(NOW_MS)).toBe(500n);
  expect(quote(NOW_MS + 1)).toMatchObject({ code: 'COUPON_EXPIRED' });
});
