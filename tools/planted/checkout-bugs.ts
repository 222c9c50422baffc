import type { PlantedBug } from './bugs.ts';

const DOMAIN = 'src/contexts/order/domain';

/** In what becomes of orders, their units and their money. */
export const CHECKOUT_BUGS: readonly PlantedBug[] = [
  {
    name: 'checkout: a unit sold in a sale is not sold of its product',
    file: `${DOMAIN}/units.ts`,
    search: 'desk.keepProduct({ ...product, sold });',
    replace: 'desk.keepProduct(product);',
    tests: [`${DOMAIN}/orders.test.ts`],
  },
  {
    name: 'checkout: units go back to a sale that is over',
    file: `${DOMAIN}/units.ts`,
    search: 'if (isOver(sale, desk.rules.nowMs)) {',
    replace: 'if (quantity < 0) {',
    tests: [`${DOMAIN}/refund.test.ts`],
  },
  {
    name: 'checkout: what a user has of a sale is not given back',
    file: `${DOMAIN}/units.ts`,
    search: 'desk.keepBought(timeSaleId, userId, bought - quantity);',
    replace: 'desk.keepBought(timeSaleId, userId, bought);',
    tests: [`${DOMAIN}/orders.test.ts`],
  },
  {
    name: 'checkout: the limit of a buyer counts one order only',
    file: `${DOMAIN}/place.ts`,
    search: 'if (bought + quantity > sale.limitPerUser)',
    replace: 'if (quantity > sale.limitPerUser)',
    tests: [`${DOMAIN}/place.test.ts`],
  },
  {
    name: 'checkout: an order may be paid after its time',
    file: `${DOMAIN}/pay.ts`,
    search: 'if (waits && nowMs < order.expiresAtMs) return undefined;',
    replace: 'if (waits) return undefined;',
    tests: [`${DOMAIN}/checkout.test.ts`],
  },
  {
    name: 'checkout: late money is kept',
    file: `${DOMAIN}/money.ts`,
    search: "if (state.status !== 'RESERVED') return false;",
    replace: "if (state.status === 'PENDING') return false;",
    tests: [`${DOMAIN}/checkout.test.ts`],
  },
  {
    name: 'checkout: money overtakes points that are being taken',
    file: `${DOMAIN}/money.ts`,
    search:
      "  return desk.payments(id).some((payment) => payment.id === state.paymentId && payment.method === 'EXTERNAL');",
    replace: '  return desk.payments(id).some((payment) => payment.id === state.paymentId);',
    tests: [`${DOMAIN}/checkout.test.ts`],
  },
  {
    name: 'checkout: a payment with points is given up',
    file: `${DOMAIN}/checkout-ending.ts`,
    search: "payment.id === state.paymentId && payment.method === 'EXTERNAL'",
    replace: 'payment.id === state.paymentId',
    tests: [`${DOMAIN}/checkout.test.ts`],
  },
  {
    name: 'checkout: a refund is counted from its own units',
    file: `${DOMAIN}/shares.ts`,
    search: 'return upTo(before + units) - upTo(before);',
    replace: 'return upTo(units);',
    tests: [`${DOMAIN}/shares.test.ts`],
  },
  {
    name: 'checkout: a rest is shared from the last on',
    file: `${DOMAIN}/shares.ts`,
    search: 'a.place - b.place',
    replace: 'b.place - a.place',
    tests: [`${DOMAIN}/shares.test.ts`],
  },
  {
    name: 'checkout: a command does not see the open orders before it',
    file: `${DOMAIN}/place.ts`,
    search: 'desk.changeOpenOrders(userId, 1);',
    replace: 'desk.changeOpenOrders(userId, 0);',
    tests: [`${DOMAIN}/place.test.ts`],
  },
  {
    name: 'checkout: money under two names is two',
    file: `${DOMAIN}/payment-name.ts`,
    search: "(status === 'PENDING' || status === 'FAILED')",
    replace: "status === 'COMPLETED'",
    tests: [`${DOMAIN}/money.test.ts`],
  },
  {
    name: "checkout: a refund's coupon comes back with its first part",
    file: `${DOMAIN}/refund.ts`,
    search: 'const restoresCoupon = whole && order.couponId !== null;',
    replace: 'const restoresCoupon = order.couponId !== null;',
    tests: [`${DOMAIN}/refund.test.ts`],
  },
];
