import type { Outcome } from '../history.ts';
import type { LoadProfile } from '../load-profile.ts';
import { type OrderData, readOrder } from '../order-response.ts';
import { bytesOf, packRequests, postText } from '../requests.ts';

export type CheckoutOutcome = Outcome<OrderData>;
export interface Data extends CheckoutOutcome {
  readonly data: OrderData;
}
export const isOrdered = (outcome: CheckoutOutcome): outcome is Data =>
  outcome.step === 0 && outcome.status === 201 && outcome.data?.status === 'RESERVED';
export const isPaid = (outcome: CheckoutOutcome): outcome is Data =>
  outcome.step === 1 && outcome.status === 201 && outcome.data?.status === 'PAID';

/** The points that users with a coupon use in addition. */
const USED_POINTS = 500;

/** Orders of one unit of a product, each paid with points as soon as it is acknowledged. */
export function checkoutProfile(spec: {
  readonly url: URL;
  readonly productId: string;
  readonly firstUser: bigint;
  readonly tokenOfIndex: readonly string[];
  /** By the index of the user. */
  readonly coupons: ReadonlyMap<number, string>;
}): LoadProfile<OrderData> {
  const { url, productId, firstUser, tokenOfIndex, coupons } = spec;
  const token = (client: number): string => tokenOfIndex[client] ?? '';
  const request = packRequests(tokenOfIndex.length, (client) => {
    const couponId = coupons.get(client);
    const taken = couponId === undefined ? {} : { couponId, usePoints: USED_POINTS };
    const body = JSON.stringify({ items: [{ productId, quantity: 1 }], ...taken });
    return postText(url, { path: '/api/v1/orders', token: token(client), key: 'rush', body });
  });
  return {
    clients: tokenOfIndex.length,
    user: (client) => (firstUser + BigInt(client)).toString(),
    request,
    read: readOrder,
    follow(outcome) {
      if (!isOrdered(outcome)) return undefined;
      const body = `{"orderId":"${outcome.data.orderId}","method":"POINTS"}`;
      return bytesOf(postText(url, { path: '/api/v1/payments', token: token(outcome.client), key: 'rush', body }));
    },
  };
}
