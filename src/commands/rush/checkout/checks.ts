import type { Check } from '../check.ts';
import type { CheckoutOutcome, Data } from './checkout-profile.ts';
import { isPaid } from './checkout-profile.ts';
import type { StoredBooks, StoredCheckout } from './stored-books.ts';

/** The stock and balances before the first order. */
export interface Before {
  readonly users: number;
  readonly couponUsers: number;
  /** Points that each user had. */
  readonly charged: number;
  readonly price: number;
}

/** Compares the responses with the expected outcome and with the stored data. */
export function checkBooks(outcomes: readonly CheckoutOutcome[], books: StoredBooks, before: Before): readonly Check[] {
  const paid = outcomes.filter(isPaid);
  return [
    exactCount(paid, books, before.users),
    everyAcknowledgedStored(paid, books),
    money(books, before),
    units(books, before.users),
    coupons(books, before.couponUsers),
  ];
}

const isPaidFor = ({ status }: StoredCheckout): boolean => status === 'PAID';

function exactCount(paid: readonly Data[], { orders }: StoredBooks, users: number): Check {
  const stored = orders.filter(isPaidFor).length;
  const ok = paid.length === users && stored === users && orders.length === users;
  return {
    name: 'every order PAID',
    ok,
    detail: `${paid.length} acknowledged, ${stored} PAID of ${orders.length} stored, ${users} due`,
  };
}

function everyAcknowledgedStored(paid: readonly Data[], { orders }: StoredBooks): Check {
  const byId = new Map(orders.map((order) => [order.id, order]));
  const wrong = paid.filter(({ user, data }) => {
    const order = byId.get(data.orderId);
    return (
      order?.userId !== user ||
      !isPaidFor(order) ||
      order.couponDiscount !== data.couponDiscount ||
      order.pointsUsed !== data.pointsUsed ||
      order.subtotal - order.couponDiscount - order.pointsUsed !== data.total
    );
  });
  const [example] = wrong;
  const detail = example
    ? `${wrong.length} differ from their response, such as order ${example.data.orderId}`
    : `${paid.length} stored as in their response`;
  return { name: 'every acknowledged payment in the database', ok: wrong.length === 0, detail };
}

/** Points are spent as payment and as a discount; both are taken from the same accounts. */
function money({ orders, points }: StoredBooks, { users, charged, price }: Before): Check {
  const paid = orders.filter(isPaidFor);
  const spent = paid.reduce((sum, { subtotal, couponDiscount }) => sum + subtotal - couponDiscount, 0);
  const priced = paid.every(({ subtotal }) => subtotal === price);
  const ok = priced && points.held === 0 && points.balance + spent === users * charged;
  return {
    name: 'points spent are what orders cost',
    ok,
    detail: `${users * charged} charged = ${points.balance} left + ${spent} spent, ${points.held} held`,
  };
}

function units({ orders, product }: StoredBooks, users: number): Check {
  const { supplied, stock, reserved, sold } = product;
  const ok = supplied === users && stock + reserved + sold === supplied && sold === orders.filter(isPaidFor).length;
  return {
    name: 'units sold are what was ordered',
    ok,
    detail: `${supplied} supplied = ${stock} in stock + ${reserved} reserved + ${sold} sold`,
  };
}

function coupons({ orders, couponsUsed }: StoredBooks, couponUsers: number): Check {
  const discounted = orders.filter((order) => isPaidFor(order) && order.couponDiscount > 0).length;
  const ok = couponsUsed === couponUsers && discounted === couponUsers;
  return {
    name: 'coupons used are those of paid orders',
    ok,
    detail: `${couponsUsed} used, ${discounted} discounts, ${couponUsers} due`,
  };
}
