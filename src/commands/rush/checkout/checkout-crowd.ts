import type { Crowd } from '../crowd.ts';
import type { Outcome } from '../history.ts';
import { readOrder, type ToldOrder } from '../order-answer.ts';
import { bytesOf, packRequests, postText } from '../requests.ts';

export type CheckoutOutcome = Outcome<ToldOrder>;
export interface Told extends CheckoutOutcome {
  readonly told: ToldOrder;
}
export const isOrdered = (outcome: CheckoutOutcome): outcome is Told =>
  outcome.step === 0 && outcome.status === 201 && outcome.told?.status === 'RESERVED';
export const isPaid = (outcome: CheckoutOutcome): outcome is Told =>
  outcome.step === 1 && outcome.status === 201 && outcome.told?.status === 'PAID';

/** What users with a coupon use of their points beside it. */
const USED_POINTS = 500;

/** Orders of one unit of a product, each paid with points as soon as it is answered. */
export function checkoutCrowd(spec: {
  readonly url: URL;
  readonly productId: string;
  readonly firstUser: bigint;
  readonly tokenOfIndex: readonly string[];
  /** By the index of the user. */
  readonly coupons: ReadonlyMap<number, string>;
}): Crowd<ToldOrder> {
  const { url, productId, firstUser, tokenOfIndex, coupons } = spec;
  const token = (asker: number): string => tokenOfIndex[asker] ?? '';
  const request = packRequests(tokenOfIndex.length, (asker) => {
    const couponId = coupons.get(asker);
    const taken = couponId === undefined ? {} : { couponId, usePoints: USED_POINTS };
    const body = JSON.stringify({ items: [{ productId, quantity: 1 }], ...taken });
    return postText(url, { path: '/api/v1/orders', token: token(asker), key: 'rush', body });
  });
  return {
    askers: tokenOfIndex.length,
    user: (asker) => (firstUser + BigInt(asker)).toString(),
    request,
    read: readOrder,
    follow(outcome) {
      if (!isOrdered(outcome)) return undefined;
      const body = `{"orderId":"${outcome.told.orderId}","method":"POINTS"}`;
      return bytesOf(postText(url, { path: '/api/v1/payments', token: token(outcome.asker), key: 'rush', body }));
    },
  };
}
