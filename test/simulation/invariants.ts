import { type Order, statusOf, totalOf } from '../../src/contexts/order/domain/order.ts';
import { answerProblems } from './answer-problems.ts';
import type { Answers } from './answers.ts';
import { chargeProblems } from './charge-problems.ts';
import type { Chronicle } from './chronicle.ts';
import { couponProblems } from './coupon-problems.ts';
import { earningProblems } from './earning-problems.ts';
import { isPaid } from './is-paid.ts';
import { moneyProblems } from './money-problems.ts';
import { pointProblems } from './point-problems.ts';
import type { World } from './world.ts';

/** Everything that must hold when nothing is left to do. */
export function problemsIn(world: World, answers: Answers, story: Chronicle): string[] {
  const orders = [...world.shop.orders.state.orders.values()];
  return [
    ...orders.flatMap((order) => orderProblems(world, order)),
    ...orders.flatMap((order) => factProblems(story, world, order)),
    ...saleProblems(world, orders),
    ...couponProblems(world.shop),
    ...pointProblems(world.shop, answers),
    ...moneyProblems(world),
    ...chargeProblems(world, answers),
    ...earningProblems(world.shop),
    ...answerProblems(world.shop, answers, story),
  ];
}

function orderProblems({ shop }: World, order: Order): string[] {
  const problems: string[] = [];
  const { id, state, lines, resumeAtMs } = order;
  const status = statusOf(state);
  const check = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`order ${id} (${status}): ${problem}`);
  };
  check(state.status === 'ENDED' || isPaid(order), `not at its end: ${state.status} ${state.step ?? ''}`);
  check(resumeAtMs === Number.POSITIVE_INFINITY, 'the scheduler is still to look at it');
  const sums = { coupon: 0n, points: 0n, cost: 0n };
  for (const line of lines) {
    const cost = line.unitPrice * BigInt(line.quantity);
    sums.coupon += line.couponDiscount;
    sums.points += line.pointsUsed;
    sums.cost += cost;
    check(line.couponDiscount + line.pointsUsed <= cost, `line ${line.line}: shares above its price`);
    check(line.refundedQuantity <= line.quantity, `line ${line.line}: too many refunded`);
    check(isPaid(order) || line.refundedQuantity === 0, `line ${line.line}: refunded`);
  }
  check(sums.cost === order.subtotal, 'lines do not add up');
  check(sums.coupon === order.couponDiscount, 'shares of the coupon do not add up');
  check(sums.points === order.pointsUsed, 'shares of points do not add up');
  check(totalOf(order) >= 0n, 'total below 0');
  const refunds = [...shop.orders.state.refunds.values()].filter(({ orderId }) => orderId === id);
  check(
    refunds.every(({ step, resumeAtMs: at }) => step === null && at === Number.POSITIVE_INFINITY),
    'a refund is not at its end',
  );
  const asked = refunds.filter(({ key }) => key !== null);
  const sum = (of: 'money' | 'points') => asked.reduce((total, refund) => total + refund[of], 0n);
  check(sum('money') === order.refundedAmount, 'refunds do not add up to its money');
  check(sum('points') === order.refundedPoints, 'refunds do not add up to its points');
  const isWhole = lines.every(({ quantity, refundedQuantity }) => quantity === refundedQuantity);
  check(!isPaid(order) || (status === 'REFUNDED') === isWhole, 'refunded whole or not');
  if (status === 'REFUNDED') {
    check(order.refundedAmount === totalOf(order), 'refunded whole, and not all its money');
    check(order.refundedPoints === order.pointsUsed, 'refunded whole, and not all its points');
  }
  return problems;
}

/** Each event once, and in the order of the changes. */
function factProblems(story: Chronicle, { shop }: World, order: Order): string[] {
  const all = story.factsOf(order.id);
  const facts = all.filter((topic) => topic.startsWith('order.')).join(' ');
  const refunds = [...shop.orders.state.refunds.values()].filter(
    ({ orderId, key }) => orderId === order.id && key !== null,
  );
  const isExternal = [...shop.orders.state.payments.values()].filter(
    ({ orderId, method }) => orderId === order.id && method === 'EXTERNAL',
  ).length;
  const ends: Readonly<Record<string, RegExp>> = {
    PAID: /^order\.reserved order\.paid( order\.refunded)*$/,
    REFUNDED: /^order\.reserved order\.paid( order\.refunded)+$/,
    CANCELLED: /^order\.reserved order\.cancelled$/,
    FAILED: /^(order\.reserved )?order\.cancelled$/,
    EXPIRED: /^(order\.reserved )?order\.expired$/,
  };
  const status = statusOf(order.state);
  const problems: string[] = [];
  if (!ends[status]?.test(facts)) problems.push(`order ${order.id} (${status}) has the events: ${facts}`);
  const published = all.filter((topic) => topic === 'order.refunded').length;
  if (published !== refunds.length)
    problems.push(`order ${order.id}: ${refunds.length} refunds and ${published} events of refunds`);
  const news = all.filter((topic) => topic.startsWith('payment.')).length;
  if (news > isExternal) problems.push(`order ${order.id}: ${news} news of ${isExternal} payments`);
  return problems;
}

/** Nothing is reserved, and what is sold is what orders say. */
function saleProblems({ shop }: World, orders: readonly Order[]): string[] {
  const { products, timeSales, bought, dailySales } = shop.orders.state;
  const sold = new Map<string, number>();
  const add = (place: string, quantity: number) => sold.set(place, (sold.get(place) ?? 0) + quantity);
  for (const { userId, lines } of orders.filter(isPaid)) {
    for (const { productId, timeSaleId, quantity, refundedQuantity } of lines) {
      const kept = quantity - refundedQuantity;
      add(`product ${productId}`, kept);
      if (timeSaleId === null) continue;
      add(`time sale ${timeSaleId}`, kept);
      add(`bought ${timeSaleId} ${userId}`, kept);
    }
  }
  const problems: string[] = [];
  const equal = (place: string, is: number) => {
    const due = sold.get(place) ?? 0;
    if (is !== due) problems.push(`${place}: ${is} sold, by the orders ${due}`);
  };
  for (const { id, reserved, sold: is } of products.values()) {
    if (reserved !== 0) problems.push(`product ${id}: ${reserved} reserved without an order`);
    equal(`product ${id}`, is);
    const daily = [...dailySales.values()].filter(({ productId }) => productId === id);
    equal(
      `product ${id}`,
      daily.reduce((sum, { quantity }) => sum + quantity, 0),
    );
  }
  for (const { id, reserved, sold: is } of timeSales.values()) {
    if (reserved !== 0) problems.push(`time sale ${id}: ${reserved} reserved without an order`);
    equal(`time sale ${id}`, is);
  }
  for (const [place, is] of bought) equal(`bought ${place}`, is);
  return problems;
}
