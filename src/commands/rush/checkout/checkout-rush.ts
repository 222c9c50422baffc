import { PRICE } from '../create-product.ts';
import type { OrderData } from '../order-response.ts';
import { type Rush, type RushContext, sinceSent, sinceStart } from '../rush.ts';
import { type CheckoutOutcome, isOrdered, isPaid } from './checkout-profile.ts';
import { checkBooks } from './checks.ts';
import { CHARGED, prepareCheckouts } from './prepare-checkouts.ts';
import { readBooks } from './stored-books.ts';

/** One of this many users has a coupon, and uses it and points in addition to the payment. */
const COUPON_EVERY = 10;

const sinceOrdered = ({ respondedMs, beganMs }: CheckoutOutcome): number => respondedMs - beganMs;

/** Every user orders a unit and pays for it with points. */
export const checkoutRush =
  (users: number) =>
  async ({ system, tokens, connections, nowMs, firstUser, say }: RushContext): Promise<Rush<OrderData>> => {
    const couponUsers = Math.floor(users / COUPON_EVERY);
    say(`charging points for each of ${users.toLocaleString('en')} users, and coupons for ${couponUsers} …`);
    const spec = { url: system.url, tokens, connections, nowMs, firstUser, users, couponUsers };
    const { productId, policyId, profile } = await prepareCheckouts(spec);
    const books = { productId, policyId, users: [firstUser, firstUser + BigInt(users - 1)] as const };
    return {
      title: `${users.toLocaleString('en')} users order and pay with points (${couponUsers} with a coupon, too)`,
      profile,
      responsesExpected: 2 * users,
      facts: { productId, policyId, users, couponUsers },
      responses: [
        { name: 'ordered', includes: isOrdered, rate: { from: 'START', text: '/s' } },
        {
          name: 'paid',
          includes: isPaid,
          rate: { from: 'START', text: ' full checkouts/s from the start to the last' },
        },
      ],
      latencies: [
        { name: 'checkout, since the start', includes: isPaid, ms: sinceStart },
        { name: 'checkout, since its order left', includes: isPaid, ms: sinceOrdered },
        { name: 'order, since its request was sent', includes: isOrdered, ms: sinceSent },
        { name: 'payment, since its request was sent', includes: isPaid, ms: sinceSent },
      ],
      audit: { name: 'audit of everything', scope: {} },
      check: async ({ outcomes }, data) =>
        checkBooks(outcomes, await readBooks(data, books), {
          users,
          couponUsers,
          charged: CHARGED,
          price: PRICE,
        }),
    };
  };
