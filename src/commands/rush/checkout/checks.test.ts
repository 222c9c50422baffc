import { expect, test } from 'vitest';
import type { CheckoutOutcome } from './checkout-profile.ts';
import { type Before, checkBooks } from './checks.ts';
import type { StoredBooks, StoredCheckout } from './stored-books.ts';

const amounts = { subtotal: 12_000, couponDiscount: 0, pointsUsed: 0 };
const withCoupon = { subtotal: 12_000, couponDiscount: 5_000, pointsUsed: 500 };
const amountsOf = (number: number) => (number === 1 ? withCoupon : amounts);

const paid = (number: number): CheckoutOutcome => ({
  client: number,
  step: 1,
  user: `u${number}`,
  status: 201,
  code: undefined,
  data: {
    orderId: `o${number}`,
    status: 'PAID',
    ...amountsOf(number),
    total: number === 1 ? 6_500 : 12_000,
  },
  beganMs: number,
  firstSentMs: number,
  sentMs: number,
  respondedMs: number + 0.5,
  attempts: 1,
});
const stored = (number: number): StoredCheckout => ({
  id: `o${number}`,
  userId: `u${number}`,
  status: 'PAID',
  ...amountsOf(number),
});

const BEFORE: Before = { users: 3, couponUsers: 1, charged: 20_000, price: 12_000 };
const PAID = [paid(1), paid(2), paid(3)];
const ORDERS = [stored(1), stored(2), stored(3)];
const BOOKS: StoredBooks = {
  orders: ORDERS,
  product: { supplied: 3, stock: 0, reserved: 0, sold: 3 },
  points: { balance: 60_000 - 7_000 - 12_000 - 12_000, held: 0 },
  couponsUsed: 1,
};
const wrong = (outcomes: readonly CheckoutOutcome[], books: Partial<StoredBooks> = {}): string[] =>
  checkBooks(outcomes, { ...BOOKS, ...books }, BEFORE).flatMap(({ name, ok }) => (ok ? [] : [name]));
const COUNT = 'every order PAID';
const ACKNOWLEDGED = 'every acknowledged payment in the database';
const MONEY = 'points spent are what orders cost';
const UNITS = 'units sold are what was ordered';
const COUPONS = 'coupons used are those of paid orders';

test('stored data that agrees with the responses passes every check', () => {
  expect(wrong(PAID)).toEqual([]);
});

test('an order whose response was not PAID, or that is not stored as PAID, is found', () => {
  expect(wrong([paid(1), paid(2)])).toEqual([COUNT]);
  const unpaid = { ...stored(3), status: 'RESERVED' };
  expect(wrong(PAID, { orders: [stored(1), stored(2), unpaid] })).toEqual([COUNT, ACKNOWLEDGED, MONEY, UNITS]);
});

test('an order of another user, or with another total than the response, is found', () => {
  expect(wrong(PAID, { orders: [stored(1), stored(2), { ...stored(3), userId: 'u1' }] })).toEqual([ACKNOWLEDGED]);
  expect(wrong(PAID, { orders: [stored(1), stored(2), { ...stored(3), pointsUsed: 1 }] })).toEqual([ACKNOWLEDGED]);
});

test('a point that is gone, or still held, is found', () => {
  expect(wrong(PAID, { points: { balance: BOOKS.points.balance - 1, held: 0 } })).toEqual([MONEY]);
  expect(wrong(PAID, { points: { balance: BOOKS.points.balance, held: 500 } })).toEqual([MONEY]);
});

test('a unit that is lost or still reserved is found', () => {
  expect(wrong(PAID, { product: { supplied: 3, stock: 0, reserved: 1, sold: 2 } })).toEqual([UNITS]);
  expect(wrong(PAID, { product: { supplied: 3, stock: 1, reserved: 0, sold: 3 } })).toEqual([UNITS]);
});

test('a coupon that gave no discount, or a discount without a coupon, is found', () => {
  expect(wrong(PAID, { couponsUsed: 0 })).toEqual([COUPONS]);
  expect(wrong(PAID, { couponsUsed: 2 })).toEqual([COUPONS]);
});
