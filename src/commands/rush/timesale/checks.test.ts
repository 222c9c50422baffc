import { expect, test } from 'vitest';
import type { BuyerOutcome } from './buyer-profile.ts';
import { checkSale, type Offer } from './checks.ts';
import type { StoredOrder, StoredSale } from './stored-sale.ts';

const bought = (number: number): BuyerOutcome => ({
  client: number,
  step: 0,
  user: `u${number}`,
  status: 201,
  code: undefined,
  data: {
    orderId: `o${number}`,
    status: 'RESERVED',
    subtotal: 9_900,
    couponDiscount: 0,
    pointsUsed: 0,
    total: 9_900,
  },
  beganMs: number,
  firstSentMs: number,
  sentMs: number,
  respondedMs: number + 0.5,
  attempts: 1,
});
const refused = (number: number, code: string, user = `u${number}`): BuyerOutcome => ({
  ...bought(number),
  user,
  status: 409,
  code,
  data: undefined,
});
const stored = (number: number): StoredOrder => ({
  id: `o${number}`,
  userId: `u${number}`,
  status: 'RESERVED',
  quantity: 1,
  unitPrice: 9_900,
});
const OFFER: Offer = { units: 3, users: 5, limitPerUser: 1 };
const LATE = [refused(4, 'OUT_OF_STOCK'), refused(5, 'OUT_OF_STOCK')];
const TOLD = [bought(1), bought(2), bought(3), ...LATE];
const SALE: StoredSale = { stock: 0, reserved: 3, orders: [stored(1), stored(2), stored(3)] };

const wrong = (outcomes: readonly BuyerOutcome[], sale = SALE, offer = OFFER): string[] =>
  checkSale({ outcomes, unanswered: 0, retries: { transport: 0, busy: 0 } }, sale, offer).flatMap(({ name, ok }) =>
    ok ? [] : [name],
  );
const COUNT = 'exactly the available units';
const LIMIT = 'no user above 1';
const ONLY_OWNERS = 'only users with an order are refused by the limit';
const ACKNOWLEDGED = 'every acknowledged order in the database, at the sale price';
const ORDER = 'no order sent after a sold-out response succeeded';

test('a history that agrees with the database passes every check', () => {
  expect(wrong(TOLD)).toEqual([]);
});

test('a unit too many is found, acknowledged or only stored', () => {
  expect(wrong([...TOLD, bought(3.1)])).toContain(COUNT);
  expect(wrong(TOLD, { ...SALE, reserved: 4, orders: [...SALE.orders, stored(4)] })).toEqual([COUNT]);
});

test('an unsold unit is found when there were enough users', () => {
  expect(wrong(TOLD, { ...SALE, stock: 1, reserved: 2, orders: [stored(1), stored(2)] })).toContain(COUNT);
  expect(wrong(TOLD, SALE, { ...OFFER, units: 4 })).toEqual([COUNT]);
});

test('a second order of the same user is found', () => {
  const twice = { ...stored(3), userId: 'u1' };
  expect(wrong(TOLD, { ...SALE, orders: [stored(1), stored(2), twice] })).toContain(LIMIT);
});

test('a refusal by the limit for a user without an order is found', () => {
  expect(wrong([...TOLD, refused(1.1, 'PURCHASE_LIMIT_EXCEEDED', 'u1')])).toEqual([]);
  expect(wrong([...TOLD, refused(1.1, 'PURCHASE_LIMIT_EXCEEDED', 'u4')])).toEqual([ONLY_OWNERS]);
});

test('an acknowledged order that is missing, is another user’s or has another price is found', () => {
  expect(wrong(TOLD, { ...SALE, orders: [stored(1), stored(2)] })).toContain(ACKNOWLEDGED);
  expect(wrong(TOLD, { ...SALE, orders: [stored(1), stored(2), { ...stored(3), userId: 'u4' }] })).toEqual([
    ACKNOWLEDGED,
  ]);
  expect(wrong(TOLD, { ...SALE, orders: [stored(1), stored(2), { ...stored(3), unitPrice: 12_000 }] })).toEqual([
    ACKNOWLEDGED,
  ]);
});

test('an order that was sent after a sold-out response, and succeeded, is found', () => {
  const early = { ...refused(4, 'OUT_OF_STOCK'), respondedMs: 2.9 };
  expect(wrong([bought(1), bought(2), bought(3), early, refused(5, 'OUT_OF_STOCK')])).toEqual([ORDER]);
});
