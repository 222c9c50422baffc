import { expect, it } from 'vitest';
import { order, payment, refund } from '../test/sample-decision.ts';
import { nextRefundStep, nextStep } from './next-step.ts';
import type { Order, OrderState, Payment, Refund } from './order.ts';

const ORDER = order(1n, { couponId: 9n, pointsUsed: 2_000n, couponDiscount: 3_000n });
const outside = payment(50n, 1n, { amount: 15_000n, providerRef: 'theirs' });
const byPoints: Payment = { ...outside, method: 'POINTS', providerRef: null };
const at = (state: OrderState): Order => ({ ...ORDER, state });
const taking = (step: 'TAKE_MONEY' | 'CONFIRM_COUPON' | 'CAPTURE_POINTS'): OrderState => ({
  status: 'RESERVED',
  step,
  paymentId: 50n,
});
const ending = (step: 'RELEASE_POINTS' | 'RELEASE_COUPON'): OrderState => ({
  status: 'ENDING',
  step,
  was: 'RESERVED',
  ending: { status: 'CANCELLED' },
});
const cart = { orderAmount: 20_000n, lines: [{ storeId: undefined, productId: 1n, amount: 20_000n }] };
const coupon = { reservationId: 'order:1', couponId: 9n, userId: 7n, orderId: '1' };

it.each([
  [{ status: 'PENDING', step: 'RESERVE_COUPON' }, outside, { kind: 'RESERVE_COUPON', ...coupon, ...cart }],
  [
    { status: 'PENDING', step: 'HOLD_POINTS' },
    outside,
    { kind: 'HOLD_POINTS', userId: 7n, orderId: '1', amount: 2_000n },
  ],
  [
    taking('TAKE_MONEY'),
    outside,
    { kind: 'REQUEST_PAYMENT', paymentId: 50n, orderId: 1n, userId: 7n, amount: 15_000n },
  ],
  [
    taking('TAKE_MONEY'),
    byPoints,
    { kind: 'SPEND_POINTS', paymentId: 50n, userId: 7n, orderId: '1:pay:50', amount: 15_000n },
  ],
  [taking('CONFIRM_COUPON'), outside, { kind: 'CONFIRM_COUPON', reservationId: 'order:1', couponId: 9n, userId: 7n }],
  [taking('CAPTURE_POINTS'), outside, { kind: 'CAPTURE_POINTS', userId: 7n, orderId: '1' }],
  [ending('RELEASE_POINTS'), outside, { kind: 'RELEASE_POINTS', userId: 7n, orderId: '1' }],
  [ending('RELEASE_COUPON'), outside, { kind: 'RELEASE_COUPON', ...coupon }],
  [{ status: 'RESERVED', step: null }, outside, null],
  [{ status: 'PAID', step: null, paymentId: 50n, paidAtMs: 1 }, outside, null],
] as const)('an order in state %s has the expected next step', (state, paying, expected) => {
  expect(nextStep(at(state), [paying])).toEqual(expected);
});

const back = (step: Refund['step']): Refund => refund(60n, 1n, { paymentId: 50n, money: 9_000n, points: 1_000n, step });
const points = { kind: 'REFUND_POINTS', userId: 7n, refundId: '60' };

it.each([
  ['MONEY', outside, { kind: 'REFUND_MONEY', refundId: 60n, paymentId: 50n, providerRef: 'theirs', amount: 9_000n }],
  ['MONEY', byPoints, { ...points, step: 'MONEY', orderId: '1:pay:50', amount: 9_000n }],
  ['POINTS', outside, { ...points, step: 'POINTS', orderId: '1', amount: 1_000n }],
  ['COUPON', outside, { kind: 'RESTORE_COUPON', couponId: 9n, orderId: '1' }],
  [null, outside, null],
] as const)('a refund at step %s has the expected next step', (step, paying, expected) => {
  expect(nextRefundStep(back(step), ORDER, paying)).toEqual(expected);
});

it('the next step of an order throws when its payment was not passed', () => {
  expect(() => nextStep(at(taking('TAKE_MONEY')), [])).toThrow('payment 50');
});
