import type { PlantedBug } from './bugs.ts';

const APPLICATION = 'src/contexts/order/application';
const CHECKOUT_TEST = ['test/checkout/checkout.int.test.ts'];

/** In how orders are driven through their steps. */
export const DRIVING_BUGS: readonly PlantedBug[] = [
  {
    name: 'driving: memory refuses who has an order already',
    file: `${APPLICATION}/place-order.ts`,
    search: 'if (gone && !(await placedBefore.ask(request)))',
    replace: 'if (gone)',
    tests: CHECKOUT_TEST,
    only: 'hot sale',
  },
  {
    name: 'driving: memory refuses buyers without a look-up',
    file: `${APPLICATION}/place-order.ts`,
    search: 'if (gone && !soldOut.mayBePlaced(request.userId, request.items, nowMs))',
    replace: 'if (gone)',
    tests: CHECKOUT_TEST,
    only: 'sold-out sale',
  },
  {
    name: 'driving: buyers are remembered although a unit came back',
    file: 'src/contexts/order/domain/units.ts',
    search: 'sale.stock === 0 ? sale.restocks + 1 : sale.restocks',
    replace: 'sale.restocks',
    tests: CHECKOUT_TEST,
    only: 'sold-out sale',
  },
  {
    name: 'driving: buyers of before a restock are kept',
    file: `${APPLICATION}/sold-out-memory.ts`,
    search: 'if (fact.sale.restocks !== sale.restocks) keepBuyers(fact, undefined);',
    replace: '',
    tests: CHECKOUT_TEST,
    only: 'sold-out sale',
  },
  {
    name: 'driving: buyers that were read before a restock are believed',
    file: `${APPLICATION}/sold-out-memory.ts`,
    search: 'if (known !== undefined && known.sale.restocks > timeSale.restocks) return;',
    replace: '',
    tests: [`${APPLICATION}/sold-out-memory.test.ts`],
  },
  {
    name: 'driving: buyers are believed after an order that may have been committed failed',
    file: `${APPLICATION}/sold-out-memory.ts`,
    search: 'if (fact.readAtMs < askedAtMs) keepBuyers(fact, undefined);',
    replace: '',
    tests: [`${APPLICATION}/sold-out-memory.test.ts`],
  },
  {
    name: 'driving: units that come back stay sold out in memory',
    file: `${APPLICATION}/sold-out-memory.ts`,
    search: 'facts.delete(sale.id);\n    if (sale.stock > 0) {\n      if (known) drop(known);\n      return;',
    replace: 'if (sale.stock > 0) {\n      return;',
    tests: [`${APPLICATION}/sold-out-memory.test.ts`],
  },
  {
    name: 'driving: points that were refused may be taken by another driver',
    file: 'src/contexts/point/domain/order-steps.ts',
    search: "if (!present) release(desk, { kind: 'RELEASE', userId, orderId });",
    replace: '',
    tests: ['test/checkout/pay-points.int.test.ts'],
  },
  {
    name: 'driving: a coupon that a late payment used is not given back',
    file: `${APPLICATION}/perform-step.ts`,
    search: 'isRestored(await coupon.restoreCoupon({ couponId, orderId, unpaid: true }));',
    replace: '',
    tests: CHECKOUT_TEST,
    only: 'late payment',
  },
  {
    name: 'driving: a coupon that is reserved too late is kept',
    file: `${APPLICATION}/drive.ts`,
    search: "action.kind !== 'RESERVE_COUPON' || state.status !== 'ENDED'",
    replace: "action.kind !== 'RESERVE_COUPON' || state.status === 'ENDED'",
    tests: CHECKOUT_TEST,
    only: 'too late',
  },
  {
    name: 'driving: nobody resumes refunds',
    file: `${APPLICATION}/scheduled/resume-orders.ts`,
    search: 'const refunds = await reader.dueRefunds(nowMs, PAGE);',
    replace: 'const refunds: Refund[] = [];',
    tests: CHECKOUT_TEST,
    only: 'cannot take yet',
  },
];
